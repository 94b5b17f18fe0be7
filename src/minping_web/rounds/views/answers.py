"""What several pages of rounds share: a form page with its round above it, and acts without a form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise

from minping_engine.errors import MinpingError
from minping_web.common.pages import ScopedRequest
from minping_web.common.problems import line, lines
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.views.wizard import said_where, steps_of_draft


@dataclass(frozen=True)
class Ask:
    """A page that asks one form about a round (or, without one, about a new round)."""

    title: str | Promise
    submit: str | Promise
    lead: str | Promise = ""
    help: tuple[str | Promise, ...] = ()
    survey_round: SurveyRound | None = None
    danger: bool = False
    notice: str | Promise = ""
    facts: Sequence[tuple[str, str]] = ()
    """What is decided upon, to be read once more."""
    step: str = ""
    """Which step of a draft it is."""

    @property
    def back(self) -> str:
        """Where Cancel leads."""
        return page_of(self.survey_round) if self.survey_round else reverse("rounds:list")


def page_of(survey_round: SurveyRound) -> str:
    """The address of a round."""
    return reverse("rounds:round", args=[survey_round.pk])


def asked(
    request: ScopedRequest,
    ask: Ask,
    form: forms.Form,
    act: Callable[[], object],
    *,
    said: str,
    target: Callable[[], str] | None = None,
    template: str = "rounds/form.html",
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show a form, or act, say so and go on; 422 with all problems when it is refused."""
    problems, status = [], 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                act()
            except MinpingError as refused:
                problems = [said_where(one) for one in lines(refused.problems)]
            else:
                messages.success(request, said)
                return redirect(target() if target else ask.back)
    found = {"ask": ask, "form": form, "problems": problems, "round": ask.survey_round} | (context or {})
    if ask.step and ask.survey_round:
        found["wizard"] = steps_of_draft(request, ask.survey_round)
    return render(request, template, found, status=status)


def tried(request: ScopedRequest, act: Callable[[], object], said: str, target: str) -> HttpResponseRedirect:
    """Do something that has no form: a refusal becomes a note as well."""
    try:
        act()
    except MinpingError as refused:
        for problem in refused.problems:
            told = line(problem)
            messages.error(request, f"{told.what} {told.mend}")
    else:
        messages.success(request, said)
    return redirect(target)
