"""Weighted and adjusted estimates of one district's targets (survey-estimates.md, fair-adjustment.md).

In: cells, frame, weights. Out: `TargetEstimates` with weighted means and what the case mix needs, and
`Adjustment`: coefficients of adjusters and modes with their covariance. Modes are learned where chance
chose the mode; adjusters inside targets; nothing describes the assessed person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.assessment.chain.cells import DistrictCells, Floats, Ints
from minping_engine.assessment.chain.clustered import clustered_variance
from minping_engine.assessment.chain.plan import Plan, mode_name
from minping_engine.assessment.chain.weigh import CellWeights
from minping_engine.errors import RefusedError
from minping_engine.estimation import (
    CaseMixFit,
    CaseMixMoments,
    FittedResiduals,
    LonelyPolicy,
    ModeEffects,
    ModeState,
    SurveyCells,
    SurveyDesign,
    SurveyEstimates,
    Weighting,
    fit_beside_modes,
    fit_casemix,
    mode_effects,
    survey_means,
)
from minping_engine.evidence import DistrictEvidence
from minping_engine.terms import Mode

MILLI = 1000.0


@dataclass(frozen=True)
class Column:
    """One 0/1 column of the case mix: `step` is the variable (or `mode`), `level` its level or mode."""

    step: str
    level: str


@dataclass(frozen=True)
class Adjustment:
    """`fit` of the case mix (points), its columns, and the states of mode columns."""

    columns: tuple[Column, ...]
    fit: CaseMixFit
    modes: ModeEffects | None
    randomised_ballots: int


@dataclass(frozen=True)
class TargetEstimates:
    """Arrays (T,) in points; `x` (T, p) weighted means of the case mix columns.

    `left_variance` is the squared error of what adjustment leaves of the weighted mean, without finite
    population correction. NaN where nothing can be said.
    """

    n: Ints
    mean: Floats
    left_variance: Floats
    effective_n: Floats
    df: Ints
    x: Floats


def estimate_targets(
    district: DistrictEvidence, cells: DistrictCells, weights: CellWeights, plan: Plan
) -> tuple[TargetEstimates, Adjustment | None]:
    """Weighted means, the case mix, and errors of what it leaves."""
    columns, x = _columns(cells, plan)
    adjustment = _fit(cells, columns, x, plan)
    shift = np.zeros(len(cells.n), dtype=np.int64) if adjustment is None else shift_of(adjustment, x)
    left = _left(cells, weights, shift)
    variance, df = left.se[:, 0] ** 2, left.df[:, 0]
    if plan.spec.clusters:
        variance, df = clustered_variance(district, cells, weights, shift, plan.n_ballot_cells)
    total = len(cells.targets)
    size = np.bincount(cells.target, weights.ballot * cells.n, total)
    share = weights.ballot * cells.n / np.where(size > 0, size, 1.0)[cells.target]
    means = np.zeros((total, x.shape[1]))
    for place, column in enumerate(x.T):
        means[:, place] = np.bincount(cells.target, share * column, total)
    taken = np.bincount(cells.target, share * shift, total)
    estimates = TargetEstimates(
        left.n[:, 0],
        (left.estimate[:, 0] + taken) / MILLI,
        variance / MILLI**2,
        left.effective_n[:, 0],
        df,
        means,
    )
    return estimates, adjustment


def _left(cells: DistrictCells, weights: CellWeights, shift: Ints) -> SurveyEstimates:
    """Weighted mean of y - shift with its linearised error, in thousandths; `shift` (rows,) whole."""
    s = cells.s - shift * cells.n
    ss = cells.ss - shift * (2 * cells.s - shift * cells.n)
    # No population: what is wanted decides about a person.
    unknown = np.full(len(cells.unit_target), -1, dtype=np.int64)
    design = SurveyDesign(cells.unit, cells.unit_target, unknown, len(cells.targets))
    residuals = FittedResiduals(weights.base, weights.features)
    weighting = Weighting(weights.ballot, residuals, LonelyPolicy.COLLAPSE)
    return survey_means(design, SurveyCells(cells.n, cells.n[:, None], s[:, None], ss[:, None]), weighting)


def shift_of(adjustment: Adjustment, x: Floats) -> Ints:
    """What the case mix takes out of a ballot of each row, whole thousandths of a point."""
    taken = np.add.reduce(x * adjustment.fit.coefficient[:, 0], axis=1)
    whole: Ints = np.rint(taken * MILLI).astype(np.int64)
    return whole


def _columns(cells: DistrictCells, plan: Plan) -> tuple[tuple[Column, ...], Floats]:
    """0/1 columns of adjusters (all levels but the first) and of modes (all but the reference)."""
    columns, parts = [], []
    for variable in plan.adjusters:
        level = plan.levels_of(variable)[cells.cell]
        for one in range(1, plan.levels(variable)):
            columns.append(Column(variable, str(one)))
            parts.append(level == one)
    if plan.fairness and plan.fairness.modes:
        for code in np.unique(cells.mode):
            if mode_name(int(code)) != plan.fairness.modes.reference:
                columns.append(Column("mode", mode_name(int(code))))
                parts.append(cells.mode == code)
    x = np.stack(parts, axis=1).astype(np.float64) if parts else np.zeros((len(cells.n), 0))
    return tuple(columns), x


def _fit(cells: DistrictCells, columns: tuple[Column, ...], x: Floats, plan: Plan) -> Adjustment | None:
    if not columns:
        return None
    first_mode = next((k for k, column in enumerate(columns) if column.step == "mode"), len(columns))
    moments = _moments(x, cells, cells.target, np.ones(len(cells.n), dtype=bool))
    drawn_by_lot = int(cells.n[_named_lot(cells)].sum())
    try:
        if first_mode == len(columns):
            return Adjustment(columns, fit_casemix(moments), None, drawn_by_lot)
        modes = _modes(cells, x, slice(first_mode, None), plan)
        fit = fit_beside_modes(moments, slice(first_mode, None), modes)
    except RefusedError:
        return None
    return Adjustment(columns, fit, modes, drawn_by_lot)


def _modes(cells: DistrictCells, x: Floats, at: slice, plan: Plan) -> ModeEffects:
    """Mode effects from ballots whose mode was drawn by lot; none where they cannot tell."""
    use = plan.fairness.modes if plan.fairness else None
    bound = use.selection_bound if use else 0.0
    lot = _named_lot(cells)
    # Closing keeps the lot known where a cell of the population has enough of it: modes then differ in their
    # strata and frame cells although chance chose them, and are compared inside these.
    frame_cell = cells.cell // plan.n_ballot_cells
    inside = np.unique(cells.unit * plan.n_frame_cells + frame_cell, return_inverse=True)[1]
    randomised = _fit_or_none(x, cells, inside.astype(np.int64), lot)
    drawn = x[lot][:, at].any(axis=0)
    # A mode that was drawn and yet is not told apart: the lot never drew the reference, and the effects that
    # are left compare other modes with one another.
    if randomised is None or (drawn & ~randomised.used[at, 0]).any():
        shape = (x[:, at].shape[1], 1)
        zero = np.zeros(shape)
        return ModeEffects(zero, zero, zero, np.full(shape, ModeState.NOT_RANDOMISED, dtype=np.int8))
    other = _fit_or_none(x, cells, cells.target, ~cells.randomised) if bound > 0 else None
    return mode_effects(randomised, other, at, bound)


def _named_lot(cells: DistrictCells) -> NDArray[np.bool_]:
    """Rows whose mode chance chose and the snapshot names: what closing pooled is not one way of asking."""
    named: NDArray[np.bool_] = cells.randomised & (cells.mode != Mode.UNKNOWN.value)
    return named


def _fit_or_none(x: Floats, cells: DistrictCells, inside: Ints, rows: NDArray[np.bool_]) -> CaseMixFit | None:
    try:
        return fit_casemix(_moments(x, cells, inside, rows))
    except RefusedError:
        return None


def _moments(x: Floats, cells: DistrictCells, inside: Ints, rows: NDArray[np.bool_]) -> CaseMixMoments:
    """Sums over the rows by `inside`, the groups whose own levels are left out of account; points."""
    total, group = int(inside.max(initial=-1)) + 1, inside[rows]
    n, s, ss = (part[rows].astype(np.float64) for part in (cells.n, cells.s, cells.ss))
    values = x[rows]

    def summed(part: Floats) -> Floats:
        made: Floats = np.bincount(group, part.astype(np.float64), total).astype(np.float64)
        return made

    p = x.shape[1]
    first = np.stack([summed(n * values[:, k]) for k in range(p)], axis=1)
    cross = np.stack([summed(s / MILLI * values[:, k]) for k in range(p)], axis=1)
    square = np.empty((total, p, p))
    for k in range(p):
        for m in range(k, p):
            square[:, k, m] = square[:, m, k] = summed(n * values[:, k] * values[:, m])
    return CaseMixMoments(
        summed(n)[:, None],
        first[:, :, None],
        summed(s / MILLI)[:, None],
        summed(ss / MILLI**2)[:, None],
        cross[:, :, None],
        square[:, :, :, None],
    )
