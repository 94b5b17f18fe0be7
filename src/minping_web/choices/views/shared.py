"""What pages of two-way choice have in common: tell problems as messages, ask for a reason and act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from minping_web.choices.forms import ReasonForm
from minping_web.common.pages import ScopedRequest
from minping_web.common.problems import RefusedError, lines


def tried(request: ScopedRequest, act: Callable[[], object], said: str) -> bool:
    """Do it and say so, or tell all problems; whether it was done."""
    try:
        act()
    except RefusedError as refused:
        for line in lines(refused.problems):
            where = f"{line.where}: " if line.where else ""
            messages.error(request, f"{where}{line.what} {line.mend}")
        return False
    messages.success(request, said)
    return True


def with_reason(
    request: ScopedRequest, act: Callable[[str], object], *, said: str, target: str, **context: Any
) -> HttpResponse:
    """A page that asks for a reason; `context` holds title, lead, submit, back, danger."""
    form, problems, status = ReasonForm(request.POST or None), [], 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                act(form.cleaned_data["reason"])
            except RefusedError as refused:
                problems = lines(refused.problems)
            else:
                messages.success(request, said)
                return redirect(target)
    shown = {"form": form, "problems": problems, **context}
    return render(request, "choices/reason.html", shown, status=status)
