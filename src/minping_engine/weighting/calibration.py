"""Calibration to totals of any variables: GREG, raking, logit, bounded (docs/method/weighting.md 5).

In: base weights per assessee x cell, auxiliary values per cell, population totals. Out: `Weights` that
meet the totals, or a state. Model class: Newton steps with exp and sums of products. Deville and
Sarndal 1992. Margins alone need no more than `rake`.
"""

from __future__ import annotations

import numpy as np

from minping_engine.errors import InputError
from minping_engine.weighting.checks import Flags, Floats, Ints, States, table, within
from minping_engine.weighting.distances import Distance, Shape, cut_off_potential
from minping_engine.weighting.outcome import Weights, WeightState
from minping_engine.weighting.solving import column_sums, cross_products, solve

TOLERANCE = 1e-12
STEPS = 200
HALVINGS = 30
BLOCK = 512


def calibrate(
    base: Floats, x: Floats, totals: Floats, *, distance: Distance | None = None, tolerance: float = TOLERANCE
) -> Weights:
    """Weights w = b F(x'lambda) with sum w x = totals, per assessee.

    `base` (assessees, cells): base weights added up; `x` (cells, columns) or (assessees, cells,
    columns): means of the auxiliary variables in a cell, a constant of 1 included if households are
    to be met; `totals` (assessees, columns). Raking by default. Met: each sum is within `tolerance` of
    its total, relative to the larger of the total and the base weights' sum of |x|.
    """
    start = table("base", base)
    kind = distance or Distance()
    within("tolerance", tolerance, 1e-14, 1e-2)
    values, goal = _checked(start, np.asarray(x, dtype=np.float64), np.asarray(totals, dtype=np.float64))
    lower, upper = (_as_table(bound, start.shape) for bound in (kind.lower, kind.upper))
    state = _starting_states(start, goal)
    total = np.full_like(start, np.nan)
    steps, error = np.zeros(len(start), dtype=np.int64), np.full(len(start), np.nan)
    todo = np.flatnonzero(state == WeightState.MET)
    for first in range(0, len(todo), BLOCK):
        rows = todo[first : first + BLOCK]
        block = _Block(start[rows], values if values.ndim == 2 else values[rows], goal[rows], kind)
        block.bound(lower[rows], upper[rows])
        open_to = block.open_to(goal[rows].T)
        steps[rows] = block.run(tolerance, open_to)
        error[rows] = block.worst()
        met = error[rows] <= tolerance
        total[rows[met]] = (block.base * block.g).T[met]
        state[rows[~met]] = WeightState.NOT_CONVERGED
        if kind.bounded:
            state[rows[~met & ~open_to]] = WeightState.OUT_OF_BOUNDS
    return Weights(total, start, state, steps, error)


def _checked(base: Floats, x: Floats, totals: Floats) -> tuple[Floats, Floats]:
    shapes = (base.shape[1:], base.shape)
    if x.ndim < 2 or x.shape[:-1] not in shapes:
        raise InputError.of("weighting.shape", name="x", found=x.shape, needed=f"{shapes} and columns")
    if totals.shape != (len(base), x.shape[-1]):
        raise InputError.of(
            "weighting.shape", name="totals", found=totals.shape, needed=(len(base), x.shape[-1])
        )
    bad = int(np.count_nonzero(~np.isfinite(x)))
    if bad:
        raise InputError.of("weighting.not_a_number", name="x", n=bad)
    return x, totals


def _as_table(bound: float | Floats, shape: tuple[int, ...]) -> Floats:
    values = np.asarray(bound, dtype=np.float64)
    if values.ndim and values.shape != shape:
        raise InputError.of("weighting.shape", name="bounds", found=values.shape, needed=shape)
    return np.broadcast_to(values, shape)


def _starting_states(base: Floats, totals: Floats) -> States:
    state = np.full(len(base), WeightState.MET, dtype=np.int8)
    state[~np.isfinite(totals).all(axis=1)] = WeightState.UNKNOWN_TOTAL
    state[np.add.reduce(base, axis=1) <= 0] = WeightState.NO_SAMPLE
    return state


