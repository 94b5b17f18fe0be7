"""Raking within bounds, and trimming (docs/method/weighting.md 6).

In: base weights, margins and bounds on g or on a ballot's weight. Out: `Weights` that keep bounds and
totals, or a state; trimmed weights as R's `trimWeights` makes them. Whoever keeps the bounds anyway has
exactly the raked weights. Deville and Sarndal 1992, case 7; Potter 1990 for the cap by quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minping_engine.errors import InputError
from minping_engine.weighting.calibration import calibrate
from minping_engine.weighting.checks import Flags, Floats, Ints, bounds, table, within
from minping_engine.weighting.distances import Distance, Shape
from minping_engine.weighting.margins import Margin, checked_margins
from minping_engine.weighting.outcome import Weights, WeightState
from minping_engine.weighting.raking import SWEEPS, rake

LOWER, UPPER, RANGES = 0.3, 3.0, 6.0


@dataclass(frozen=True)
class Limits:
    """Bounds of g = weight / scaled base, and the cap at median + `ranges` IQR (None: no cap)."""

    lower: float = LOWER
    upper: float = UPPER
    ranges: float | None = RANGES

    def __post_init__(self) -> None:
        bounds(self.lower, self.upper)
        if self.ranges is not None:
            within("ranges", self.ranges, 1.0, 100.0)


def rake_within(
    base: Floats,
    margins: tuple[Margin, ...],
    n: Floats,
    *,
    limits: Limits | None = None,
    max_sweeps: int = SWEEPS,
) -> Weights:
    """Rake, and rake again within the limits where they are broken.

    `base`, `n` (assessees, cells): base weights added up, and ballots. The base weights are scaled to the
    total first, so that g says how far a weight moved against the others.
    """
    limit, counts, start = limits or Limits(), table("n", n), table("base", base)
    table("n", n, start.shape)
    sides = checked_margins(margins, start.shape)
    free = rake(start, sides, max_sweeps=max_sweeps)
    scaled = _scaled(start, sides[0])
    lower, upper = _g_limits(free, scaled, counts, limit)
    with np.errstate(invalid="ignore"):
        g = np.divide(free.total, scaled, out=np.ones_like(scaled), where=scaled > 0)
        broken = np.flatnonzero(((g < lower) | (g > upper)).any(axis=1))
    if not broken.size:
        return free
    # A cap below the lower bound leaves no weight at all: met by nothing, and said so.
    open_to: Flags = np.asarray((lower[broken] <= upper[broken]).all(axis=1))
    again = calibrate(
        np.where(open_to[:, None], scaled[broken], 0.0),
        *_design(sides, broken),
        distance=Distance(Shape.RAKING, lower[broken], np.maximum(lower, upper)[broken]),
    )
    again.state[~open_to] = WeightState.OUT_OF_BOUNDS
    return _replaced(free, broken, again)


def _scaled(base: Floats, margin: Margin) -> Floats:
    sums = np.add.reduce(base, axis=1)
    grand = np.add.reduce(margin.totals, axis=1)
    made: Floats = (
        base * np.divide(grand, sums, out=np.zeros_like(sums), where=(sums > 0) & (grand > 0))[:, None]
    )
    return made


def _g_limits(free: Weights, scaled: Floats, n: Floats, limit: Limits) -> tuple[Floats, Floats]:
    lower = np.full_like(scaled, limit.lower)
    upper = np.full_like(scaled, limit.upper)
    if limit.ranges is not None:
        cap = weight_cap(free.total, n, ranges=limit.ranges)
        held = np.multiply(cap[:, None], n, out=np.zeros_like(scaled), where=n > 0)
        most = np.divide(held, scaled, out=np.full_like(scaled, np.inf), where=scaled > 0)
        upper = np.minimum(upper, np.where(np.isnan(most), np.inf, most))
    return lower, upper


def weight_cap(total: Floats, n: Floats, *, ranges: float = RANGES) -> Floats:
    """Median + `ranges` x interquartile range of the ballots' weights, per assessee.

    Infinite where the range is 0 (most ballots weigh the same) and NaN where there are no weights.
    """
    low, middle, high = ballot_quantiles(total, n, (0.25, 0.5, 0.75))
    spread = high - low
    return np.where(
        spread > 1e-9 * np.abs(middle), middle + ranges * spread, np.where(np.isnan(spread), spread, np.inf)
    )


def ballot_quantiles(total: Floats, n: Floats, shares: tuple[float, ...]) -> list[Floats]:
    """Quantiles (R's type 7) of ballots' weights total / n, each cell counting n times; per assessee."""
    counts = np.asarray(np.rint(n), dtype=np.int64)
    weight = np.divide(total, n, out=np.full_like(total, np.inf), where=n > 0)
    order = np.argsort(weight, axis=1, kind="stable")
    ordered = np.take_along_axis(weight, order, axis=1)
    ends = np.cumsum(np.take_along_axis(counts, order, axis=1), axis=1)
    last = np.maximum(ends[:, -1] - 1, 0)
    known = (ends[:, -1] > 0) & ~np.isnan(total).any(axis=1)

    def ballot(place: Floats) -> Floats:
        cell = np.minimum((ends <= place[:, None]).sum(axis=1), ends.shape[1] - 1)
        return np.asarray(np.take_along_axis(ordered, cell[:, None], axis=1)[:, 0])

    made = []
    for share in shares:
        place = last * share
        below = np.floor(place)
        first, second = ballot(below), ballot(np.minimum(below + 1, last))
        with np.errstate(invalid="ignore"):
            made.append(np.where(known, first + (place - below) * (second - first), np.nan))
    return made


def _design(margins: tuple[Margin, ...], rows: Ints) -> tuple[Floats, Floats]:
    """Indicators of merged levels (assessees, cells, columns) and their totals."""
    columns, totals = [], []
    for margin in margins:
        own = np.tile(np.arange(margin.n_levels), (len(rows), 1))
        group = own if margin.group is None else margin.group[rows]
        of_cell = group[:, margin.level]
        for level in range(margin.n_levels):
            columns.append((of_cell == level).astype(np.float64))
            totals.append(np.add.reduce(np.where(group == level, margin.totals[rows], 0.0), axis=1))
    return np.stack(columns, axis=2), np.stack(totals, axis=1)


def _replaced(free: Weights, rows: Ints, again: Weights) -> Weights:
    total, state, error = free.total.copy(), free.state.copy(), free.margin_error.copy()
    iterations = free.iterations.copy()
    total[rows], state[rows], error[rows] = again.total, again.state, again.margin_error
    iterations[rows] += again.iterations
    return Weights(total, free.base, state, iterations, error)


def trim(
    total: Floats, n: Floats, *, lower: float = 0.0, upper: float = np.inf, strict: bool = False
) -> Weights:
    """Cut ballots' weights off at fixed bounds and share the difference equally among the other ballots.

    As R survey's `trimWeights`: without `strict` once, so that those who share may pass a bound
    afterwards; with it again until none does. The sum is kept, margins are not: rake again, or use
    `rake_within`. OUT_OF_BOUNDS where nobody is left to share.
    """
    weights, counts = table("total", total), table("n", n)
    table("n", n, weights.shape)
    if not 0 <= lower < upper:
        raise InputError.of("weighting.bounds", lower=lower, upper=upper)
    weight = np.divide(weights, counts, out=np.zeros_like(weights), where=counts > 0)
    held, rounds = np.zeros(weights.shape, dtype=bool), np.zeros(len(weights), dtype=np.int64)
    stuck = np.zeros(len(weights), dtype=bool)
    for _ in range(weights.shape[1] if strict else 1):
        outside = (counts > 0) & ((weight < lower) | (weight > upper)) & ~stuck[:, None]
        if not outside.any():
            break
        rounds[outside.any(axis=1)] += 1
        held |= outside
        stuck |= _share_out(weight, counts, held, np.clip(weight, lower, upper))
    state = np.where(stuck, WeightState.OUT_OF_BOUNDS, WeightState.MET).astype(np.int8)
    state[np.add.reduce(counts, axis=1) <= 0] = WeightState.NO_SAMPLE
    made = np.where((state == WeightState.MET)[:, None], weight * counts, np.nan)
    return Weights(made, weights, state, rounds, np.full(len(weights), np.nan))


def _share_out(weight: Floats, n: Floats, held: Flags, cut: Floats) -> Flags:
    """Cut, and give what was cut to ballots that are not held; true where none is left. In place."""
    excess = np.add.reduce(n * (weight - cut), axis=1)
    others = np.add.reduce(np.where(held, 0.0, n), axis=1)
    share = np.divide(excess, others, out=np.zeros_like(excess), where=others > 0)
    weight[:] = np.where(held, cut, weight + np.where(n > 0, share[:, None], 0.0))
    return np.asarray((others <= 0) & (np.abs(excess) > 1e-9 * np.add.reduce(n * cut, axis=1)))
