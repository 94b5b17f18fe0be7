"""What arrays of the weighting must hold before anything is computed (docs/method/weighting.md).

In: arrays as callers give them. Out: the same as float64, or an `InputError` that names the argument
and the remedy. States of single assessees are not errors; they are found by the methods.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minping_engine.errors import InputError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
States = NDArray[np.int8]


def table(name: str, values: ArrayLike, like: tuple[int, ...] | None = None) -> Floats:
    """A two-way table of finite numbers >= 0, of shape `like` if given."""
    made = np.asarray(values, dtype=np.float64)
    if made.ndim != 2 or (like is not None and made.shape != like):
        raise InputError.of("weighting.shape", name=name, found=made.shape, needed=like or "(rows, columns)")
    bad = int(np.count_nonzero(~(np.isfinite(made) & (made >= 0))))
    if bad:
        raise InputError.of("weighting.not_a_number", name=name, n=bad)
    return made


def within(name: str, value: float, low: float, high: float) -> float:
    """A parameter inside its closed range."""
    if not low <= value <= high:
        raise InputError.of("weighting.parameter_range", name=name, found=value, low=low, high=high)
    return float(value)


def bounds(lower: float, upper: float) -> tuple[float, float]:
    """Bounds of g that leave room for g = 1."""
    if not 0 <= lower < 1 < upper:
        raise InputError.of("weighting.bounds", lower=lower, upper=upper)
    return float(lower), float(upper)
