"""Many small least-squares systems at once, without BLAS (docs/method/survey-estimates.md, rule 7).

In: symmetric matrices, one per assessee or one in all. Out: coefficients, inverses and which columns
were used. Gauss-Jordan sweeps of whole batches; a column that the earlier ones already explain
(an empty level, a twin) is left out and said so, never inverted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ALIASED = 1e-10
"""A column whose remaining square is below this part of its own square counts as explained."""


@dataclass(frozen=True)
class Solved:
    """`coefficient` (batch, p, v), `inverse` (batch, p, p), `used` (batch, p); zeros where not used."""

    coefficient: Floats
    inverse: Floats
    used: Bools


def solve_normal_equations(matrix: Floats, right: Floats) -> Solved:
    """Solve `matrix` (batch, p, p) b = `right` (batch, p, v), symmetric and not negative definite."""
    p, diagonal = matrix.shape[1], np.einsum("bkk->bk", matrix).copy()
    work = np.concatenate([matrix, right], axis=2).astype(np.float64)
    inverse = np.zeros_like(matrix, dtype=np.float64)
    inverse[:, np.arange(p), np.arange(p)] = 1.0
    work = np.concatenate([work, inverse], axis=2)
    used = np.zeros(diagonal.shape, dtype=np.bool_)
    for k in range(p):
        pivot = work[:, k, k].copy()
        used[:, k] = (diagonal[:, k] > 0) & (pivot > ALIASED * diagonal[:, k])
        row = np.where(used[:, k, None], work[:, k, :] / np.where(used[:, k], pivot, 1.0)[:, None], 0.0)
        work -= work[:, :, k, None].copy() * row[:, None, :]
        work[:, k, :] = row
    width = right.shape[2]
    keep = used[:, :, None]
    both = keep & used[:, None, :]
    return Solved(
        np.where(keep, work[:, :, p : p + width], 0.0), np.where(both, work[:, :, p + width :], 0.0), used
    )


def cross_products(group: NDArray[np.int64], n_groups: int, features: Floats, weight: Floats) -> Floats:
    """Sums of weight x x' by group: (groups, p, p) from features (rows, p)."""
    p = features.shape[1]
    out = np.zeros((n_groups, p, p))
    for k in range(p):
        scaled = weight * features[:, k]
        for other in range(k, p):
            out[:, k, other] = np.bincount(group, scaled * features[:, other], n_groups)
            out[:, other, k] = out[:, k, other]
    return out


def sums_by(group: NDArray[np.int64], n_groups: int, values: Floats) -> Floats:
    """Column sums by group: (groups, columns) from (rows, columns)."""
    columns = [np.bincount(group, values[:, column], n_groups) for column in range(values.shape[1])]
    return np.stack(columns, axis=1) if columns else np.zeros((n_groups, 0))
