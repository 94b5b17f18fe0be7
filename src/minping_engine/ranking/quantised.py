"""Whole millionths: what decisions of the model class compare (evidence.md 6, docs/method/ranks.md).

In: float64 of an estimate, error or probability. Out: int64 in units of 1e-6, so that the last
bits of exp, erf or a BLAS never decide about a person; and which decisions lie within 2e-6 of
their cut. Judges nothing else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
MICRO = 1_000_000
BORDERLINE = 2
"""A decision this many millionths or fewer from its cut is listed as borderline."""


def micro(values: Floats | float) -> Ints:
    """Values in whole millionths, halves to even. Not for NaN: check first."""
    return np.rint(np.asarray(values, dtype=np.float64) * MICRO).astype(np.int64)


def is_borderline(values: Ints, cut: Ints | int) -> Flags:
    """True where the quantised value lies within 2e-6 of its cut."""
    near: Flags = np.abs(values - cut) <= BORDERLINE
    return near
