"""Confidence sets for ranks: which places the data leave open (docs/method/ranks.md).

In: estimates and standard errors (n,) of one comparison group, larger is better; degrees of
freedom where known. Out: best and worst possible rank of each, rank 1 = best. Model class; every
comparison is made on whole millionths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minping_engine.errors import InputError
from minping_engine.ranking.checks import degrees_of_freedom, estimates
from minping_engine.ranking.critical import (
    best_critical_value,
    joint_region_critical_value,
    marginal_critical_values,
    simultaneous_critical_value,
    t_widened_errors,
)
from minping_engine.ranking.quantised import BORDERLINE, MICRO, is_borderline, micro

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
COUNTED_IN_PAIRS = 4000
"""Up to here all pairs are compared; above, classes of errors with the same counts."""
ERROR_CLASSES = 256


@dataclass(frozen=True)
class RankSets:
    """Ranks from `low` (best) to `high` (worst), (n,); `critical` (n,) in standard errors.

    `borderline`: a comparison that moved by 2e-6 would change her set.
    """

    low: Ints
    high: Ints
    critical: Floats
    borderline: Flags

    @property
    def widths(self) -> Ints:
        """How many ranks each set holds."""
        return self.high - self.low + 1


def marginal_sets(
    value: ArrayLike, se: ArrayLike, *, level: float = 0.95, df: ArrayLike | None = None
) -> RankSets:
    """For each one alone: her true rank lies in the set with `level` (her own letter).

    Single step, exact integral. Mogstad, Romano, Shaikh, Wilhelm (2024).
    """
    centre, errors = estimates(value, se)
    critical = marginal_critical_values(errors, level)
    return _compared(centre, _widened(errors, df, float(critical.max())), critical)


def simultaneous_sets(
    value: ArrayLike, se: ArrayLike, *, level: float = 0.95, df: ArrayLike | None = None
) -> RankSets:
    """All true ranks lie in their sets at once with `level` (the published table). Tukey-Kramer."""
    centre, errors = estimates(value, se)
    critical = simultaneous_critical_value(centre.size, level)
    return _compared(centre, _widened(errors, df, critical), np.full(centre.size, critical))


def sets_at(value: ArrayLike, se: ArrayLike, critical: float) -> RankSets:
    """Sets at a critical value that the caller brings (e.g. simulated, as a check)."""
    centre, errors = estimates(value, se)
    return _compared(centre, errors, np.full(centre.size, float(critical)))


def joint_region_sets(
    value: ArrayLike, se: ArrayLike, *, level: float = 0.95, df: ArrayLike | None = None
) -> RankSets:
    """Simultaneous sets read off n joint intervals; wider, but easy to draw.

    low = 1 + #{k: lower_k > upper_j}, high = n - #{k: upper_k < lower_j}, O(n log n).
    Klein, Wright, Wieczorek (2020).
    """
    centre, errors = estimates(value, se)
    critical = joint_region_critical_value(centre.size, level)
    half = micro(_widened(errors, df, critical) * critical)
    lower, upper = micro(centre) - half, micro(centre) + half
    lows, highs = np.sort(lower), np.sort(upper)
    low = 1 + centre.size - np.searchsorted(lows, upper, side="right")
    high = centre.size - np.searchsorted(highs, lower, side="left")
    near = _has_near(lows, upper) | _has_near(highs, lower)
    return RankSets(low.astype(np.int64), high.astype(np.int64), np.full(centre.size, critical), near)


def _has_near(limits: Ints, at: Ints) -> Flags:
    """Whether any of the sorted `limits` lies within 2e-6 of each `at`."""
    first = np.searchsorted(limits, at - BORDERLINE, side="left")
    near: Flags = np.searchsorted(limits, at + BORDERLINE, side="right") > first
    return near


def tau_best(sets: RankSets, tau: int) -> Flags:
    """Who may be among the best `tau`: the flags hold all true ones with the level of the sets.

    Needs simultaneous sets.
    """
    if not 1 <= tau <= sets.low.size:
        raise InputError.of("ranking.tau_out_of_range", tau=tau, n=sets.low.size)
    flags: Flags = sets.low <= tau
    return flags


def best_candidates(
    value: ArrayLike, se: ArrayLike, tau: int, *, level: float = 0.95, df: ArrayLike | None = None
) -> Flags:
    """Who may be among the best `tau`, for that question alone: the flags hold all true ones with `level`.

    At most as many as `tau_best` of simultaneous sets names. Where truth ties at the last place, any
    choice of `tau` among the tied is held.
    """
    centre, errors = estimates(value, se)
    if not 1 <= tau <= centre.size:
        raise InputError.of("ranking.tau_out_of_range", tau=tau, n=centre.size)
    critical = best_critical_value(errors, tau, level)
    return tau_best(sets_at(centre, _widened(errors, df, critical), critical), tau)


def _widened(errors: Floats, df: ArrayLike | None, critical: float) -> Floats:
    if df is None:
        return errors
    return t_widened_errors(errors, degrees_of_freedom(df, errors.size), critical)


def _compared(centre: Floats, errors: Floats, critical: Floats) -> RankSets:
    whole = micro(centre), micro(errors).astype(np.float64), micro(critical) / MICRO
    count = count_in_pairs if centre.size <= COUNTED_IN_PAIRS else count_in_classes
    better, worse, near = count(*whole)
    return RankSets(1 + better, centre.size - worse, critical, near)


def count_in_pairs(centre: Ints, errors: Floats, critical: Floats) -> tuple[Ints, Ints, Flags]:
    """How many are surely better and surely worse than each, and who has a borderline comparison.

    In whole millionths; all pairs.
    """
    n = centre.size
    better, worse = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    near = np.empty(n, dtype=np.bool_)
    rows_at_once = max(1, 1_000_000 // n)
    for start in range(0, n, rows_at_once):
        part = slice(start, start + rows_at_once)
        limit = apart(errors[part, None], errors, critical[part, None])
        ahead = centre - centre[part, None]
        better[part] = np.count_nonzero(ahead > limit, axis=1)
        worse[part] = np.count_nonzero(-ahead > limit, axis=1)
        near[part] = is_borderline(np.abs(ahead), limit).any(axis=1)
    return better, worse, near


def apart(one: Floats, other: Floats, critical: Floats | float) -> Ints:
    """How far two estimates must lie apart, whole millionths, from errors in millionths."""
    return np.rint(critical * np.sqrt(one * one + other * other)).astype(np.int64)


def count_in_classes(centre: Ints, errors: Floats, critical: Floats) -> tuple[Ints, Ints, Flags]:
    """The same for many: sorted within classes of errors, pair by pair only near the limit."""
    order = np.argsort(errors, kind="stable")
    better, worse = np.zeros(centre.size, dtype=np.int64), np.zeros(centre.size, dtype=np.int64)
    near = np.zeros(centre.size, dtype=np.bool_)
    for members in np.array_split(order, min(ERROR_CLASSES, centre.size)):
        inside = members[np.argsort(centre[members], kind="stable")]
        better += _surely_better(centre, errors, critical, inside, near)
        worse += _surely_better(-centre, errors, critical, inside[::-1], near)
    return better, worse, near


def _surely_better(centre: Ints, errors: Floats, critical: Floats, inside: Ints, near: Flags) -> Ints:
    """How many of one class are surely better than each; marks in `near` who has a borderline comparison."""
    sorted_centre, sorted_errors = centre[inside], errors[inside]
    closest = apart(errors, sorted_errors.min(keepdims=True), critical) - BORDERLINE
    farthest = apart(errors, sorted_errors.max(keepdims=True), critical) + BORDERLINE
    start = np.searchsorted(sorted_centre, centre + closest, side="left")
    stop = np.searchsorted(sorted_centre, centre + farthest, side="right")
    rows, columns = _ranges(start, stop)
    ahead = sorted_centre[columns] - centre[rows]
    limit = apart(errors[rows], sorted_errors[columns], critical[rows])
    near[rows[is_borderline(ahead, limit)]] = True
    return inside.size - stop + np.bincount(rows[ahead > limit], minlength=centre.size)


def _ranges(start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """All (row, column) with start[row] <= column < stop[row]."""
    lengths = stop - start
    rows = np.repeat(np.arange(start.size), lengths)
    offsets = np.arange(rows.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return rows, start[rows] + offsets
