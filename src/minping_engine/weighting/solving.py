"""Small symmetric systems for many assessees at once, without BLAS (docs/method/weighting.md 5).

In: columns of a design (columns, cells, assessees) and weights. Out: sums of products and solutions.
A column that the others already explain is left out (its coefficient is 0): margins are redundant by
nature. Solutions are checked by the callers against what they should meet.
"""

from __future__ import annotations

import numpy as np

from minping_engine.weighting.checks import Floats

DEPENDENT = 1e-9
"""Share of a column's own sum of squares below which it counts as explained by the others."""


def column_sums(x: Floats, weights: Floats) -> Floats:
    """Sums over cells of weights * x: (columns, assessees)."""
    return np.stack([np.add.reduce(column * weights, axis=0) for column in x])


def cross_products(x: Floats, weights: Floats) -> Floats:
    """X' W X per assessee: (columns, columns, assessees)."""
    made = np.empty((len(x), len(x), weights.shape[1]))
    for one, column in enumerate(x):
        weighted = column * weights
        for other in range(one + 1):
            made[one, other] = made[other, one] = np.add.reduce(weighted * x[other], axis=0)
    return made


def solve(matrix: Floats, right: Floats) -> Floats:
    """Solutions of symmetric, positive semidefinite systems; (k, k, n), (k, n) -> (k, n).

    Gauss-Jordan on the matrix scaled to unit diagonal; dependent columns get 0.
    """
    size = len(matrix)
    scale = np.sqrt(np.stack([matrix[one, one] for one in range(size)]))
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    left = matrix * inverse[:, None] * inverse[None, :]
    made = right * inverse
    used = np.zeros(right.shape, dtype=bool)
    for one in range(size):
        pivot = left[one, one].copy()
        used[one] = pivot > DEPENDENT
        factor = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=used[one])
        row, value = left[one] * factor, made[one] * factor
        column = np.where(used[one], left[:, one], 0.0)
        column[one] = 0.0
        left -= column[:, None] * row[None, :]
        made -= column * value
        left[one] = np.where(used[one], row, left[one])
        made[one] = np.where(used[one], value, made[one])
    return np.asarray(np.where(used, made, 0.0) * inverse)
