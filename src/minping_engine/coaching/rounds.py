"""Two rounds of the same workers, and who had a plan from when (docs/method/coaching.md, rules 1 and 2).

In: estimates with errors, comparison groups, what describes the ground; plans with the day they began; the
days of both rounds. Out: checked arrays, the state of every plan, and which workers are compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError, Place, Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class PlanState(StrEnum):
    """Whether the effect of a plan can be judged, and if not, why."""

    JUDGED = "judged"
    BEGAN_BEFORE = "began_before"
    TOO_SHORT = "too_short"
    BEGAN_AFTER = "began_after"
    NO_FIRST_ROUND = "no_first_round"
    NO_SECOND_ROUND = "no_second_round"
    TOO_FEW_ALIKE = "too_few_alike"


@dataclass(frozen=True)
class TwoRounds:
    """Arrays (workers,) in points, NaN = not assessed; errors without finite population correction, smoothed.

    `group`: comparison group, 0 and up. `covariates` (workers, k): the ground, known before the first round
    was over; never the worker herself. `earlier`: the round before the first; needed where plans were given
    for a fall, because whoever fell by bad luck rises again without help.
    """

    first: Floats
    first_se: Floats
    second: Floats
    second_se: Floats
    group: Ints
    covariates: Floats | None = None
    earlier: Floats | None = None
    earlier_se: Floats | None = None

    @property
    def before(self) -> tuple[Floats, Floats]:
        """The earlier round with its errors, NaN where there is none."""
        none = np.full(len(self.first), np.nan)
        value, se = self.earlier, self.earlier_se
        return (none if value is None else value, none if se is None else se)

    @property
    def ground(self) -> Floats:
        """Covariates, (workers, 0) where there are none."""
        return np.zeros((len(self.first), 0)) if self.covariates is None else self.covariates


@dataclass(frozen=True)
class Plan:
    """A coaching plan: whose (row of the rounds), and the first day of help."""

    worker: int
    began: date


@dataclass(frozen=True)
class PlanWindow:
    """Last day of the first round's fieldwork, first and last day of the second's; the least days of help."""

    first_ends: date
    second_begins: date
    second_ends: date
    least_days: int = 30


def check_rounds(rounds: TwoRounds) -> None:
    """Raises `InputError`: shapes that differ, errors that are not positive, strange groups."""
    n, problems = len(rounds.first), []
    arrays = (rounds.first_se, rounds.second, rounds.second_se, rounds.group, rounds.ground, *rounds.before)
    if rounds.first.ndim != 1 or any(len(one) != n for one in arrays) or rounds.ground.ndim != 2:
        raise InputError.of("coaching.shapes", n=n)
    for name, value, se in (
        ("first", rounds.first, rounds.first_se),
        ("second", rounds.second, rounds.second_se),
        ("earlier", *rounds.before),
    ):
        seen = ~np.isnan(value)
        wrong = int((seen & ~((se > 0) & np.isfinite(se) & np.isfinite(value))).sum())
        if wrong:
            problems.append(Problem("coaching.error_not_positive", Place(key=name), {"n": wrong}))
    if (rounds.group < 0).any():
        problems.append(Problem("coaching.group", Place(key="group")))
    if not np.isfinite(rounds.ground).all():
        problems.append(Problem("coaching.ground_unknown", Place(key="covariates")))
    if problems:
        raise InputError(problems)


def check_plans(plans: Sequence[Plan], window: PlanWindow, n: int) -> None:
    """Raises `InputError`: strangers, a worker with two plans, rounds that overlap."""
    problems = []
    if not window.first_ends < window.second_begins <= window.second_ends:
        problems.append(Problem("coaching.rounds_overlap", Place(key="window")))
    workers = [plan.worker for plan in plans]
    for worker in sorted(set(workers)):
        if not 0 <= worker < n:
            problems.append(Problem("coaching.unknown_worker", Place(row=worker)))
        if workers.count(worker) > 1:
            problems.append(Problem("coaching.two_plans", Place(row=worker)))
    if problems:
        raise InputError(problems)


def plan_states(rounds: TwoRounds, plans: Sequence[Plan], window: PlanWindow) -> list[PlanState]:
    """The state of each plan by its days and by the rounds in which its worker was assessed."""
    return [_state(rounds, plan, window) for plan in plans]


def compared_with(rounds: TwoRounds, plans: Sequence[Plan], window: PlanWindow) -> Flags:
    """Workers assessed in both rounds who had no help before the second was over.

    Whoever got a plan after it stays in: she may have got it for what the second round said, and leaving
    her out would make the others look as if they had risen.
    """
    without = np.ones(len(rounds.first), dtype=np.bool_)
    without[[plan.worker for plan in plans if plan.began <= window.second_ends]] = False
    compared: Flags = without & ~np.isnan(rounds.first) & ~np.isnan(rounds.second)
    return compared


def _state(rounds: TwoRounds, plan: Plan, window: PlanWindow) -> PlanState:
    if plan.began <= window.first_ends:
        return PlanState.BEGAN_BEFORE
    if plan.began > window.second_ends:
        return PlanState.BEGAN_AFTER
    if plan.began + timedelta(days=window.least_days) > window.second_begins:
        return PlanState.TOO_SHORT
    if np.isnan(rounds.first[plan.worker]):
        return PlanState.NO_FIRST_ROUND
    return PlanState.NO_SECOND_ROUND if np.isnan(rounds.second[plan.worker]) else PlanState.JUDGED
