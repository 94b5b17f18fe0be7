"""The retention clocks of coaching: plans, pledges and stories go some years after their end.

Run nightly. Erasures are counted in `Forgotten` and sealed as a number; standings go with nothing but ids
of assessees and stay, because the ladder and the proofs read them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from minping_web.coaching.models import CoachingPlan, Forgotten, OtherCause, Pledge, ServiceStory
from minping_web.coaching.rules.words import OPEN, CauseState, PlanState, StoryState
from minping_web.common.clock import now, today
from minping_web.ledger.services import stage

ENTRY = "coaching.erased"
KEPT_YEARS = 3
"""After the end of a plan: as long as the yearly assessments that read it are open to objection and audit."""
KEPT_WITHOUT_HELP_YEARS = 1
"""A proposal that was declined or taken back says nothing about anybody."""


def erase_what_is_due() -> dict[str, int]:
    """All clocks; rows erased by clock."""
    erased = {}
    for clock, sweep in _SWEEPS.items():
        with transaction.atomic():
            rows = sweep()
            if rows:
                _note(clock, rows)
                erased[clock] = rows
    return erased


def years_ago(years: int) -> date:
    """The day so many years before today; 29 February counts as the 28th."""
    day = today()
    return (day - timedelta(days=1) if (day.month, day.day) == (2, 29) else day).replace(
        year=day.year - years
    )


def _note(clock: str, rows: int) -> None:
    made = Forgotten.objects.create(at=now(), clock=clock, rows=rows)
    stage(ENTRY, f"coaching-erasure-{made.pk}", {"clock": clock, "rows": rows, "on": today().isoformat()})


def _plans() -> int:
    never = Q(
        state__in=(PlanState.DECLINED, PlanState.WITHDRAWN), ended_on__lt=years_ago(KEPT_WITHOUT_HELP_YEARS)
    )
    helped = Q(ended_on__lt=years_ago(KEPT_YEARS)) & ~Q(state__in=OPEN)
    due = CoachingPlan.objects.filter(never | helped)
    rows = due.count()
    due.delete()
    return rows


def _causes() -> int:
    due = OtherCause.objects.filter(state=CauseState.SOLVED, changed_at__date__lt=years_ago(KEPT_YEARS))
    rows = due.count()
    due.delete()
    return rows


def _pledges() -> int:
    due = Pledge.objects.filter(year__lt=today().year - KEPT_YEARS)
    rows = due.count()
    due.delete()
    return rows


def _stories() -> int:
    gone = (StoryState.REFUSED, StoryState.WITHDRAWN)
    due = ServiceStory.objects.filter(state__in=gone, written_at__date__lt=years_ago(KEPT_WITHOUT_HELP_YEARS))
    rows = due.count()
    due.delete()
    return rows


_SWEEPS: dict[str, Callable[[], int]] = {
    "plans": _plans, "causes": _causes, "pledges": _pledges, "stories": _stories,
}  # fmt: skip
