"""Ranks under the posterior: expected rank, interval, chance of the top (docs/method/ranks.md).

In: posterior means and standard deviations (n,), normal and independent given the model, larger is
better. Out: ranks, 1 = best. Lin, Louis, Paddock, Ridgeway (2006). Model class, no random numbers.
Whether a ranking may be shown at all is decided in `bands`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from minping_engine.ranking import spectrum
from minping_engine.ranking.checks import estimates, share
from minping_engine.ranking.quantised import micro

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EXACT_UP_TO = 2000
"""All pairs up to this many; above, the grid."""
POINTS = 96
COUNTED_UP_TO = 200
"""Up to this many the chance of the top is counted out, above taken as normal."""


@dataclass(frozen=True)
class RankIntervals:
    """Posterior ranks from `low` (best) to `high` (worst), (n,), holding at least the level."""

    low: Ints
    high: Ints


@dataclass(frozen=True)
class _Below:
    """How many lie below t: mean and variance; third moment of those above. All included."""

    grid: spectrum.Grid
    mean: Floats
    variance: Floats
    third: Floats


def expected_ranks(mean: ArrayLike, deviation: ArrayLike) -> Floats:
    """Posterior expected ranks (n,): 1 + sum over k of P(theta_k > theta_i)."""
    centre, spread = estimates(mean, deviation)
    if centre.size <= EXACT_UP_TO:
        return expected_ranks_pairwise(centre, spread)
    return expected_ranks_fast(centre, spread)


def expected_ranks_pairwise(mean: ArrayLike, deviation: ArrayLike) -> Floats:
    """The same, all pairs, exact: R_i = 1 + sum_{k != i} Phi((m_k - m_i) / sqrt(v_i + v_k))."""
    centre, spread = estimates(mean, deviation)
    out, variance = np.empty(centre.size), spread**2
    rows_at_once = max(1, 500_000 // centre.size)
    for start in range(0, centre.size, rows_at_once):
        part = slice(start, start + rows_at_once)
        ahead = centre - centre[part, None]
        # Her comparison with herself adds exactly one half.
        out[part] = 0.5 + np.add.reduce(ndtr(ahead / np.sqrt(variance[part, None] + variance)), axis=1)
    return out


def expected_ranks_fast(mean: ArrayLike, deviation: ArrayLike) -> Floats:
    """The same on a grid, n + classes x points x log(points); error below 1e-5 n."""
    centre, spread = estimates(mean, deviation)
    mass = spectrum.spread_over_grid(centre, spread)
    table = spectrum.counts_below(mass, mass.grid.classes)
    below = spectrum.look_up_smoothed(mass.grid, table, centre, spread)
    return np.clip(centre.size + 0.5 - below, 1.0, float(centre.size))


def rank_intervals(mean: ArrayLike, deviation: ArrayLike, *, level: float = 0.95) -> RankIntervals:
    """Central posterior interval of each rank, widened where need be to hold the expected rank.

    Given her own theta = t, the number ahead of her is a sum of independent yes/no (Poisson-
    binomial), taken as normal with its mean and variance; t runs over 96 points.
    """
    centre, spread = estimates(mean, deviation)
    tail = (1 - share(level, "level")) / 2
    below = _below(centre, spread)
    low, high = np.empty(centre.size, dtype=np.int64), np.empty(centre.size, dtype=np.int64)
    rows_at_once = max(1, 1_000_000 // POINTS)
    for start in range(0, centre.size, rows_at_once):
        part = slice(start, start + rows_at_once)
        mixture = _mixture(below, centre[part], spread[part], centre.size)
        low[part] = _smallest_rank(mixture, tail, centre.size)
        high[part] = _smallest_rank(mixture, 1 - tail, centre.size)
    expected = expected_ranks(centre, spread)
    return RankIntervals(
        np.minimum(low, np.floor(expected).astype(np.int64)),
        np.minimum(np.maximum(high, np.ceil(expected).astype(np.int64)), centre.size),
    )


def _below(centre: Floats, spread: Floats) -> _Below:
    mass = spectrum.spread_over_grid(centre, spread)
    variance, third = spectrum.moments_above(mass)
    return _Below(mass.grid, spectrum.counts_below(mass, np.zeros(1))[0], variance, third)


def _mixture(below: _Below, centre: Floats, spread: Floats, n: int) -> tuple[Floats, Floats, Floats]:
    """Weights (points,), and mean and deviation (n, points) of the number ahead, self left out."""
    z = np.linspace(-5.5, 5.5, POINTS)
    edges = np.concatenate([[-np.inf], (z[1:] + z[:-1]) / 2, [np.inf]])
    weights = np.diff(ndtr(edges))
    at = centre[:, None] + spread[:, None] * z
    mean = n - spectrum.look_up(below.grid, below.mean, at.ravel()).reshape(at.shape) - ndtr(-z)
    own = ndtr(z) * ndtr(-z)
    variance = spectrum.look_up(below.grid, below.variance, at.ravel()).reshape(at.shape) - own
    # A point stands for a whole cell of t, over which the mean moves by `step`.
    step = np.gradient(mean, axis=1)
    return weights, np.clip(mean, 0.0, n - 1.0), np.sqrt(np.maximum(variance, 0.0) + step * step / 12 + 1e-6)


def _smallest_rank(mixture: tuple[Floats, Floats, Floats], chance: float, n: int) -> Ints:
    """Smallest r with P(rank <= r) >= chance, by halving; compared in whole millionths."""
    weights, mean, deviation = mixture
    low = np.zeros(mean.shape[0], dtype=np.int64)
    high = np.full(mean.shape[0], n, dtype=np.int64)
    goal = int(micro(chance))
    for _ in range(int(np.ceil(np.log2(max(n, 2)))) + 1):
        middle = (low + high) // 2
        within = np.einsum("ij,j->i", ndtr((middle[:, None] - 0.5 - mean) / deviation), weights)
        enough = micro(within) >= goal
        high = np.where(enough, middle, high)
        low = np.where(enough, low, middle)
    return np.maximum(high, 1)


def top_chances(mean: ArrayLike, deviation: ArrayLike, top_share: float) -> Floats:
    """P(rank <= K), K = share of n rounded down but at least 1, (n,), values 0-1.

    Given her theta, the number ahead is Poisson-binomial: counted out exactly for n <= 200, above
    normal with its mean, variance and skewness (Volkova 1996). n <= K is certain.
    """
    centre, spread = estimates(mean, deviation)
    places = places_of(top_share, centre.size)
    if centre.size <= places:
        return np.ones(centre.size)
    if centre.size <= COUNTED_UP_TO:
        return _top_chances_counted(centre, spread, places)
    return _top_chances_normal(centre, spread, places)


def _top_chances_counted(centre: Floats, spread: Floats, places: int) -> Floats:
    """Adds one rival at a time to the distribution of the number ahead; trapezoid over her theta."""
    z = np.linspace(-6.0, 6.0, POINTS + 1)
    weights = np.exp(-z * z / 2)
    weights /= np.add.reduce(weights)
    at = centre[:, None] + spread[:, None] * z
    ahead = np.zeros((places, *at.shape))
    ahead[0] = 1.0
    for rival in range(centre.size):
        chance = ndtr((centre[rival] - at) / spread[rival])
        chance[rival] = 0.0
        moved = ahead[:-1] * chance
        ahead *= 1 - chance
        ahead[1:] += moved
    within = np.einsum("kij,j->i", ahead, weights)
    chances: Floats = np.clip(within, 0.0, 1.0)
    return chances


def _top_chances_normal(centre: Floats, spread: Floats, places: int) -> Floats:
    """Exact below and above the zone where the last place falls, Gauss-Legendre inside it."""
    below = _below(centre, spread)
    bottom, top = _zone(below, places, centre.size)
    x, w = leggauss(int(np.clip(np.ceil((top - bottom) / float(spread.min()) * 6), 48, 400)))
    t, w = (bottom + top + x * (top - bottom)) / 2, w * (top - bottom) / 2
    ahead = centre.size - spectrum.look_up(below.grid, below.mean, t)
    variance = spectrum.look_up(below.grid, below.variance, t)
    third = spectrum.look_up(below.grid, below.third, t)
    out = np.empty(centre.size)
    rows_at_once = max(1, 1_000_000 // t.size)
    for start in range(0, centre.size, rows_at_once):
        part = slice(start, start + rows_at_once)
        z = (t - centre[part, None]) / spread[part, None]
        above = ndtr(-z)
        own = above * (1 - above)
        sigma = np.sqrt(np.maximum(variance - own, 1e-6))
        skewness = (third - own * (1 - 2 * above)) / sigma**3
        chance = _skewed_normal((places - 0.5 - (ahead - above)) / sigma, skewness)
        curve = np.exp(-z * z / 2) / (spread[part, None] * np.sqrt(2 * np.pi))
        out[part] = np.einsum("ij,j->i", curve * chance, w) + ndtr((centre[part] - top) / spread[part])
    return np.clip(out, 0.0, 1.0)


def _skewed_normal(x: Floats, skewness: Floats) -> Floats:
    """Refined normal approximation of a Poisson-binomial distribution (Volkova 1996)."""
    bent = skewness * (1 - x * x) * np.exp(-x * x / 2) / (6 * np.sqrt(2 * np.pi))
    chance: Floats = np.clip(ndtr(x) + bent, 0.0, 1.0)
    return chance


def places_of(top_share: float, n: int) -> int:
    """Places that a share of n gives: rounded down in whole millionths, at least one."""
    return max(1, int(micro(share(top_share, "top_share"))) * n // 1_000_000)


def _zone(below: _Below, places: int, n: int) -> tuple[float, float]:
    """Where the chance of at most `places` - 1 ahead goes from 0 to 1."""
    grid = below.grid
    ahead = n - below.mean
    slack = 7.0 * np.sqrt(below.variance + 0.25) + 1.0
    never = np.flatnonzero(ahead - slack > places)
    always = np.flatnonzero(ahead + slack < places - 1)
    first = int(never[-1]) if never.size else 0
    last = int(always[0]) if always.size else grid.size - 1
    return grid.start + first * grid.step, grid.start + last * grid.step
