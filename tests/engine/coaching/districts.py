"""Invented districts with known truth: two rounds, plans for the lowest, an effect that we choose.

True level: group and ground, and a worker's own part that lasts partly from quarter to quarter. Estimates
have normal errors of known size. `naive` is the comparison of before and after, which regression to the mean
deceives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from minping_engine.coaching import Plan, PlanEffects, PlanWindow, TwoRounds, Verdict, judge_plans

Floats = NDArray[np.float64]
Own = Callable[[np.random.Generator, int], Floats]
WINDOW = PlanWindow(date(2020, 3, 31), date(2020, 6, 1), date(2020, 6, 30))
IN_TIME = date(2020, 4, 10)


def tail_below(rng: np.random.Generator, n: int) -> Floats:
    return (2 - rng.gamma(2.0, 1.0, n)) / np.sqrt(2)


def tail_above(rng: np.random.Generator, n: int) -> Floats:
    return -tail_below(rng, n)


def heavy(rng: np.random.Generator, n: int) -> Floats:
    return rng.standard_t(5, n) / np.sqrt(5 / 3)


@dataclass(frozen=True)
class Design:
    """How districts are made; spreads in points. `lasting`: correlation of true levels of following rounds.

    `fallen`: plans for those who fell most since the earlier round, not for the lowest.
    """

    workers: int = 1076
    groups: int = 4
    lowest: float = 0.10
    between: float = 3.0
    lasting: float = 0.8
    ballots: tuple[int, int] = (40, 350)
    residual: float = 14.2
    effect: float = 0.0
    fallen: bool = False
    own: Own = lambda rng, n: rng.normal(0, 1, n)


@dataclass(frozen=True)
class District:
    """Two rounds and the plans."""

    rounds: TwoRounds
    plans: tuple[Plan, ...]


def make_district(design: Design, rng: np.random.Generator) -> District:
    """One district."""
    n = design.workers
    group, ground = rng.integers(0, design.groups, n), rng.normal(0, 1, (n, 1))
    usual = 80 + 1.5 * group + 0.8 * ground[:, 0]
    own = design.between * design.own(rng, n)
    errors = [design.residual / np.sqrt(rng.integers(*design.ballots, n)) for _ in range(3)]

    def kept(level: Floats) -> Floats:
        fresh = design.between * np.sqrt(1 - design.lasting**2) * rng.normal(0, 1, n)
        made: Floats = design.lasting * level + fresh
        return made

    first = usual + own + errors[0] * rng.normal(0, 1, n)
    second = 0.7 + usual + kept(own) + errors[1] * rng.normal(0, 1, n)
    earlier = usual + kept(own) + errors[2] * rng.normal(0, 1, n)
    signal = first - earlier if design.fallen else first
    helped = np.argsort(signal, kind="stable")[: int(design.lowest * n)]
    second[helped] += design.effect
    rounds = TwoRounds(first, errors[0], second, errors[1], group, ground)
    if design.fallen:
        rounds = replace(rounds, earlier=earlier, earlier_se=errors[2])
    return District(rounds, tuple(Plan(int(worker), IN_TIME) for worker in helped))


def judged(district: District) -> PlanEffects:
    """By the engine."""
    return judge_plans(district.rounds, district.plans, WINDOW)


def naive_claims_help(district: District) -> bool:
    """Before and after: the mean rise of those with a plan is above 0 at 95 %."""
    helped = [plan.worker for plan in district.plans]
    rise = (district.rounds.second - district.rounds.first)[helped]
    return bool(rise.mean() > 1.96 * rise.std(ddof=1) / np.sqrt(len(rise)))


@dataclass(frozen=True)
class Claims:
    """Shares over districts and plans. `bias`: mean of observed minus expected less the true effect."""

    overall: float
    single: float
    naive: float
    covered: float
    covered_single: float
    bias: float


def without_earlier(district: District) -> District:
    """The same as if nobody had looked at the round before."""
    return replace(district, rounds=replace(district.rounds, earlier=None, earlier_se=None))


def claims(
    design: Design, districts: int, seed: int, *, known: Callable[[District], District] = lambda one: one
) -> Claims:
    """How often help is claimed in this many districts, from what is `known` of them."""
    found = []
    for number in range(districts):
        district = known(make_district(design, np.random.default_rng([seed, number])))
        effects = judged(district)
        assert effects.overall is not None
        single = [one.difference for one in effects.plans if one.difference]
        inside = [one.low <= design.effect <= one.high for one in (effects.overall, *single)]
        found.append(
            (
                effects.overall.verdict is Verdict.HELPED,
                np.mean([one.verdict is Verdict.HELPED for one in single]),
                naive_claims_help(district),
                inside[0],
                np.mean(inside[1:]),
                effects.overall.value - design.effect,
            )
        )
    return Claims(*(float(column) for column in np.mean(np.array(found, dtype=np.float64), axis=0)))
