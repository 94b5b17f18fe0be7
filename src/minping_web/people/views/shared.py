"""What the pages of people have in common: a short text of the query, a form's round trip, pages of lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from minping_web.common.pages import ScopedRequest
from minping_web.common.problems import RefusedError, lines
from minping_web.people.models import Person
from minping_web.people.selectors import EDIT, people_now, people_seen

ROWS = 50


def asked(request: ScopedRequest, name: str) -> str:
    """A short text of the query string."""
    return request.GET.get(name, "").strip()[:100]


def paged(request: ScopedRequest, rows: Any) -> Page[Any]:
    """The wanted page of a list."""
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))


def edited(
    request: ScopedRequest, form: forms.Form, save: Callable[[], str], context: dict[str, Any]
) -> HttpResponse:
    """Show a form, or save it and go where `save` says; 422 with all problems when it is refused."""
    problems, status = [], 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                target = save()
            except RefusedError as refused:
                problems = lines(refused.problems)
            else:
                messages.success(request, _("Saved. The list of changes can undo this."))
                return redirect(target)
    found = {"form": form, "problems": problems, **context}
    return render(request, "people/form.html", found, status=status)


def tried(request: ScopedRequest, act: Callable[[], object], done: str) -> None:
    """Do something after a press of a button; a refusal becomes a note on the next page."""
    try:
        act()
    except RefusedError as refused:
        for line in lines(refused.problems):
            messages.error(request, f"{line.what} {line.mend}")
    else:
        messages.success(request, done)


def seen_or_404(request: ScopedRequest, pk: int) -> Person:
    """Somebody whom the scope may see."""
    found = people_seen(request.scope).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def edited_or_404(request: ScopedRequest, pk: int) -> Person:
    """Somebody whom the scope may edit."""
    found = people_now(request.scope, EDIT).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
