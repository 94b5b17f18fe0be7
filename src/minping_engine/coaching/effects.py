"""Whether help helped: plan by plan and over all plans (docs/method/coaching.md, rules 7 to 9).

In: two rounds, plans, the days. Out: expected change of like workers without a plan, observed minus expected
with interval, a verdict. What followed from it for anybody is no matter of this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from minping_engine.coaching.expectation import Expectation, expect_second
from minping_engine.coaching.rounds import (
    Flags,
    Plan,
    PlanState,
    PlanWindow,
    TwoRounds,
    check_plans,
    check_rounds,
    compared_with,
    plan_states,
)
from minping_engine.errors import InputError

MICRO = 1_000_000


class Verdict(StrEnum):
    """What the interval says: above 0, around 0, below 0."""

    HELPED = "helped"
    NOT_SHOWN = "not_shown"
    WORSE = "worse"


@dataclass(frozen=True)
class Difference:
    """Points: change expected of like workers without a plan, observed change, observed minus expected.

    `low` to `high` holds the true difference at the chosen percent.
    """

    expected_change: float
    observed_change: float
    value: float
    se: float
    low: float
    high: float
    verdict: Verdict


@dataclass(frozen=True)
class PlanEffect:
    """One plan. `beyond`: by how many points her first score lies outside those compared with; 0 inside."""

    plan: Plan
    state: PlanState
    difference: Difference | None
    beyond: float


@dataclass(frozen=True)
class PlanEffects:
    """All plans, in their order; `overall` is over the judged ones.

    `helped_by_chance`: how many of those would count as helped on average if no plan had any effect.
    """

    plans: tuple[PlanEffect, ...]
    overall: Difference | None
    expectation: Expectation
    helped_by_chance: float
    percent: float


def judge_plans(
    rounds: TwoRounds, plans: Sequence[Plan], window: PlanWindow, *, percent: float = 95.0
) -> PlanEffects:
    """Every plan against the expectation of like workers without a plan.

    Raises `InputError` with the faults of the input, `RefusedError` where too few are compared with.
    """
    if not 50 <= percent < 100:
        raise InputError.of("coaching.percent", percent=percent)
    check_rounds(rounds)
    check_plans(plans, window, len(rounds.first))
    compared = compared_with(rounds, plans, window)
    expectation = expect_second(rounds, compared)
    effects = tuple(
        _effect(rounds, expectation, known, compared, percent)
        for known in zip(plans, plan_states(rounds, plans, window), strict=True)
    )
    judged = [one.plan.worker for one in effects if one.state is PlanState.JUDGED]
    overall = _difference(rounds, expectation, judged, percent) if judged else None
    return PlanEffects(effects, overall, expectation, len(judged) * (0.5 - percent / 200), percent)


def _effect(
    rounds: TwoRounds,
    expectation: Expectation,
    known: tuple[Plan, PlanState],
    compared: Flags,
    percent: float,
) -> PlanEffect:
    plan, state = known
    if state is PlanState.JUDGED and np.isnan(expectation.value[plan.worker]):
        state = PlanState.TOO_FEW_ALIKE
    if state is not PlanState.JUDGED:
        return PlanEffect(plan, state, None, 0.0)
    like = rounds.first[compared & (rounds.group == rounds.group[plan.worker])]
    own = float(rounds.first[plan.worker])
    beyond = max(0.0, float(like.min()) - own, own - float(like.max()))
    return PlanEffect(plan, state, _difference(rounds, expectation, [plan.worker], percent), beyond)


def _difference(
    rounds: TwoRounds, expectation: Expectation, workers: Sequence[int], percent: float
) -> Difference:
    """The mean over workers; one worker is the same with one."""
    from scipy.special import stdtrit

    some = np.asarray(workers, dtype=np.int64)
    first, second, expected = (
        float(values[some].mean()) for values in (rounds.first, rounds.second, expectation.value)
    )
    se = float(np.sqrt(expectation.variance_of_mean(workers)))
    half = float(stdtrit(expectation.df, 0.5 + percent / 200)) * se
    value = second - expected
    low, high = value - half, value + half
    return Difference(expected - first, second - first, value, se, low, high, _verdict(low, high))


def _verdict(low: float, high: float) -> Verdict:
    """In whole millionths, so that the last bits decide nothing."""
    if round(low * MICRO) > 0:
        return Verdict.HELPED
    return Verdict.WORSE if round(high * MICRO) < 0 else Verdict.NOT_SHOWN
