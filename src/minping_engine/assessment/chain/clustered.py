"""Errors with clusters (building or interviewer): ballots of one cluster are not independent.

In: cluster sums of one district, cells, weights, what the case mix took out. Out: squared errors of what
is left, per target (survey-estimates.md, rules 5, 6). Ballots without a cluster (an interviewer exists
only for interviewer modes) stand beside as a part of their own, each ballot independent.
"""

from __future__ import annotations

import numpy as np

from minping_engine.assessment.chain.cells import DistrictCells, Floats, Ints
from minping_engine.assessment.chain.weigh import CellWeights
from minping_engine.estimation import (
    LonelyPolicy,
    SurveyCells,
    SurveyDesign,
    Weighting,
    survey_means,
)
from minping_engine.evidence import TOTAL_VARIABLE, DistrictEvidence

KEYS = ("target", "stratum", "frame_cell", "calib_cell", "mode", "randomised")


def clustered_variance(
    district: DistrictEvidence,
    cells: DistrictCells,
    weights: CellWeights,
    shift: Ints,
    calibration_cells: int,
) -> tuple[Floats, Ints]:
    """Squared error of each target's weighted mean of y - shift, (T,), squared thousandths; its df."""
    row, cluster, n, s = _rows(district, cells, calibration_cells)
    left_n, left_s = cells.n.copy(), cells.s.copy()
    np.subtract.at(left_n, row, n)
    np.subtract.at(left_s, row, s)
    total = len(cells.targets)
    inside, df_inside = _part(cells, weights, shift, (row, n, s, np.zeros_like(s)), cluster)
    # Squares of ballots outside of clusters: their cell's spread, which all ballots of a cell share.
    share = np.divide(left_n, cells.n, out=np.zeros(len(cells.n)), where=cells.n > 0)
    squares = np.rint(cells.ss * share).astype(np.int64)
    outside, df_outside = _part(
        cells, weights, shift, (np.arange(len(cells.n)), left_n, left_s, squares), None
    )
    weight_in = np.bincount(cells.target[row], weights.ballot[row] * n, total)
    weight_out = np.bincount(cells.target, weights.ballot * left_n, total)
    whole = np.where(weight_in + weight_out > 0, weight_in + weight_out, 1.0)
    parts = ((weight_in / whole, inside), (weight_out / whole, outside))
    made = np.zeros(total)
    for part, variance in parts:
        made += np.where(part > 0, part * part * variance, 0.0)
    return made, np.maximum(df_inside, 0) + np.maximum(df_outside, 0)


def _rows(
    district: DistrictEvidence, cells: DistrictCells, calibration_cells: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Row of the cells, cluster number (from 0, unique per unit), ballots and sum of each cluster row."""
    table = district.clusters()
    columns = {name: table[name].to_numpy() for name in (*KEYS, "cluster", "variable", "n", "s")}
    mine = columns["variable"] == TOTAL_VARIABLE
    columns = {name: column[mine] for name, column in columns.items()}
    cell = columns["frame_cell"] * calibration_cells + columns["calib_cell"]
    stratum = cells.unit_stratum[cells.unit]
    known = _key(cells.target, stratum, cells.cell, cells.mode, cells.randomised)
    target = np.searchsorted(cells.targets, columns["target"])
    wanted = _key(target, columns["stratum"], cell, columns["mode"], columns["randomised"] == 1)
    order = np.argsort(known, kind="stable")
    row = order[np.searchsorted(known[order], wanted)].astype(np.int64)
    pairs = cells.unit[row] * (1 << 32) + columns["cluster"]
    _, cluster = np.unique(pairs, return_inverse=True)
    return row, cluster.astype(np.int64), columns["n"], columns["s"]


def _key(target: Ints, stratum: Ints, cell: Ints, mode: Ints, randomised: np.ndarray) -> Ints:
    size = 1 << 20
    made: Ints = (((target * (1 << 16) + stratum) * size + cell) * 128 + mode) * 2 + randomised
    return made


def _part(
    cells: DistrictCells,
    weights: CellWeights,
    shift: Ints,
    sums: tuple[Ints, Ints, Ints, Ints],
    cluster: Ints | None,
) -> tuple[Floats, Ints]:
    """Squared error of a part of the ballots, and its df; with one cluster there is none and it is NaN."""
    row, n, s, ss = sums
    there = n > 0
    row, n, s, ss = row[there], n[there], s[there], ss[there]
    taken = shift[row]
    first, second = s - taken * n, ss - taken * (2 * s - taken * n)
    unknown = np.full(len(cells.unit_target), -1, dtype=np.int64)
    design = SurveyDesign(
        cells.unit[row],
        cells.unit_target,
        unknown,
        len(cells.targets),
        None if cluster is None else cluster[there],
    )
    weighting = Weighting(weights.ballot[row], None, LonelyPolicy.COLLAPSE)
    made = survey_means(design, SurveyCells(n, n[:, None], first[:, None], second[:, None]), weighting)
    return made.se[:, 0] ** 2, made.df[:, 0]
