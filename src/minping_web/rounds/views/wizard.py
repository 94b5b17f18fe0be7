"""The steps of a draft and what each still lacks; pages that come too early or too late."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_engine.errors import Problem
from minping_web.common.pages import ScopedRequest
from minping_web.common.problems import ProblemLine, line
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.services.fixing import fix_problems

State = SurveyRound.State
EDIT, FIX = "rounds.edit", "rounds.fix"
STEPS: Mapping[str, str | Promise] = {
    "edit": _("What the round is about"), "questionnaires": _("Questionnaires"),
    "design": _("Sample"), "seed": _("Seed"),
}  # fmt: skip
"""Address of a step -> its name."""
BASICS = ("frame", "scheme", "closes_at", "opens_at", "level", "subject", "period")
SAMPLE = ("per_area", "wanted", "audiences", "special_ratio", "modes", "randomised_percent", "rest_rounds",
          "budget_fen")  # fmt: skip
PARTS: Mapping[str, str | Promise] = {
    "frame": _("Frame"), "scheme": _("Scheme"), "closes_at": _("Votes until"), "opens_at": _("Votes from"),
    "seed_source": _("Public draw that gives the seed"), "seed_on": _("Day of the public draw"),
    "seed_form": _("Spelling of the value"), "seed_fallback": _("If that draw does not take place"),
    "seed_fallback_form": _("Spelling of the other value"), "per_area": _("Units drawn in each area"),
    "wanted": _("Answers wanted in each area"), "audiences": _("Whom"), "modes": _("Ways of asking"),
    "randomised_percent": _("First way of asking by chance, per cent"),
    "special_ratio": _("Ordinary families to one special"),
    "rest_rounds": _("Rest after being drawn, in rounds"), "budget_fen": _("Budget for asking, yuan"),
    "questionnaires": "", "design": "",
}  # fmt: skip
"""Words for the keys of problems; a key that is a step of its own needs none."""
NOT_NOW: Mapping[str, str | Promise] = {
    State.DRAFT: _("The round is being prepared: two persons must fix it first."),
    State.FIXING: _("The round is being fixed: this takes some seconds."),
    State.FIXED: _("The round is fixed and waits for its public draw."),
    State.DRAWING: _("The sample is being drawn: this takes some minutes."),
    State.DRAWN: _("The sample is drawn, the round is not open yet."),
    State.OPEN: _("The round is open."),
    State.STOPPED: _("The round is stopped: no vote is taken."),
    State.CLOSING: _("The round is being closed."),
    State.CLOSED: _("The round is closed."),
    State.CANCELLED: _("This round was cancelled."),
}


@dataclass(frozen=True)
class Missing:
    """The same thing that is missing, at one or several places."""

    where: str
    what: str
    mend: str


@dataclass(frozen=True)
class Step:
    """One step of a draft."""

    name: str
    label: str | Promise
    url: str
    missing: Sequence[Missing]

    @property
    def is_done(self) -> bool:
        """Nothing of it keeps the round from being fixed."""
        return not self.missing


def steps_of_draft(request: ScopedRequest, found: SurveyRound) -> list[Step]:
    """Every step of a draft; none for who does not prepare it, or when it is fixed."""
    if found.state != State.DRAFT or not request.scope.may_everywhere(EDIT):
        return []
    problems = fix_problems(request.scope, found)
    return [
        Step(name, label, reverse(f"rounds:{name}", args=[found.pk]),
             _missing([one for one in problems if step_of(one) == name]))
        for name, label in STEPS.items()
    ]  # fmt: skip


def step_of(problem: Problem) -> str:
    """On which page a problem is mended; what a questionnaire lacks is told by many keys."""
    key = problem.place.key
    if key in BASICS or problem.code.startswith("scheme."):
        return "edit"
    if key.startswith("seed_"):
        return "seed"
    if key in SAMPLE or key.startswith(("quota_", "response_", "price_")) or key == "design":
        return "design"
    return "questionnaires"


def _missing(problems: Sequence[Problem]) -> list[Missing]:
    """In words; the same sentence for several fields stands once."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in (said_where(line(problem)) for problem in problems):
        found.setdefault((one.what, one.mend), []).append(one.where)
    comma = str(pgettext_lazy("between names", ", "))
    return [
        Missing(comma.join(dict.fromkeys(name for name in wheres if name)), what, mend)
        for (what, mend), wheres in found.items()
    ]


def said_where(found: ProblemLine) -> ProblemLine:
    """A problem of a draft with the field in words."""
    return replace(found, where=str(PARTS.get(found.where, found.where)))


def not_now(
    request: ScopedRequest, found: SurveyRound, title: str, states: Collection[str]
) -> HttpResponse | None:
    """The page that stands for one that its round does not need now, with the way on; None in its states.
    A form that is sent is left to its service, which tells what moved meanwhile."""
    if found.state in states or request.method == "POST":
        return None
    context = {"round": found, "title": title, "why": NOT_NOW[State(found.state)]}
    return render(request, "rounds/not_now.html", context, status=404)
