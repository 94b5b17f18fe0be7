"""True levels behind one round's scores, whatever their distribution (docs/method/coaching.md, rule 4).

In: deviations from what is usual for group and ground, their known variances, the variance of true
deviations. Out: for each the expected true deviation and what variance remains. The normal curve is only
where the search for the distribution starts: those with a plan are the lowest, and there a wrong shape
would look like an effect.
"""

from __future__ import annotations

import numpy as np

from minping_engine.coaching.rounds import Floats

POINTS, REACH = 201, 6.0
"""The distribution stands on so many points, up to so many of its own spreads beyond what was seen."""
PASSES = 60


def expected_levels(deviation: Floats, variance: Floats, between: float) -> tuple[Floats, Floats]:
    """Posterior means and variances under a prior of any shape (Laird and Louis 1991).

    The prior starts normal with variance `between` and is made likelier by a fixed number of EM steps:
    few, so that it follows the shape of a district and not its single workers.

    >>> mean, left = expected_levels(np.array([-3.0, 0.0, 3.0]), np.full(3, 1.0), 4.0)
    >>> bool(-3 < mean[0] < -2 and abs(mean[1]) < 1e-6 and (left < 1).all())
    True
    """
    spread = np.sqrt(between)
    reach = max(float(np.abs(deviation).max()), REACH * spread)
    grid = np.linspace(-reach, reach, POINTS)
    # No error is finer than the grid, else a very sure score would fall between two points.
    known = np.maximum(variance, (grid[1] - grid[0]) ** 2)[:, None]
    likelihood = np.exp(-0.5 * (deviation[:, None] - grid) ** 2 / known)
    prior = np.exp(-0.5 * (grid / spread) ** 2)
    prior /= prior.sum()
    for _ in range(PASSES):
        inverse = 1.0 / np.einsum("ij,j->i", likelihood, prior)
        prior = prior * np.einsum("i,ij->j", inverse, likelihood) / len(deviation)
    posterior = likelihood * prior
    posterior /= posterior.sum(axis=1, keepdims=True)
    mean = np.einsum("ij,j->i", posterior, grid)
    return mean, np.einsum("ij,ij->i", posterior, (grid - mean[:, None]) ** 2)
