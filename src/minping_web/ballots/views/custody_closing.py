"""Closing a round: how far it is, ending the voting, bringing a key."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from minping_web.ballots.models import RoundClosing
from minping_web.ballots.selectors.closings import closing_page
from minping_web.ballots.selectors.paper import waiting_sheets
from minping_web.ballots.services import closing
from minping_web.ballots.services.custody import CUSTODIAN
from minping_web.ballots.views.custody_forms import KeyFileForm
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine, RefusedError, lines
from minping_web.places.selectors.areas import called_by_code

ROWS = 50


@page(CUSTODIAN)
def closing_state(request: ScopedRequest, round_id: int) -> HttpResponse:
    """The steps of one closing, who is custodian, what will be destroyed, what was counted."""
    found = closing_page(round_id)
    rows = found.closing.counts if found.closing else []
    areas = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    names = called_by_code(row["area"] for row in areas.object_list)
    areas.object_list = [{**row, "name": names.get(row["area"], "")} for row in areas.object_list]
    context = {
        "page": found,
        "round": found.round,
        "closing": found.closing,
        "problems": lines([found.problem]) if found.problem else [],
        "may_start": found.may_start and request.scope.may(closing.START),
        "is_holder": any(one.user_id == request.scope.user_id for one in found.holders),
        "brought": _brought(found.closing, request.scope.user_id),
        "areas": areas if rows else None,
    }
    return render(request, "ballots/closing.html", context)


def _brought(found: RoundClosing | None, user_id: int | None) -> bool:
    """Whether this user has brought a key already."""
    first = found.first_custodian if found else None
    return first is not None and first.user_id == user_id


@page(closing.START, methods=("GET", "POST"), fresh_factor=True)
def closing_start(request: ScopedRequest, round_id: int) -> HttpResponse:
    """End the voting, after a question."""
    found, problems = closing_page(round_id), list[ProblemLine]()
    if request.method == "POST":
        try:
            closing.start_closing(request.scope, round_id)
        except RefusedError as error:
            problems = lines(error.problems)
        else:
            messages.success(request, _("Voting has ended. Now two custodians bring their keys."))
            return redirect("ballots:closing", round_id=round_id)
    context = {
        "round": found.round, "page": found, "problems": problems, "paper": waiting_sheets(round_id),
    }  # fmt: skip
    return render(request, "ballots/closing_start.html", context, status=422 if problems else 200)


@sensitive_post_parameters()
@page(CUSTODIAN, methods=("GET", "POST"), fresh_factor=True)
def closing_key(request: ScopedRequest, round_id: int) -> HttpResponse:
    """A custodian brings the key file."""
    found = closing_page(round_id)
    form = KeyFileForm(request.POST or None, request.FILES or None)
    problems: list[ProblemLine] = []
    if form.is_valid():
        try:
            row = closing.bring_key(
                request.scope, round_id, form.cleaned_data["file"], form.cleaned_data["passphrase"]
            )
        except RefusedError as error:
            problems = lines(error.problems)
        else:
            messages.success(request, _said(row))
            return redirect("ballots:closing", round_id=round_id)
    status = 422 if problems or form.errors else 200
    context = {"round": found.round, "page": found, "form": form, "problems": problems}
    return render(request, "ballots/closing_key.html", context, status=status)


def _said(row: RoundClosing) -> str:
    if row.second_custodian_id:
        return _("Both keys are here: the count has begun.")
    return _("Your half is open. Now one of the two other custodians brings the second key.")
