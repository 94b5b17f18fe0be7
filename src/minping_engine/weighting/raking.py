"""Raking of all assessees at once, and post-stratification (docs/method/weighting.md 4).

In: base weights per assessee x cell and margins. Out: `Weights` with a state per assessee. Exact class:
elementwise + x / in the order of cells and margins, so that neither the size of a block nor the other
assessees change a weight. Deming and Stephan 1940; Deville and Sarndal 1992, case 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minping_engine.weighting.checks import Flags, Floats, Ints, States, table, within
from minping_engine.weighting.margins import Margin, checked_margins, level_sums, merged_sums
from minping_engine.weighting.outcome import Weights, WeightState

TOLERANCE = 1e-12
SWEEPS = 1000
BLOCK = 4096
"""Assessees at once: their cells fit into a processor's cache."""


@dataclass
class _Part:
    """One margin of one block, (levels, assessees)."""

    level: Ints
    target: Floats
    group: Ints | None

    def sums(self, weights: Floats) -> Floats:
        made = level_sums(weights, self.level, len(self.target))
        return made if self.group is None else merged_sums(made, self.group)

    def keep(self, kept: Flags) -> _Part:
        return _Part(self.level, self.target[:, kept], None if self.group is None else self.group[:, kept])

    def error(self, sums: Floats) -> Floats:
        off = np.abs(sums - self.target)
        relative: Floats = np.divide(off, self.target, out=off, where=self.target > 0)
        return np.asarray(relative.max(axis=0))


def rake(
    base: Floats, margins: tuple[Margin, ...], *, tolerance: float = TOLERANCE, max_sweeps: int = SWEEPS
) -> Weights:
    """Rake every assessee to its margins.

    `base` (assessees, cells): base weights added up over the ballots of a cell, 0 where there are none.
    Weights come in the unit of the totals (households). No option merges levels silently: call
    `merge_thin_levels` first, or see `empty_level`.
    """
    start = table("base", base)
    within("tolerance", tolerance, 1e-14, 1e-2)
    within("max_sweeps", max_sweeps, 1, 10**6)
    sides = checked_margins(margins, start.shape)
    state = starting_states(start, sides, tolerance)
    total = np.full_like(start, np.nan)
    sweeps = np.zeros(len(start), dtype=np.int64)
    error = np.full(len(start), np.nan)
    todo = np.flatnonzero(state == WeightState.MET)
    for first in range(0, len(todo), BLOCK):
        rows = todo[first : first + BLOCK]
        made, sweeps[rows], met, error[rows] = _rake_block(
            start[rows], _parts(sides, rows), tolerance, max_sweeps
        )
        state[rows[~met]] = WeightState.NOT_CONVERGED
        total[rows[met]] = made[met]
    return Weights(total, start, state, sweeps, error)


def post_stratify(base: Floats, margin: Margin) -> Weights:
    """Weights that meet one margin: b T / S per level. Holt and Smith 1979."""
    return rake(base, (margin,))


def _parts(margins: tuple[Margin, ...], rows: Ints) -> list[_Part]:
    parts = []
    for margin in margins:
        target = np.ascontiguousarray(margin.totals[rows].T)
        group = None if margin.group is None else np.ascontiguousarray(margin.group[rows].T)
        if group is not None and (group == np.arange(margin.n_levels)[:, None]).all():
            group = None
        parts.append(_Part(margin.level, target if group is None else merged_sums(target, group), group))
    return parts


def starting_states(base: Floats, margins: tuple[Margin, ...], tolerance: float = TOLERANCE) -> States:
    """States that are known before any sweep: MET means "may be raked"."""
    state = np.full(len(base), WeightState.MET, dtype=np.int8)
    everybody = np.arange(len(base))
    grand = np.add.reduce(margins[0].totals, axis=1)
    for margin, part in zip(margins, _parts(margins, everybody), strict=True):
        sums = part.sums(base.T)
        off = np.abs(np.add.reduce(margin.totals, axis=1) - grand) > tolerance / 2 * grand
        state[off] = WeightState.TOTALS_DISAGREE
        state[((sums > 0) & (part.target <= 0)).any(axis=0)] = WeightState.EMPTY_POPULATION
        state[((sums <= 0) & (part.target > 0)).any(axis=0)] = WeightState.EMPTY_LEVEL
    for margin in margins:
        state[(margin.totals < 0).any(axis=1)] = WeightState.UNKNOWN_TOTAL
    state[np.add.reduce(base, axis=1) <= 0] = WeightState.NO_SAMPLE
    return state


def _rake_block(
    base: Floats, parts: list[_Part], tolerance: float, max_sweeps: int
) -> tuple[Floats, Ints, Flags, Floats]:
    """(weights, sweeps, met, error); each assessee is taken out at the sweep at which it converges."""
    out = base.copy()
    sweeps = np.full(len(base), max_sweeps, dtype=np.int64)
    met = np.zeros(len(base), dtype=bool)
    weights, places, running = np.ascontiguousarray(base.T), np.arange(len(base)), list(parts)
    small = tolerance / (2 * len(parts))
    for sweep in range(1, max_sweeps + 1):
        done = _sweep(weights, running) <= small
        new = done & ~met[places]
        out[places[new]] = weights[:, new].T
        sweeps[places[new]], met[places[new]] = sweep, True
        if met[places].all():
            break
        if 2 * np.count_nonzero(met[places]) >= len(places):
            kept = ~met[places]
            weights, places = np.ascontiguousarray(weights[:, kept]), places[kept]
            running = [part.keep(kept) for part in running]
    rest = ~met[places]
    out[places[rest]] = weights[:, rest].T
    columns = np.ascontiguousarray(out.T)
    with np.errstate(invalid="ignore"):
        error = np.max([part.error(part.sums(columns)) for part in parts], axis=0)
    return out, sweeps, met & (error <= tolerance), error


def _sweep(weights: Floats, parts: list[_Part]) -> Floats:
    """Adjust to each margin once, in place; the worst relative error seen on the way, per assessee."""
    worst = np.zeros(weights.shape[1])
    for part in parts:
        sums = part.sums(weights)
        np.maximum(worst, part.error(sums), out=worst)
        factor = np.divide(part.target, sums, out=np.ones_like(sums), where=sums > 0)
        if part.group is not None:
            factor = np.take_along_axis(factor, part.group, axis=0)
        weights *= factor[part.level]
    return worst
