"""Funnel plot: who lies outside of what chance and usual differences explain (docs/method/grades.md).

In: estimates and standard errors (n,) of one comparison group. Out: the target line, z values,
limits with and without overdispersion, and who lies outside. Spiegelhalter (2005). Model class;
who is outside is decided on whole millionths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minping_engine.errors import InputError
from minping_engine.ranking.checks import estimates
from minping_engine.ranking.quantised import MICRO, is_borderline, micro

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
WARNING, ALARM = 1.96, 3.09
"""95 % and 99.8 % limits, in standard errors."""


@dataclass(frozen=True)
class Funnel:
    """`target` in points; `z` (n,); `phi` mean winsorised z^2; `tau2` squared points, >= 0."""

    estimate: Floats
    se: Floats
    target: float
    z: Floats
    phi: float
    tau2: float

    @property
    def overdispersed(self) -> bool:
        """Do they differ more than sampling alone explains?"""
        return self.tau2 > 0

    def limits(self, width: float = WARNING, *, overdispersion: bool = True) -> tuple[Floats, Floats]:
        """Lower and upper limit at each standard error: target -+ width x sqrt(se^2 + tau2)."""
        half = width * self._spread(overdispersion)
        return self.target - half, self.target + half

    def outside(self, width: float = WARNING, *, overdispersion: bool = True) -> Flags:
        """Strictly outside of the limits."""
        distance, limit = self._distances(width, overdispersion)
        flags: Flags = distance > limit
        return flags

    def outside_multiplicative(self, width: float = ALARM) -> Flags:
        """The same with limits width x se x sqrt(phi), phi at least 1: for comparison only."""
        flags: Flags = micro(np.abs(self.z)) > micro(width * np.sqrt(max(self.phi, 1.0)))
        return flags

    def borderline(self, width: float = WARNING, *, overdispersion: bool = True) -> Flags:
        """Within 2e-6 of a limit."""
        distance, limit = self._distances(width, overdispersion)
        return is_borderline(distance - limit, 0)

    def _spread(self, overdispersion: bool) -> Floats:
        return np.sqrt(self.se**2 + (self.tau2 if overdispersion else 0.0))

    def _distances(self, width: float, overdispersion: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return micro(np.abs(self.estimate - self.target)), micro(width * self._spread(overdispersion))


def funnel(estimate: ArrayLike, se: ArrayLike, *, winsorised: float = 0.10) -> Funnel:
    """Target, overdispersion and z of n estimates with errors > 0.

    target = precision-weighted mean; z = (estimate - target) / se; phi = mean of z^2 after both
    tails of `winsorised` (0 to below 0.5) are drawn in to their quantile (R's type 7);
    tau2 = max(0, (n phi - (n - 1)) / (sum w - sum w^2 / sum w)), w = 1 / se^2. n = 1: tau2 = 0.
    """
    centre, errors = estimates(estimate, se)
    if not 0 <= winsorised < 0.5:
        raise InputError.of("ranking.winsorised", value=winsorised)
    weight = 1 / errors**2
    total = np.add.reduce(weight)
    target = float(np.add.reduce(weight * centre) / total)
    z = (centre - target) / errors
    low, high = np.quantile(z, [winsorised, 1 - winsorised])
    drawn_in = np.clip(z, low, high)
    n, phi = centre.size, float(np.add.reduce(drawn_in * drawn_in) / centre.size)
    room = float(total - np.add.reduce(weight * weight) / total)
    tau2 = max(0.0, (n * phi - (n - 1)) / room) if n > 1 else 0.0
    # Below one millionth of a variance nothing is claimed.
    return Funnel(centre, errors, target, z, phi, tau2 if tau2 * MICRO >= 0.5 else 0.0)
