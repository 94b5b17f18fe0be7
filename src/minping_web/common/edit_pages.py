"""What pages of lists and forms have in common: a text of the query, a page of rows, a form's round trip.

In: a request, rows or a form with what saves it. Out: a page of rows; a redirect, or "minping/form.html" with
all problems. Confirmations show "minping/confirm.html" with the same `title`, `lead`, `back` and `submit`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from minping_web.common.pages import ScopedRequest
from minping_web.common.problems import RefusedError, lines

ROWS = 50
"""Of a page of a list."""


def asked(request: ScopedRequest, name: str, most: int = 100) -> str:
    """A short text of the query string."""
    return request.GET.get(name, "").strip()[:most]


def paged(request: ScopedRequest, rows: Any) -> Page[Any]:
    """The wanted page of a list."""
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))


def edited(
    request: ScopedRequest,
    form: forms.Form,
    *,
    save: Callable[[], str],
    context: dict[str, Any],
    said: str = "",
    template: str = "minping/form.html",
) -> HttpResponse:
    """Show a form, or save it, say so and go where `save` leads; 422 with all problems when it is refused."""
    problems, status = [], 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                target = save()
            except RefusedError as refused:
                problems = lines(refused.problems)
            else:
                messages.success(request, said or _("Saved. The list of changes can undo this."))
                return redirect(target)
    found = {"form": form, "problems": problems, **context}
    return render(request, template, found, status=status)
