"""What the pages of organisations and contracts have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render

from minping_web.common.pages import ScopedRequest
from minping_web.common.problems import RefusedError, lines

ROWS = 50


def asked(request: ScopedRequest, name: str) -> str:
    """A short text of the query string."""
    return request.GET.get(name, "").strip()[:100]


def edited(
    request: ScopedRequest, form: forms.Form, save: Callable[[], str], context: dict[str, Any]
) -> HttpResponse:
    """Show a form, or save it and go where `save` says; 422 with all problems when it is refused."""
    problems, status = [], 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                return redirect(save())
            except RefusedError as refused:
                problems = lines(refused.problems)
    found = {"form": form, "problems": problems, **context}
    return render(request, "organisations/form.html", found, status=status)
