"""Distances of calibration: how far weights may go from their base (docs/method/weighting.md 5).

In: u = x'lambda per cell. Out: g = F(u) and its slope. Deville and Sarndal 1992, cases 1 (linear),
2 (raking), 6 (logit) and 7 (cut off at bounds).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from minping_engine.errors import InputError
from minping_engine.weighting.checks import Floats

STEEP = 700.0
"""exp of more is infinite."""
HELD = 1e-6
"""Slope given to cells at their bound, so that a step stays defined where all cells of a column are."""


class Shape(StrEnum):
    """The form of F."""

    LINEAR = "linear"
    RAKING = "raking"
    LOGIT = "logit"


@dataclass(frozen=True)
class Distance:
    """F with its bounds on g: numbers, or tables (assessees, cells). Logit needs finite bounds."""

    shape: Shape = Shape.RAKING
    lower: float | Floats = -np.inf
    upper: float | Floats = np.inf

    def __post_init__(self) -> None:
        low, high = np.asarray(self.lower), np.asarray(self.upper)
        bounded = bool(np.isfinite(low).all() and np.isfinite(high).all() and (low >= 0).all())
        logit_fits = bounded and bool((low < 1).all() and (high > 1).all())
        fits = logit_fits if self.shape == Shape.LOGIT else bool((low <= high).all() and (high > 0).all())
        if not fits:
            raise InputError.of("weighting.bounds", lower=float(low.max()), upper=float(high.min()))

    @property
    def bounded(self) -> bool:
        """Whether weights can hit a bound."""
        return bool(np.isfinite(self.lower).any() or np.isfinite(self.upper).any())

    def g_and_slope(self, u: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        """F(u) and F'(u); `lower`, `upper` are this distance's bounds in the shape of u."""
        if self.shape == Shape.LOGIT:
            return _logit(u, lower, upper)
        free = 1 + u if self.shape == Shape.LINEAR else np.exp(np.minimum(u, STEEP))
        slope = np.ones_like(u) if self.shape == Shape.LINEAR else free
        inside = (free > lower) & (free < upper)
        return np.clip(free, lower, upper), np.where(inside, slope, HELD)


def cut_off_potential(u: Floats, lower: Floats, upper: Floats) -> Floats:
    """Integral of F = exp(u) cut off at `lower` and `upper`: convex, its slope is g."""
    low, high = np.log(np.maximum(lower, np.finfo(float).tiny)), np.log(upper)
    below, above = u < low, u > high
    made = np.exp(np.clip(u, low, np.minimum(high, STEEP)))
    made[below] += (lower * (u - low))[below]
    made[above] += (upper * (u - high))[above]
    return made


def _logit(u: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    steepness = (high - low) / ((1 - low) * (high - 1))
    power = np.exp(np.clip(steepness * u, -STEEP, STEEP))
    below = (high - 1) + (1 - low) * power
    g = (low * (high - 1) + high * (1 - low) * power) / below
    slope = (1 - low) * (high - 1) * steepness * (high - low) * (power / below) / below
    return g, slope
