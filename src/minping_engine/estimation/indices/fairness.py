"""Fairness report of a round: who gains and who loses by what she cannot help (fairness-report.md).

In: adjusted scores, what is known about the assessed and their grids, and who was invited and
answered. Out: slopes of the score on difficulty and protected attributes with a verdict, what each
step moved, grades without each adjuster, response gaps, mode shares, weights too unequal. It
judges nothing by itself: every verdict compares an interval with a tolerance that the scheme names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError
from minping_engine.estimation.indices.symmetric import Floats

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
FEWEST = 10
MOST_DEFF = 2.0
BORDER_MICRO = 2


class Verdict(StrEnum):
    """An effect's interval against the tolerance."""

    NONE = "none"
    SMALL = "small"
    UNCLEAR = "unclear"
    UNFAIR = "unfair"
    NO_SPREAD = "no_spread"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class Slopes:
    """Arrays (attributes,): points per unit of the attribute; `effect` points per SD of it, with interval.

    NONE: interval inside the tolerance. SMALL: excludes 0, estimate inside the tolerance. UNCLEAR:
    contains 0 and reaches beyond the tolerance. UNFAIR: excludes 0, estimate beyond it.
    """

    verdict: NDArray[np.str_]
    slope: Floats
    effect: Floats
    low: Floats
    high: Floats
    n: Ints


def attribute_slopes(
    score: Floats, attributes: Floats, group: Ints, *, tolerance: float, percent: int = 95
) -> Slopes:
    """Least-squares slope of `score` (n,) on each of `attributes` (n, k) within comparison groups.

    One attribute at a time: what a resident or a lawyer would see. Errors by HC3 (MacKinnon and White
    1985), which need neither equal variances nor normal scores; t with n - groups - 1 degrees of freedom.
    """
    if not tolerance > 0:
        raise InputError.of("indices.tolerance_not_positive", value=tolerance)
    made = [_slope(score, column, group, percent) for column in attributes.T]
    slope, sd, error, reach, count = (np.array(part) for part in zip(*made, strict=True))
    effect, low, high = slope * sd, (slope - reach * error) * sd, (slope + reach * error) * sd
    verdict = _verdicts(effect, low, high, tolerance)
    verdict = np.where(sd > 0, verdict, Verdict.NO_SPREAD.value)
    verdict = np.where(count >= FEWEST, verdict, Verdict.TOO_FEW.value)
    return Slopes(verdict, slope, effect, low, high, count.astype(np.int64))


def _slope(score: Floats, attribute: Floats, group: Ints, percent: int) -> tuple[float, ...]:
    """Slope, SD of the attribute within groups, HC3 error, t quantile, assessees."""
    from scipy.special import stdtrit

    used = np.isfinite(score) & np.isfinite(attribute) & (group >= 0)
    _, place = np.unique(group[used], return_inverse=True)
    count, groups = int(used.sum()), int(place.max(initial=-1)) + 1
    free = count - groups - 1
    if free < 1:
        return float("nan"), 0.0, float("nan"), float("nan"), 0
    members = np.bincount(place)
    y = score[used] - (np.bincount(place, score[used]) / members)[place]
    x = attribute[used] - (np.bincount(place, attribute[used]) / members)[place]
    square = float(np.add.reduce(x * x))
    if square <= 1e-18 * float(np.add.reduce(attribute[used] ** 2)):
        return float("nan"), 0.0, float("nan"), float("nan"), count
    slope = float(np.add.reduce(x * y)) / square
    rest = 1.0 - 1.0 / members[place] - x * x / square
    residual = np.where(rest > 1e-9, (y - slope * x) / np.where(rest > 1e-9, rest, 1.0), 0.0)
    error = float(np.sqrt(np.add.reduce((x * residual) ** 2))) / square
    sd = float(np.sqrt(square / (count - groups)))
    return slope, sd, error, float(stdtrit(free, 0.5 + percent / 200)), count


def _verdicts(effect: Floats, low: Floats, high: Floats, tolerance: float) -> NDArray[np.str_]:
    """Rounded to 1e-6 first, as every decision."""
    effect, low, high, limit = (np.rint(np.asarray(part) * 1e6) for part in (effect, low, high, tolerance))
    with np.errstate(invalid="ignore"):
        excludes = (low > 0) | (high < 0)
        inside = (low >= -limit) & (high <= limit)
        beyond = np.where(np.abs(effect) > limit, Verdict.UNFAIR.value, Verdict.SMALL.value)
    unsure = np.where(inside, Verdict.NONE.value, Verdict.UNCLEAR.value)
    return np.where(inside, Verdict.NONE.value, np.where(excludes, beyond, unsure))


@dataclass(frozen=True)
class Moves:
    """`moved` (n, steps): points by which each step changed each score; the rest (steps,)."""

    moved: Floats
    mean_absolute: Floats
    largest: Floats
    who: Ints
    share_over: Floats


def moves_by_step(scores: Floats, *, noticeable: float = 1.0) -> Moves:
    """What each step moved: `scores` (n, steps + 1), the direct score first, in the order of the steps.

    `who` is the row that moved most (the first of equals, -1 if nobody has both scores); `share_over`
    the share moved by at least `noticeable` points.
    """
    moved = np.diff(scores, axis=1)
    there = np.isfinite(moved)
    size = np.where(there, np.abs(moved), 0.0)
    count = np.maximum(there.sum(axis=0), 1)
    who = np.where(there.any(axis=0), np.argmax(np.where(there, size, -1.0), axis=0), -1)
    over = (np.rint(size * 1e6) >= np.rint(noticeable * 1e6)) & there
    return Moves(
        moved,
        np.add.reduce(size, axis=0) / count,
        size.max(axis=0, initial=0.0),
        who,
        over.sum(axis=0) / count,
    )


