"""What calibration explains of a variable: the fitted part that leaves its standard error.

In: centred sums per cell, design weights, calibration features. Out: fitted values per cell
(docs/method/survey-estimates.md, rule 7). Two rules, both from R survey 4.1-1, both named: the
weighted projection of `calibrate()` (Deville and Sarndal 1992; the default) and the ten unweighted
sweeps over margins of `rake()`. They differ in the fourth digit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.estimation.survey_algebra import cross_products, solve_normal_equations, sums_by

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FittedResiduals:
    """`calibrate()`: regress on `features` (cells, p), a constant among them, by `design_weight` (cells,).

    The design weight is the one *before* calibration. The fit is made within each assessee. Give
    `calibrated_weight` (cells,) where the final weight was trimmed after calibration.
    """

    design_weight: Floats
    features: Floats
    calibrated_weight: Floats | None = None


@dataclass(frozen=True)
class SweptResiduals:
    """`rake()` of survey 4.1-1: subtract unweighted means of each margin in turn, `sweeps` times.

    `levels` (cells, margins) numbers the levels of each margin from 0.
    """

    levels: Ints
    sweeps: int = 10
    calibrated_weight: Floats | None = None


def margin_features(levels: Ints) -> Floats:
    """Constant and indicators of all levels but each margin's first: (cells, p) from (cells, margins)."""
    columns = [np.ones(len(levels))]
    for margin in range(levels.shape[1]):
        column = levels[:, margin]
        columns += [
            (column == level).astype(np.float64) for level in range(1, int(column.max(initial=0)) + 1)
        ]
    return np.stack(columns, axis=1)


def fitted_values(
    rule: FittedResiduals | SweptResiduals, who: Ints, n_assessees: int, ballots: Ints, sums: Floats
) -> Floats:
    """Fitted value per ballot of each cell, (cells, variables); `sums` are the centred sums of cells.

    `who` (cells,) is the assessee of each cell; `ballots` counts all ballots of the cell, those
    outside the estimation domain or without the item too: they count as zero there.
    """
    if isinstance(rule, SweptResiduals):
        return _swept(rule, who, n_assessees, ballots, sums)
    weight, features = rule.design_weight, rule.features
    matrix = cross_products(who, n_assessees, features, weight * ballots)
    p, width = features.shape[1], sums.shape[1]
    right = np.stack(
        [sums_by(who, n_assessees, (weight * features[:, k])[:, None] * sums) for k in range(p)], axis=1
    )
    coefficient = solve_normal_equations(matrix, right).coefficient
    fitted = np.zeros((len(who), width))
    for k in range(p):
        fitted += features[:, k, None] * coefficient[who, k, :]
    return fitted


def _swept(rule: SweptResiduals, who: Ints, n_assessees: int, ballots: Ints, sums: Floats) -> Floats:
    fitted, left = np.zeros_like(sums), sums.copy()
    margins = []
    for column in rule.levels.T:
        width = int(column.max(initial=0)) + 1
        key = who * width + column
        count = np.bincount(key, ballots, n_assessees * width)
        margins.append((key, np.where(count > 0, count, 1.0)[:, None]))
    for _ in range(rule.sweeps):
        for key, count in margins:
            mean = (sums_by(key, len(count), left) / count)[key]
            fitted += mean
            left -= mean * ballots[:, None]
    return fitted
