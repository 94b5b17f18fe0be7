"""The next dates that concern one person: rounds, previews, marks, choices, steps of coaching.

Whoever is assessed learns nothing of the days of a survey here: rounds are shown to who may see rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from minping_web.appraisals.selectors.raters import my_calls
from minping_web.choices.rules.phases import State as ChoiceState
from minping_web.choices.selectors.choices import choices_seen, own_candidacies
from minping_web.coaching.models import Step
from minping_web.coaching.rules.words import OPEN, PlanState
from minping_web.common.clock import now, today
from minping_web.common.scope import Scope
from minping_web.objections.selectors.previews import VIEW, open_previews
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.selectors.rounds import rounds_seen

MOST = 5
PREPARED = (SurveyRound.State.FIXED, SurveyRound.State.DRAWING, SurveyRound.State.DRAWN)


@dataclass(frozen=True)
class Coming:
    """A moment, what happens then, the page about it; `exact` where the hour counts."""

    at: datetime
    text: str | Promise
    about: str
    url: str
    exact: bool = True


def coming(scope: Scope) -> list[Coming]:
    """The next few, the nearest first."""
    found = [one for source in SOURCES for one in source(scope)]
    return sorted(found, key=lambda one: one.at)[:MOST]


def _day(day: object) -> datetime:
    """A day as a moment, for the order."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))  # type: ignore[arg-type]


def _rounds(scope: Scope) -> Iterator[Coming]:
    at = now()
    opening = Q(state__in=PREPARED, opens_at__gt=at)
    closing = Q(state=SurveyRound.State.OPEN, closes_at__gt=at)
    for one in rounds_seen(scope).filter(opening | closing).order_by("closes_at")[:MOST]:
        address = reverse("rounds:round", args=[one.pk])
        is_open = one.state == SurveyRound.State.OPEN
        text = _("Voting ends") if is_open else _("Voting begins")
        yield Coming(one.closes_at if is_open else one.opens_at, text, one.name, address)


def _previews(scope: Scope) -> Iterator[Coming]:
    if scope.may_everywhere(VIEW):
        for one in open_previews()[:MOST]:
            address = reverse("objections:preview", args=[one.run_id])
            text = _("Preview ends: last day for objections")
            yield Coming(_day(one.ends_on), text, one.run.round.name, address, exact=False)


def _marks(scope: Scope) -> Iterator[Coming]:
    if scope.may("appraisals.rate"):
        for one in my_calls(scope).filter(handed_in_at=None, call__ends_on__gte=today())[:MOST]:
            address = reverse("appraisals:mine")
            text = _("Last day for your marks")
            yield Coming(_day(one.call.ends_on), text, one.call.round.name, address, exact=False)


def _choices(scope: Scope) -> Iterator[Coming]:
    at = now()
    if scope.may("choices.view"):
        rows = choices_seen(scope).filter(state=ChoiceState.POSTED, choose_back_until__gt=at)
        for one in rows[:MOST]:
            address = reverse("choices:choice", args=[one.pk])
            chooses = one.choose_until > at
            text = _("People choose until") if chooses else _("Communities choose back until")
            yield Coming(one.choose_until if chooses else one.choose_back_until, text, one.name, address)
    if scope.person_id is not None and scope.may("choices.own"):
        mine = own_candidacies(scope).filter(choice__state=ChoiceState.POSTED, choice__choose_until__gt=at)
        for seat in mine[:MOST]:
            address, choice = reverse("choices:mine"), seat.choice
            yield Coming(choice.choose_until, _("People choose until"), choice.name, address)


def _steps(scope: Scope) -> Iterator[Coming]:
    """Steps of the own coaching that are not done."""
    if scope.person_id is None or not scope.may("results.own"):
        return
    agreed = [state for state in OPEN if state != PlanState.PROPOSED]
    rows = Step.objects.filter(
        plan__person=scope.person_id, plan__state__in=agreed, done_on=None, due_on__gte=today()
    )
    for one in rows.order_by("due_on")[:MOST]:
        address = reverse("coaching:mine")
        text = _("Step of your coaching")
        yield Coming(_day(one.due_on), text, one.get_kind_display(), address, exact=False)


SOURCES: tuple[Callable[[Scope], Iterator[Coming]], ...] = (_rounds, _previews, _marks, _choices, _steps)
