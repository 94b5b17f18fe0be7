"""What several pages share: one form page with all problems, acts without a form, a way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.functional import Promise

from minping_engine.errors import MinpingError
from minping_web.common.pages import ScopedRequest
from minping_web.common.problems import line, lines


@dataclass(frozen=True)
class Ask:
    """A page that asks one form."""

    title: str | Promise
    submit: str | Promise
    back: str
    lead: str | Promise = ""
    help: str | Promise = ""
    danger: bool = False


def asked_page(
    request: ScopedRequest, ask: Ask, form: forms.BaseForm, save: Callable[[], object], done: tuple[str, str]
) -> HttpResponse:
    """Show the form, or save and go to `done` = (note, address); 422 with everything that was wrong."""
    problems: list[Any] = []
    if form.is_bound and form.is_valid():
        try:
            save()
        except MinpingError as error:
            problems = lines(error.problems)
        else:
            messages.success(request, done[0])
            return redirect(done[1])
    status = 422 if problems or form.errors else 200
    context = {"ask": ask, "form": form, "problems": problems}
    return render(request, "channels/form.html", context, status=status)


def confirmed_page(
    request: ScopedRequest, ask: Ask, act: Callable[[], object], done: tuple[str, str]
) -> HttpResponse:
    """Ask once more, without fields; 422 with what was wrong."""
    return asked_page(request, ask, forms.Form(request.POST if request.method == "POST" else None), act, done)


def tried(
    request: ScopedRequest, act: Callable[[], object], note: str, route: str, *arguments: object
) -> HttpResponseRedirect:
    """Do something that has no form: a refusal becomes a note as well."""
    try:
        act()
    except MinpingError as error:
        for problem in error.problems:
            said = line(problem)
            messages.error(request, f"{said.what} {said.mend}")
    else:
        messages.success(request, note)
    return redirect(route, *arguments)
