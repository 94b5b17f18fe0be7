"""How many rivals lie below t: mean, variance and skew of that number at every t (docs/method/ranks.md, 5-6).

In: posterior means and deviations of one comparison group. Out: `Below`, made once and used for rank
intervals and chances of the top alike. Few against few points are counted one by one, which is quicker
than the grid of `spectrum` up to several hundred; above, that grid. Class model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from minping_engine.ranking import spectrum

Floats = NDArray[np.float64]
COUNTED_ONE_BY_ONE = 2_000_000
"""Up to this many pairs of rival and point."""
POINTS_PER_DEVIATION = 8.0
"""A cubic between points an eighth of the smallest deviation apart is right to 1e-5 of n."""
REACH = 8.0


@dataclass(frozen=True)
class Below:
    """At points start + step * i: how many of `n` lie below, its variance, third moment of those above."""

    n: int
    start: float
    step: float
    mean: Floats
    variance: Floats
    third: Floats

    def at(self, row: Floats, t: Floats) -> Floats:
        """One of the three rows at any t, of any shape."""
        return spectrum.cubic(row, 0, (t - self.start) / self.step, row.size)


def tabulate_below(centre: Floats, spread: Floats) -> Below:
    """The table for people with means and deviations (n,); everybody is included."""
    low, high = float(spread.min()), float(spread.max())
    start, stop = float(centre.min()) - REACH * high, float(centre.max()) + REACH * high
    wanted = np.ceil((stop - start) / low * POINTS_PER_DEVIATION) + 1
    if wanted * centre.size > COUNTED_ONE_BY_ONE:
        return _from_grid(centre, spread)
    points = np.linspace(start, stop, int(wanted))
    above = ndtr((centre[:, None] - points) / spread[:, None])
    mixed = above * (1 - above)
    return Below(
        centre.size,
        start,
        float(points[1] - points[0]),
        centre.size - np.add.reduce(above, axis=0),
        np.add.reduce(mixed, axis=0),
        np.add.reduce(mixed * (1 - 2 * above), axis=0),
    )


def _from_grid(centre: Floats, spread: Floats) -> Below:
    mass = spectrum.spread_over_grid(centre, spread)
    variance, third = spectrum.moments_above(mass)
    mean = spectrum.counts_below(mass, np.zeros(1))[0]
    return Below(centre.size, mass.grid.start, mass.grid.step, mean, variance, third)
