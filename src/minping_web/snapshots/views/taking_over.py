"""Rounds held elsewhere: bring a sealed folder, see what would be made, propose it to a second person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError, Place
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.common.uploads import MOST_BYTES
from minping_web.snapshots.forms import BringForm, TakeOverForm
from minping_web.snapshots.selectors.brought import all_brought, plan_of
from minping_web.snapshots.services.taking_over import EDIT, Wanted, bring_zip, propose


def _whole(request: ScopedRequest) -> None:
    if not request.scope.reach(EDIT).whole:
        raise PermissionDenied(EDIT)


@page(EDIT, methods=("GET", "POST"))
def bring(request: ScopedRequest) -> HttpResponse:
    """What waits; bring another one: it is checked whole, and all its faults are told."""
    _whole(request)
    form, problems = BringForm(request.POST or None, request.FILES or None), []
    if request.method == "POST" and form.is_valid():
        try:
            sha256 = bring_zip(request.scope, _content(form.cleaned_data["file"]))
        except MinpingError as refused:
            problems = lines(refused.problems)
        else:
            messages.success(request, _("Checked without a fault. Nothing is entered yet."))
            return redirect("snapshots:taking_over_plan", sha256)
    context = {"form": form, "problems": problems, "waiting": all_brought()}
    status = 422 if request.method == "POST" else 200
    return render(request, "snapshots/taking_over.html", context, status=status)


def _content(file: Any) -> bytes:
    if file.size > MOST_BYTES:
        raise RefusedError.of("snapshots.zip_too_large", Place(key="file"))
    content: bytes = file.read()
    return content


@page(EDIT, methods=("GET", "POST"))
def plan(request: ScopedRequest, sha256: str) -> HttpResponse:
    """What taking it over would make; propose it."""
    _whole(request)
    found = plan_of(sha256)
    form, problems = TakeOverForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():
        asked = dict(form.cleaned_data)
        reason = asked.pop("reason")
        try:
            propose(request.scope, sha256, Wanted(**asked), reason=reason)
        except RefusedError as refused:
            problems = lines(refused.problems)
        else:
            messages.success(request, _("Proposed. A second person decides."))
            return redirect("approvals:inbox")
    context = {"plan": found, "form": form, "problems": problems}
    status = 422 if request.method == "POST" else 200
    return render(request, "snapshots/taking_over_plan.html", context, status=status)