class _Block:
    """Newton steps for some assessees, arrays (.., cells, assessees); each stops at its own step."""

    def __init__(self, base: Floats, x: Floats, totals: Floats, distance: Distance) -> None:
        self.base = np.ascontiguousarray(base.T)
        self.x = x.T[:, :, None] if x.ndim == 2 else np.ascontiguousarray(np.moveaxis(x, 0, 2).swapaxes(0, 1))
        self.totals = totals.T
        self.distance = distance
        size = np.stack([np.add.reduce(np.abs(column) * self.base, axis=0) for column in self.x])
        self.size = np.maximum(np.maximum(np.abs(self.totals), size), np.finfo(float).tiny)
        self.factors = np.zeros_like(self.totals)

    def bound(self, lower: Floats, upper: Floats) -> None:
        """Set bounds of g and start at lambda = 0."""
        self.lower, self.upper = lower.T, upper.T
        self.g, self.slope = self._g(self.factors)

    def _g(self, factors: Floats) -> tuple[Floats, Floats]:
        u = np.zeros_like(self.base)
        for column, factor in zip(self.x, factors, strict=True):
            u += column * factor
        return self.distance.g_and_slope(u, self.lower, self.upper)

    def _climb(self, factors: Floats) -> Floats:
        """The concave dual of cut-off raking: any step that raises it leads to the solution."""
        u = np.zeros_like(self.base)
        for column, factor in zip(self.x, factors, strict=True):
            u += column * factor
        with np.errstate(invalid="ignore"):
            potential = np.where(self.base > 0, cut_off_potential(u, self.lower, self.upper), 0.0)
        gain = np.add.reduce(factors * self.totals, axis=0)
        return np.asarray(gain - np.add.reduce(self.base * potential, axis=0))

    def _rises(self, direction: Floats, length: Floats, rise: Floats) -> Flags:
        """Whether a step raises the dual by its fair part (Armijo); never asked of smooth shapes."""
        if not (self.distance.bounded and self.distance.shape == Shape.RAKING):
            return np.zeros(length.shape, dtype=bool)
        now, there = self._climb(self.factors), self._climb(self.factors + length * direction)
        return np.asarray((there - now > 1e-4 * length * rise) & (there - now > 1e-12 * np.abs(now)))

    def _gap(self, g: Floats) -> Floats:
        return np.asarray((self.totals - column_sums(self.x, self.base * g)) / self.size)

    def worst(self) -> Floats:
        """Largest relative distance from a total, per assessee."""
        return np.asarray(np.abs(self._gap(self.g)).max(axis=0))

    def open_to(self, totals: Floats) -> Flags:
        """Whether every total lies in what bounded weights can reach, column by column."""
        low, high = np.zeros_like(totals), np.zeros_like(totals)
        for one, column in enumerate(self.x):
            edges = self._edges(column)
            low[one], high[one] = (np.add.reduce(edge, axis=0) for edge in edges)
        slack = 1e-12 * self.size
        return np.asarray(((totals >= low - slack) & (totals <= high + slack)).all(axis=0))

    def _edges(self, column: Floats) -> tuple[Floats, Floats]:
        lowest = self.lower if self.distance.shape == Shape.LINEAR else np.maximum(self.lower, 0.0)
        with np.errstate(invalid="ignore"):
            ends = [
                np.nan_to_num(column * self.base * end, posinf=np.inf, neginf=-np.inf)
                for end in (lowest, self.upper)
            ]
        return np.minimum(*ends), np.maximum(*ends)

    def run(self, tolerance: float, open_to: Flags) -> Ints:
        """Steps used, per assessee. A step is halved until it helps; without any such step it ends."""
        steps = np.zeros(self.base.shape[1], dtype=np.int64)
        running = open_to & (self.worst() > tolerance / 10)
        for _ in range(STEPS):
            if not running.any():
                break
            steps[running] += 1
            moved = self._step(running)
            running = running & moved & (self.worst() > tolerance / 10)
        return steps

    def _step(self, running: Flags) -> Flags:
        gap = self._gap(self.g)
        scaled = self.x / self.size[:, None]
        direction = solve(cross_products(scaled, self.base * self.slope), gap) / self.size
        before, length = np.add.reduce(gap * gap, axis=0), np.where(running, 1.0, 0.0)
        rise = np.add.reduce(direction * gap * self.size, axis=0)
        moved = np.zeros_like(running)
        for _ in range(HALVINGS):
            g, slope = self._g(self.factors + length * direction)
            now = self._gap(g)
            better = np.add.reduce(now * now, axis=0) < before
            better |= self._rises(direction, length, rise)
            taken = running & ~moved & better
            self.factors = np.where(taken, self.factors + length * direction, self.factors)
            self.g, self.slope = np.where(taken, g, self.g), np.where(taken, slope, self.slope)
            moved |= taken
            if (moved | ~running).all():
                break
            length = np.where(moved, 0.0, length / 2)
        return moved