@dataclass(frozen=True)
class LeftOut:
    """Grades 0 (lowest) upward, -1 not graded: `grade` (n,), `without` (n, adjusters) and the changes."""

    grade: Ints
    without: Ints
    raised: Ints
    lowered: Ints
    borderline: Flags


def leave_one_adjuster_out(score: Floats, without: Floats, cuts: Floats) -> LeftOut:
    """Grades with all adjusters and with each left out: `without` (n, adjusters) are refitted scores.

    `cuts` rising: grade = number of cuts reached. `raised` (adjusters,) counts those whose grade the
    adjuster raised, `lowered` those it lowered; `borderline` marks scores within 2e-6 of a cut.
    """
    cuts = np.asarray(cuts, dtype=np.float64)
    if not np.all(np.diff(cuts) > 0):
        raise InputError.of("indices.cuts_not_rising")
    limits = np.rint(cuts * 1e6).astype(np.int64)
    grade, other = _grades(score, limits), _grades(without, limits)
    both = (grade[:, None] >= 0) & (other >= 0)
    raised = (both & (grade[:, None] > other)).sum(axis=0)
    lowered = (both & (grade[:, None] < other)).sum(axis=0)
    near = np.abs(_micro(score)[:, None] - limits) <= BORDER_MICRO
    return LeftOut(grade, other, raised, lowered, near.any(axis=1) & (grade >= 0))


def _micro(score: Floats) -> Ints:
    return np.rint(np.where(np.isfinite(score), score, 0.0) * 1e6).astype(np.int64)


def _grades(score: Floats, limits: Ints) -> Ints:
    made = np.searchsorted(limits, _micro(score), side="right").astype(np.int64)
    return np.where(np.isfinite(score), made, -1)


@dataclass(frozen=True)
class ResponseGaps:
    """`gap` (levels,): response rate of a level less that of all others, within assessees, with interval.

    `rate` (n,) of each assessee, NaN if nobody was invited; `below_floor` (n,).
    """

    verdict: NDArray[np.str_]
    gap: Floats
    low: Floats
    high: Floats
    rate: Floats
    below_floor: Flags


def response_gaps(
    invited: Ints, answered: Ints, *, floor: float, tolerance: float, percent: int = 95
) -> ResponseGaps:
    """Who was heard less: counts (n, levels) of one attribute, known for all invited.

    Differences of rates inside each assessee's sample, combined with the weights of Mantel and Haenszel
    (1959), so that a street that answers rarely does not pass for an age group that does.
    """
    from scipy.special import ndtri

    if (answered > invited).any() or (answered < 0).any():
        raise InputError.of("indices.more_answers_than_invitations", n=int((answered > invited).sum()))
    if not 0 <= floor <= 1:
        raise InputError.of("indices.share_out_of_range", name="floor", value=floor)
    whole, heard = invited.sum(axis=1), answered.sum(axis=1)
    rest_n, rest_a = whole[:, None] - invited, heard[:, None] - answered
    usable = (invited > 0) & (rest_n > 0)
    n1, n0 = np.where(usable, invited, 1), np.where(usable, rest_n, 1)
    p1, p0 = np.where(usable, answered, 0) / n1, np.where(usable, rest_a, 0) / n0
    weight = np.where(usable, n1 * (n0 / (n1 + n0)), 0.0)
    total = np.add.reduce(weight, axis=0)
    variance = np.add.reduce(weight**2 * (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.add.reduce(weight * (p1 - p0), axis=0) / total
        reach = float(ndtri(0.5 + percent / 200)) * np.sqrt(variance) / total
        rate = np.where(whole > 0, heard / whole, np.nan)
    verdict = np.where(
        total > 0, _verdicts(gap, gap - reach, gap + reach, tolerance), Verdict.NO_SPREAD.value
    )
    below = (whole > 0) & (np.rint(np.nan_to_num(rate) * 1e6) < np.rint(floor * 1e6))
    return ResponseGaps(verdict, gap, gap - reach, gap + reach, rate, below)


@dataclass(frozen=True)
class ModeShares:
    """`share` (n, modes), `overall` (modes,), `distance` (n,) = half the sum of differences, flags (n,)."""

    share: Floats
    overall: Floats
    distance: Floats
    unusual: Flags


def mode_shares(ballots: Ints, *, tolerance: float = 0.2) -> ModeShares:
    """Ways in per assessee: counts (n, modes). `unusual`: further than `tolerance` from the overall mix.

    The distance is the share of ballots that would have to change mode. NaN without ballots, never unusual.
    """
    total = ballots.sum(axis=1)
    whole = int(total.sum())
    overall = ballots.sum(axis=0) / whole if whole else np.full(ballots.shape[1], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total[:, None] > 0, ballots / total[:, None], np.nan)
    distance = np.add.reduce(np.abs(share - overall), axis=1) / 2.0
    unusual = np.rint(np.nan_to_num(distance) * 1e6) > np.rint(tolerance * 1e6)
    return ModeShares(share, overall, distance, unusual)


def unequal_weights(n: Ints, weight: Floats, weight2: Floats) -> tuple[Floats, Flags]:
    """Kish's design effect n sum w^2 / (sum w)^2 from sums (n,), and whether it exceeds 2; NaN if n = 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = np.where(weight > 0, n * weight2 / (weight * weight), np.nan)
    return deff, np.rint(np.nan_to_num(deff) * 1e6) > np.rint(MOST_DEFF * 1e6)
