"""Which step of a plan may follow which, and what is missing before it: pure.

In: a plan's facts. Out: problems, all at once; none = it may be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minping_engine.errors import Place, Problem
from minping_web.coaching.rules.words import OPEN, PlanState

FOLLOWS: dict[str, frozenset[str]] = {
    PlanState.PROPOSED: frozenset({PlanState.AGREED, PlanState.DECLINED, PlanState.WITHDRAWN}),
    PlanState.AGREED: frozenset({PlanState.RUNNING, PlanState.DECLINED, PlanState.WITHDRAWN}),
    PlanState.RUNNING: frozenset({PlanState.ENDED}),
}


@dataclass(frozen=True)
class Facts:
    """What decides whether a plan may be shown to the worker, agreed on, ended."""

    state: str
    goals: int = 0
    steps: int = 0
    starts_on: date | None = None
    ends_on: date | None = None
    offered: bool = False
    partner_asked: bool = False


def may_become(state: str, wanted: str) -> bool:
    """Whether this state may follow."""
    return wanted in FOLLOWS.get(state, frozenset())


def missing_for_offer(facts: Facts) -> list[Problem]:
    """What a plan still lacks before the worker is asked: nobody agrees to an empty sheet."""
    checks = (
        (facts.state != PlanState.PROPOSED, "coaching.not_open"),
        (facts.goals == 0, "coaching.no_goal"),
        (facts.steps == 0, "coaching.no_step"),
        (facts.starts_on is None or facts.ends_on is None, "coaching.no_days"),
    )
    return [Problem(code, Place()) for wrong, code in checks if wrong]


def missing_for_agreement(facts: Facts) -> list[Problem]:
    """The worker agrees to what was offered."""
    if facts.state != PlanState.PROPOSED:
        return [Problem("coaching.not_open", Place())]
    return [] if facts.offered else [Problem("coaching.not_offered", Place())]


def wrong_days(starts_on: date | None, ends_on: date | None) -> list[Problem]:
    """The last day lies after the first, at most a year."""
    if starts_on and ends_on and not 0 < (ends_on - starts_on).days <= 366:
        return [Problem("coaching.days", Place(key="ends_on"))]
    return []


def is_open(state: str) -> bool:
    """Whether something may still be changed."""
    return state in OPEN
