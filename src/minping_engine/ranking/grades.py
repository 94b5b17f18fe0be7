"""Grades with named uncertainty: at fixed cut points, or by quota (docs/method/grades.md).

In: posterior means and standard deviations, or chances of the top; who may be graded at all.
Out: grades, the chances that decided, the expected share of wrong ones, who is borderline, and
values for awards without winner's curse. Model class; decisions on whole millionths.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from minping_engine.errors import InputError
from minping_engine.ranking.checks import estimates, share
from minping_engine.ranking.quantised import BORDERLINE, MICRO, is_borderline, micro

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class PosteriorGrade(StrEnum):
    """What a probability can say about a person."""

    EXCELLENT = "excellent"
    MIDDLE = "middle"
    NEEDS_SUPPORT = "needs_support"
    NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True)
class GradeRule:
    """Cut points in points, fixed before the round, and the chances that must be reached."""

    excellent_from: float
    support_below: float
    excellent_chance: float = 0.90
    support_chance: float = 0.95

    def __post_init__(self) -> None:
        chances = (
            share(self.excellent_chance, "excellent_chance"),
            share(self.support_chance, "support_chance"),
        )
        if not self.support_below <= self.excellent_from:
            raise InputError.of("ranking.cut_points", low=self.support_below, high=self.excellent_from)
        if min(chances) <= 0.5:
            raise InputError.of("ranking.chance_too_low", value=min(chances))


@dataclass(frozen=True)
class Grades:
    """Arrays (n,): the grade's name, P(above the upper cut), P(below the lower), near a limit?

    Chances are NaN where not assessed.
    """

    grade: NDArray[np.str_]
    chance_excellent: Floats
    chance_support: Floats
    borderline: Flags

    def expected_false(self, grade: PosteriorGrade) -> float:
        """Expected share of wrong ones among those who got this outer grade; 0 if nobody did."""
        chance = self.chance_support if grade is PosteriorGrade.NEEDS_SUPPORT else self.chance_excellent
        chosen = self.grade == grade.value
        return float(np.mean(1 - chance[chosen])) if chosen.any() else 0.0


@dataclass(frozen=True)
class QuotaSelection:
    """Who is selected (n,), who lies within 2e-6 of the limit, places offered and given."""

    selected: Flags
    borderline: Flags
    places: int
    expected_false_share: float

    @property
    def given(self) -> int:
        """How many were selected; fewer than `places` after a tie or a limit on false ones."""
        return int(np.count_nonzero(self.selected))


@dataclass(frozen=True)
class AwardValues:
    """Arrays (n,): the value to print at an award, and what the direct score would have flattered."""

    value: Floats
    optimism: Floats


def grade_by_posterior(
    mean: ArrayLike, deviation: ArrayLike, rule: GradeRule, *, assessed: ArrayLike | None = None
) -> Grades:
    """Excellent if P(theta > upper cut) reaches its chance, support if P(theta < lower cut) does.

    `assessed` (n,) False: too few or unreliable, no grade whatever the numbers say (they may be NaN).
    """
    centre, spread = np.array(mean, dtype=np.float64), np.array(deviation, dtype=np.float64)
    may = np.ones(centre.shape, dtype=bool) if assessed is None else np.array(assessed, dtype=bool)
    if not centre.shape == spread.shape == may.shape:
        raise InputError.of("ranking.shapes", estimates=centre.shape, errors=spread.shape)
    above, below = np.full(centre.shape, np.nan), np.full(centre.shape, np.nan)
    if may.any():
        known = estimates(centre[may], spread[may], zero_error_allowed=True)
        above[may] = _chance_positive(known[0] - rule.excellent_from, known[1])
        below[may] = _chance_positive(rule.support_below - known[0], known[1])
    reached, near = _reached(above, rule.excellent_chance, may)
    sunk, near_below = _reached(below, rule.support_chance, may)
    names = [PosteriorGrade.NOT_ASSESSED, PosteriorGrade.EXCELLENT, PosteriorGrade.NEEDS_SUPPORT]
    grade = np.select([~may, reached, sunk], [one.value for one in names], PosteriorGrade.MIDDLE.value)
    return Grades(grade, above, below, near | near_below)


def _chance_positive(distance: Floats, spread: Floats) -> Floats:
    """P(N(distance, spread^2) > 0); without spread it is certain, and a distance of 0 is not above."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(spread > 0, distance / spread, np.where(distance > 0, np.inf, -np.inf))
    chance: Floats = ndtr(z)
    return chance


def _reached(chance: Floats, needed: float, may: Flags) -> tuple[Flags, Flags]:
    whole, cut = micro(np.where(may, chance, 0.0)), int(micro(needed))
    return may & (whole >= cut), may & is_borderline(whole, cut)


def select_by_quota(
    top_chance: ArrayLike, quota: float, *, most_false_share: float | None = None
) -> QuotaSelection:
    """The quota's places go to the largest P(in the top share); (n,) NaN = not assessed.

    places = share of the assessed, rounded down. Whoever ties with the first one left out is left
    out too: no lot is drawn. With `most_false_share` the list ends before the mean of 1 - P over
    those on it (expected share of wrong ones, local false discovery rate) passes it.
    """
    chance = np.array(top_chance, dtype=np.float64)
    known = ~np.isnan(chance)
    if chance.ndim != 1 or np.any((chance[known] < 0) | (chance[known] > 1)):
        raise InputError.of("ranking.not_chances")
    whole = micro(np.where(known, chance, 0.0))
    assessed = int(np.count_nonzero(known))
    places = int(micro(share(quota, "quota"))) * assessed // MICRO
    given = places
    order = np.flatnonzero(known)[np.argsort(-whole[known], kind="stable")]
    if most_false_share is not None:
        limit = int(micro(share(most_false_share, "most_false_share")))
        wrong = np.cumsum(MICRO - whole[order])
        given = min(places, int(np.count_nonzero(wrong <= limit * np.arange(1, assessed + 1))))
    if 0 < given < assessed:
        last_in, first_out = whole[order[given - 1]], whole[order[given]]
        selected = known & (whole > first_out)
        near = known & np.where(selected, whole - first_out <= BORDERLINE, last_in - whole <= BORDERLINE)
    else:
        selected, near = known & (given > 0), np.zeros(chance.size, dtype=bool)
    falsely = float(np.mean(MICRO - whole[selected]) / MICRO) if selected.any() else 0.0
    return QuotaSelection(selected, near, places, falsely)


def award_values(direct: ArrayLike, shrunken: ArrayLike) -> AwardValues:
    """What to print for the winners: the shrunken value; `optimism` = direct - shrunken.

    The best of many direct scores is too good on average (winner's curse); a posterior mean is not,
    however the winners were picked, if the model holds.
    """
    raw, value = np.array(direct, dtype=np.float64), np.array(shrunken, dtype=np.float64)
    if raw.shape != value.shape:
        raise InputError.of("ranking.shapes", estimates=raw.shape, errors=value.shape)
    return AwardValues(value, raw - value)
