"""Weights of one district: design, nonresponse, raking, and the table in whole millionths (weighting.md).

In: cells and frame of a district. Out: `CellWeights`: a weight per ballot of every cell, its table, and
for each target the state and diagnostics. Where raking is impossible the base weights stand, and the
state says so; nothing fails silently.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.assessment.chain.cells import DistrictCells, Floats, Frame, Ints
from minping_engine.assessment.chain.plan import Plan
from minping_engine.scheme import WeightPlan
from minping_engine.weighting import (
    Diagnostics,
    Limits,
    Margin,
    Weights,
    WeightState,
    diagnose,
    merge_thin_levels,
    rake_within,
    response_by_cells,
    weight_table,
)

MICRO = 1_000_000
MOST_SWEEPS = 120
"""Who has not converged by then hardly ever does: her base weights stand, and the state says so."""


@dataclass(frozen=True)
class CellWeights:
    """`micro` (T, K): a cell's weight in millionths of a household; `n` (T, K) its ballots.

    `ballot`, `base` (rows,) weigh one ballot after and before raking; `features` (rows, p) are what was
    calibrated to; `merged` (T,) counts merged levels, `has_response` says whether nonresponse counted.
    """

    micro: Ints
    n: Ints
    ballot: Floats
    base: Floats
    features: Floats
    state: NDArray[np.int8]
    diagnostics: Diagnostics
    merged: Ints
    has_response: bool


def weigh(cells: DistrictCells, frame: Frame, plan: Plan) -> CellWeights:
    """Weights of every target and cell; a cell is a stratum of the target x a packed cell."""
    strata = int(cells.local_stratum.max(initial=0)) + 1
    column = cells.local_stratum[cells.unit] * plan.n_cells + cells.cell
    shape = (len(cells.targets), strata * plan.n_cells)
    n = np.bincount(cells.target * shape[1] + column, cells.n, shape[0] * shape[1])
    n = n.reshape(shape).astype(np.int64)
    factor, has_response = _response_factor(cells, frame, plan)
    base = _base(cells, frame, plan, n, factor)
    eligible = cells.households(frame.eligible)
    households = np.where(eligible > 0, eligible, n.sum(axis=1)).astype(np.float64)
    margins, weights = _raked(base, _margins(frame, plan, shape[1]), n, plan, households)
    micro = weight_table(_usable(weights, households))
    at = (cells.target, column)
    count = np.maximum(n[at], 1)
    return CellWeights(
        micro,
        n,
        micro[at] / MICRO / count,
        base[at] / count,
        _features(plan, margins, weights, cells, column),
        weights.state,
        diagnose(weights, n.astype(np.float64)),
        _merged_levels(margins, len(cells.targets)),
        has_response,
    )


def _response_factor(cells: DistrictCells, frame: Frame, plan: Plan) -> tuple[Floats, bool]:
    """1 / propensity by street and frame cell, (T, frame cells); 1 where it cannot be told."""
    ones = np.ones((len(cells.targets), plan.n_frame_cells))
    if not plan.nonresponse or not len(cells.targets) or (frame.drawn_by_cell < 0).any():
        return ones, False
    answered = cells.by_frame_cell(plan)
    streets = int(frame.street.max()) + 1
    drawn_sum, answered_sum = (np.zeros((streets, plan.n_frame_cells)) for _ in range(2))
    np.add.at(drawn_sum, frame.street, frame.drawn_by_cell)
    np.add.at(answered_sum, frame.street, answered)
    if (answered_sum > drawn_sum).any():
        return ones, False
    made = response_by_cells(drawn_sum, answered_sum).factor
    return np.where(np.isnan(made), 1.0, made)[frame.street], True


def _base(cells: DistrictCells, frame: Frame, plan: Plan, n: Ints, factor: Floats) -> Floats:
    """Ballots x N / n drawn x 1 / propensity, added up by cell; ballots alone where nothing is known."""
    strata = n.shape[1] // plan.n_cells
    known = (frame.eligible > 0) & (frame.drawn > 0)
    inverse = np.where(known, frame.eligible / np.where(known, frame.drawn, 1), 1.0)
    # A design known in part says nothing: then ballots count alike.
    whole = np.bincount(cells.unit_target, ~known, len(cells.targets)) == 0
    inverse = np.where(whole[cells.unit_target], inverse, 1.0)
    design = np.ones((len(cells.targets), strata))
    design[cells.unit_target, cells.local_stratum] = inverse
    of_cell = np.repeat(factor, plan.n_ballot_cells, axis=1)
    made: Floats = n * np.repeat(design, plan.n_cells, axis=1) * np.tile(of_cell, (1, strata))
    return made


def _margins(frame: Frame, plan: Plan, n_columns: int) -> tuple[Margin, ...]:
    repeat = n_columns // max(plan.n_cells, 1)
    return tuple(
        Margin(name, np.tile(plan.levels_of(name), repeat), frame.margins[name].astype(np.float64))
        for name in plan.margins
    )


def _raked(
    base: Floats, margins: tuple[Margin, ...], n: Ints, plan: Plan, households: Floats
) -> tuple[tuple[Margin, ...], Weights]:
    """Margins with thin levels merged, and weights; base weights scaled to the households without margins."""
    if not margins or not len(base):
        sums = base.sum(axis=1)
        scale = np.divide(households, sums, out=np.zeros_like(sums), where=sums > 0)
        state = np.where(sums > 0, WeightState.MET, WeightState.NO_SAMPLE).astype(np.int8)
        nothing = np.zeros(len(base), dtype=np.int64)
        return (), Weights(base * scale[:, None], base, state, nothing, np.zeros(len(base)))
    rule = plan.fairness.weighting if plan.fairness and plan.fairness.weighting else WeightPlan()
    counts = n.astype(np.float64)
    merged = merge_thin_levels(margins, counts, minimum=rule.thin)
    limits = Limits(rule.lower, rule.upper, rule.ranges)
    return merged, rake_within(base, merged, counts, limits=limits, max_sweeps=MOST_SWEEPS)


def _usable(weights: Weights, households: Floats) -> Floats:
    """Raked weights; base weights scaled to the households where raking had no answer."""
    made = weights.or_base()
    sums = np.add.reduce(made, axis=1)
    off = (weights.state != WeightState.MET) & (sums > 0)
    scale = np.where(off, households / np.where(sums > 0, sums, 1.0), 1.0)
    scaled: Floats = made * scale[:, None]
    return scaled


def _features(
    plan: Plan, margins: tuple[Margin, ...], weights: Weights, cells: DistrictCells, column: Ints
) -> Floats:
    """Constant, and indicators of margin levels where the target was raked."""
    columns = [np.ones(len(column))]
    met = (weights.state == WeightState.MET)[cells.target]
    for margin in margins:
        level = margin.level[column]
        if margin.group is not None:
            level = margin.group[cells.target, level]
        columns += [((level == one) & met).astype(np.float64) for one in range(1, margin.n_levels)]
    return np.stack(columns, axis=1)


def _merged_levels(margins: tuple[Margin, ...], n: int) -> Ints:
    total = np.zeros(n, dtype=np.int64)
    for margin in margins:
        if margin.group is not None:
            total += (margin.group != np.arange(margin.n_levels)).sum(axis=1)
    return total
