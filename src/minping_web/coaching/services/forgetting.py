"""The sweeps of coaching's retention clocks: plans, causes, standings, courses, pledges, stories.

Run nightly. What is counted over periods (standings) goes with its publication's age, what was agreed with
its end. What rests on somebody's consent alone (stories, pledges) goes at once when that person asks.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from minping_web.coaching.models import CoachingPlan, Enrolment, OtherCause, Pledge, ServiceStory, Standing
from minping_web.coaching.rules.words import OPEN, CauseState, PlanState, StoryState
from minping_web.common.clock import today
from minping_web.common.retention import Clock, register_clocks, years_ago
from minping_web.ledger.services.erasing import run_clocks

ENTRY = "coaching.erased"
KEPT_YEARS = 3
"""After the end of a plan: as long as the yearly assessments that read it are open to objection and audit."""
KEPT_WITHOUT_HELP_YEARS = 1
"""A proposal that was declined or taken back says nothing about anybody."""
NEVER_HELPED = (PlanState.DECLINED, PlanState.WITHDRAWN)
NOT_SHOWN = (StoryState.OFFERED, StoryState.REFUSED, StoryState.WITHDRAWN)


def erase_what_is_due() -> dict[str, int]:
    """All clocks; rows erased by clock."""
    return run_clocks("coaching")


def _gone(due: QuerySet[Any]) -> int:
    rows = due.count()
    due.delete()
    return rows


def _plans() -> int:
    return _gone(CoachingPlan.objects.exclude(state__in=(*OPEN, *NEVER_HELPED)).filter(
        ended_on__lt=years_ago(KEPT_YEARS)))  # fmt: skip


def _proposals() -> int:
    short = years_ago(KEPT_WITHOUT_HELP_YEARS)
    return _gone(CoachingPlan.objects.filter(state__in=NEVER_HELPED, ended_on__lt=short))


def _plans_of(person_id: int) -> int:
    return _gone(CoachingPlan.objects.filter(person=person_id).exclude(state__in=OPEN))


def _causes() -> int:
    due = OtherCause.objects.filter(state=CauseState.SOLVED, changed_at__date__lt=years_ago(KEPT_YEARS))
    return _gone(due)


def _standings() -> int:
    """Of a correction and of what it corrected alike: the ladder counts fewer quarters than are kept."""
    return _gone(Standing.objects.filter(publication__published_at__date__lt=years_ago(KEPT_YEARS)))


def _standings_of(person_id: int) -> int:
    """Of somebody who left: the ladder asks about nobody else any more."""
    return _gone(Standing.objects.filter(person=person_id, person__left_on__lt=today()))


def _seats() -> int:
    return _gone(Enrolment.objects.filter(course__ends_on__lt=years_ago(KEPT_YEARS)))


def _seats_of(person_id: int) -> int:
    return _gone(Enrolment.objects.filter(person=person_id, course__ends_on__lt=today()))


def _pledges() -> int:
    return _gone(Pledge.objects.filter(year__lt=today().year - KEPT_YEARS))


def _pledges_of(person_id: int) -> int:
    return _gone(Pledge.objects.filter(person=person_id))


def _stories() -> int:
    return _gone(ServiceStory.objects.filter(
        state=StoryState.SHOWN, decided_at__date__lt=years_ago(KEPT_YEARS)))  # fmt: skip


def _stories_not_shown() -> int:
    """From the last word about it: the office's, else the day when it was written."""
    short = years_ago(KEPT_WITHOUT_HELP_YEARS)
    late = Q(decided_at__date__lt=short) | Q(decided_at=None, written_at__date__lt=short)
    return _gone(ServiceStory.objects.filter(late, state__in=NOT_SHOWN))


def _stories_of(person_id: int) -> int:
    return _gone(ServiceStory.objects.filter(person=person_id))


_LAW = _("PIPL, articles 19 and 47")
_CONSENT = _("PIPL, articles 15, 19 and 47: consent may be taken back at any time")
register_clocks(
    Clock("coaching.causes", ENTRY, _("Causes that are not the worker's, once solved"),
          _("the cause was solved"), _LAW, _causes, years=KEPT_YEARS),
    Clock("coaching.plans", ENTRY, _("Coaching plans with goals, steps and talks"), _("the end of the plan"),
          _LAW, _plans, years=KEPT_YEARS, forget=_plans_of),
    Clock("coaching.pledges", ENTRY, _("Pledges and what came of them"), _("the year that they are for"),
          _CONSENT, _pledges, years=KEPT_YEARS, forget=_pledges_of),
    Clock("coaching.proposals", ENTRY, _("Coaching plans that were declined or taken back"),
          _("the answer"), _LAW, _proposals, years=KEPT_WITHOUT_HELP_YEARS),
    Clock("coaching.seats", ENTRY, _("Who took part in which course"), _("the end of the course"), _LAW,
          _seats, years=KEPT_YEARS, forget=_seats_of),
    Clock("coaching.standings", ENTRY, _("Standings from which the ladder of help counts"),
          _("the result was published"), _LAW, _standings, years=KEPT_YEARS, forget=_standings_of),
    Clock("coaching.stories", ENTRY, _("Service stories that are shown"),
          _("the day when it was shown first"), _CONSENT, _stories, years=KEPT_YEARS, forget=_stories_of),
    Clock("coaching.unshown", ENTRY, _("Service stories that are not shown"),
          _("the office's answer, else the day when it was written"), _CONSENT, _stories_not_shown,
          years=KEPT_WITHOUT_HELP_YEARS),
)  # fmt: skip
