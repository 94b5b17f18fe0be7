"""Small symmetric matrices, thousands at once: inverse, determinant, nearest one without negative parts.

In: arrays (..., k, k) of symmetric matrices. Out: the same shapes. Elimination runs over k and
is vectorised over everything else, in a fixed order and without BLAS, so that the same numbers
come out at any batch size. Used by the models of this folder (docs/method/progress.md).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError

Floats = NDArray[np.float64]


def inverse(matrices: Floats) -> tuple[Floats, Floats]:
    """Inverses (..., k, k) and log determinants (...,) of positive definite matrices."""
    work = np.array(matrices, dtype=np.float64)
    size = work.shape[-1]
    log_determinant = np.zeros(work.shape[:-2])
    for step in range(size):
        pivot = work[..., step, step].copy()
        if not np.all(pivot > 0):
            raise InputError.of("indices.covariance_not_positive", n=int(np.sum(~(pivot > 0))))
        log_determinant += np.log(pivot)
        row = work[..., step, :] / pivot[..., None]
        column = work[..., :, step].copy()
        work -= column[..., :, None] * row[..., None, :]
        work[..., step, :] = row
        work[..., :, step] = -column / pivot[..., None]
        work[..., step, step] = 1.0 / pivot
    return (work + np.swapaxes(work, -1, -2)) / 2.0, log_determinant


def product(left: Floats, right: Floats) -> Floats:
    """Matrix products over the last two axes, summed in a fixed order."""
    made: Floats = np.einsum("...ab,...bc->...ac", left, right)
    return made


def quadratic(matrices: Floats, vector: Floats) -> Floats:
    """v' M v over the last axes."""
    made: Floats = np.einsum("...a,...ab,...b->...", vector, matrices, vector)
    return made


def roots(matrix: Floats) -> tuple[Floats, Floats]:
    """Symmetric root and inverse root of one positive definite matrix (k, k)."""
    values, vectors = np.linalg.eigh(matrix)
    root = np.sqrt(np.maximum(values, np.finfo(np.float64).tiny))
    return product(vectors * root, vectors.T), product(vectors / root, vectors.T)


def without_negative_parts(matrix: Floats) -> Floats:
    """The nearest positive semidefinite matrix (Frobenius): negative eigenvalues become 0."""
    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= 0:
        return matrix
    made = product(vectors * np.maximum(values, 0.0), vectors.T)
    return (made + made.T) / 2.0
