"""An act without a form, and a form that acts: do it, say so, or list everything that hinders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from minping_web.common.pages import ScopedRequest
from minping_web.common.problems import RefusedError, lines


def acted(request: ScopedRequest, act: Callable[[], object], *, said: str, back: str) -> HttpResponse:
    """Do it and go back; problems are told there."""
    try:
        act()
    except RefusedError as refused:
        for line in lines(refused.problems):
            messages.error(request, f"{line.what} {line.mend}")
    else:
        messages.success(request, said)
    return redirect(back)


def formed(
    request: ScopedRequest, form: forms.Form, act: Callable[[dict[str, Any]], object], **words: Any
) -> HttpResponse:
    """Show the form, or act on it; `words`: title, lead, submit, said, back."""
    problems = []
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except RefusedError as refused:
            problems = lines(refused.problems)
        else:
            messages.success(request, words["said"])
            return redirect(words["back"])
    status = 422 if problems or form.errors else 200
    return render(request, "rewards/act.html", {"form": form, "problems": problems, **words}, status=status)
