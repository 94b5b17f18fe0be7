"""What a score may be used for: status, reason, standing, grade and its chance (D7, D10, S8; grades.md).

In: exact verdicts by number of ballots, and the chain's columns. Out: `Outcome`, arrays over all
assessees. Model class: estimates are rounded to millionths before any decision, and decisions within two
millionths of their limit are marked (evidence.md 6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.assessment.chain import FairColumns, Groups
from minping_engine.estimation import DirectEstimates, ReliabilityState
from minping_engine.ranking import GradeRule, grade_by_posterior, select_by_quota
from minping_engine.scheme import Band, LoadedScheme
from minping_engine.scoring import Verdicts, grade_of
from minping_engine.terms import NotAssessed, Standing

Floats = NDArray[np.float64]
MICRO = 1e6
NEAR_MICRO = 2

_REASONS = {
    ReliabilityState.ONE_BUILDING: NotAssessed.ONE_BUILDING,
    ReliabilityState.UNRELIABLE: NotAssessed.UNRELIABLE,
}
_STANDINGS = {
    ReliabilityState.ASSESSED: Standing.FULL,
    ReliabilityState.SCORE_ONLY: Standing.SCORE_ONLY,
    ReliabilityState.NO_DIFFERENCES: Standing.NO_DIFFERENCES,
}


@dataclass(frozen=True)
class Outcome:
    """Arrays (assessees,): the score that counts with its error, and what follows from it."""

    score: Floats
    score_se: Floats
    assessed: NDArray[np.bool_]
    reason: NDArray[np.object_]
    standing: NDArray[np.object_]
    grade: NDArray[np.object_]
    grade_chance: Floats
    borderline: NDArray[np.bool_]


def outcome_of(
    scheme: LoadedScheme, estimates: DirectEstimates, verdicts: Verdicts, fair: FairColumns, groups: Groups
) -> Outcome:
    """Decide for everybody."""
    score, se = _counted(scheme, estimates, fair)
    assessed, reason, standing = _states(verdicts, fair, np.isfinite(score))
    standing[assessed & (groups.number < 0)] = Standing.NOT_COMPARED.value
    gradable = assessed & np.isin(standing, [Standing.FULL.value, Standing.NOT_COMPARED.value])
    grade, chance, near = _grades(scheme, (score, se), gradable, fair, groups)
    return Outcome(
        score,
        se,
        assessed,
        reason,
        standing,
        grade,
        chance,
        (fair.borderline | near) & (estimates.n[:, 0] > 0),
    )


def _states(
    verdicts: Verdicts, fair: FairColumns, scored: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.object_], NDArray[np.object_]]:
    """Ballots decide first, then buildings and reliability; where no model was fitted only the first two."""
    assessed, reason = verdicts.assessed.copy(), verdicts.reason.copy()
    standing = np.full(len(assessed), None, dtype=object)
    for state, why in _REASONS.items():
        lost = assessed & (fair.state == state)
        reason[lost] = why.value
        assessed &= ~lost
    reason[assessed & ~scored] = NotAssessed.NOT_LEVELLED.value
    assessed &= scored
    for state, word in _STANDINGS.items():
        standing[assessed & (fair.state == state)] = word.value
    standing[assessed & ~fair.compared] = Standing.NOT_COMPARED.value
    return assessed, reason, standing


def _counted(scheme: LoadedScheme, estimates: DirectEstimates, fair: FairColumns) -> tuple[Floats, Floats]:
    """The estimate that the scheme names; a model's is rounded to millionths."""
    counts = scheme.scheme.fairness.counts if scheme.scheme.fairness else "direct"
    if counts == "direct":
        return estimates.mean[:, 0], estimates.se[:, 0]
    value = fair.numbers[counts]
    return np.rint(value * MICRO) / MICRO, fair.numbers[f"{counts}_se"]


def _grades(
    scheme: LoadedScheme,
    counted: tuple[Floats, Floats],
    gradable: NDArray[np.bool_],
    fair: FairColumns,
    groups: Groups,
) -> tuple[NDArray[np.object_], Floats, NDArray[np.bool_]]:
    """Grade, its chance and whether it is borderline, by the scheme's way of grading."""
    score, se = counted
    rule = scheme.scheme.grading
    none = (
        np.full(len(score), None, dtype=object),
        np.full(len(score), np.nan),
        np.zeros(len(score), dtype=bool),
    )
    if rule.chances:
        cuts = GradeRule(
            rule.chances.excellent_from / 1000,
            rule.chances.support_below / 1000,
            rule.chances.excellent_percent / 100,
            rule.chances.support_percent / 100,
        )
        known = gradable & np.isfinite(fair.numbers["shrunken"])
        made = grade_by_posterior(fair.numbers["shrunken"], fair.numbers["shrunken_se"], cuts, assessed=known)
        top = np.where(made.grade == "excellent", made.chance_excellent, made.chance_support)
        middle = 1 - made.chance_excellent - made.chance_support
        grade = made.grade.astype(object)
        grade[~known] = None
        return grade, np.where(made.grade == "middle", middle, top), made.borderline
    if rule.quota:
        return _by_quota(rule.quota.percent, rule.quota.most_false_percent, gradable, fair, groups)
    if not scheme.bands:
        return none
    grade = grade_of(score, gradable, scheme.bands)
    cuts_milli = np.array([band.from_points for band in scheme.bands]) / 1000
    exact = scheme.scheme.fairness is None or scheme.scheme.fairness.counts == "direct"
    off = np.abs(np.rint((score[:, None] - cuts_milli) * MICRO))
    near = gradable & (off <= NEAR_MICRO).any(axis=1) & (not exact)
    return grade, _band_chance(scheme.bands, score, se, gradable), near


def _band_chance(bands: tuple[Band, ...], score: Floats, se: Floats, gradable: NDArray[np.bool_]) -> Floats:
    """Chance that the true score lies in the band of the grade, normal with the score's error."""
    from scipy.special import ndtr

    starts = np.array([band.from_points for band in bands]) / 1000
    place = np.argmax(score[:, None] >= starts, axis=1)
    low, high = starts[place], np.concatenate([[np.inf], starts[:-1]])[place]
    # The lowest band has no lower end: everybody is in some band.
    low = np.where(place == len(bands) - 1, -np.inf, low)
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = ndtr((high - score) / se) - ndtr((low - score) / se)
    return np.where(gradable & (se > 0), chance, np.nan)


def _by_quota(
    percent: int,
    most_false: int | None,
    gradable: NDArray[np.bool_],
    fair: FairColumns,
    groups: Groups,
) -> tuple[NDArray[np.object_], Floats, NDArray[np.bool_]]:
    """The top share of each comparison group by chance of belonging to it."""
    grade = np.full(len(gradable), None, dtype=object)
    chance, near = np.full(len(gradable), np.nan), np.zeros(len(gradable), dtype=bool)
    for number in range(len(groups.label)):
        who = np.flatnonzero((groups.number == number) & gradable & np.isfinite(fair.numbers["p_top"]))
        if len(who):
            top = fair.numbers["p_top"][who]
            limit = None if most_false is None else most_false / 100
            made = select_by_quota(top, percent / 100, most_false_share=limit)
            grade[who] = np.where(made.selected, "excellent", "middle")
            chance[who], near[who] = np.where(made.selected, top, 1 - top), made.borderline
    return grade, chance, near
