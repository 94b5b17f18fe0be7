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
from scipy.special import ndtr, ndtri

from minping_engine.ranking import spectrum
from minping_engine.ranking.below import Below, tabulate_below
from minping_engine.ranking.checks import estimates, share
from minping_engine.ranking.quantised import micro

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EXACT_UP_TO = 2000
"""All pairs up to this many; above, the grid."""
POINTS = 48
LOCAL = 0.8
"""Deviation of the fine part of theta, in gaps between points: smaller leaves ripples."""
COUNTED_POINTS = 97
ROWS_AT_ONCE = 250_000
SECANT_STEPS = 12
COUNTED_UP_TO = 200
"""Up to this many the chance of the top is counted out, above taken as normal."""


@dataclass(frozen=True)
class RankIntervals:
    """Posterior ranks from `low` (best) to `high` (worst), (n,), holding at least the level."""

    low: Ints
    high: Ints


@dataclass(frozen=True)
class PosteriorRanks:
    """Arrays (n,): expected ranks, intervals, chances of the top share (0-1)."""

    expected: Floats
    low: Ints
    high: Ints
    top_chance: Floats


def posterior_ranks(
    mean: ArrayLike, deviation: ArrayLike, *, level: float = 0.95, top_share: float = 0.1
) -> PosteriorRanks:
    """`expected_ranks`, `rank_intervals` and `top_chances` at the cost of little more than one of them."""
    centre, spread = estimates(mean, deviation)
    below, expected = tabulate_below(centre, spread), expected_ranks(centre, spread)
    interval = _intervals((centre, spread), below, expected, share(level, "level"))
    chance = _top_chances((centre, spread), below, places_of(top_share, centre.size))
    return PosteriorRanks(expected, interval.low, interval.high, chance)


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
    binomial), taken as normal with its mean and variance; t runs over 48 points.
    """
    centre, spread = estimates(mean, deviation)
    below, expected = tabulate_below(centre, spread), expected_ranks(centre, spread)
    return _intervals((centre, spread), below, expected, share(level, "level"))


def _intervals(who: tuple[Floats, Floats], below: Below, expected: Floats, level: float) -> RankIntervals:
    centre, spread = who
    low, high = np.empty(below.n, dtype=np.int64), np.empty(below.n, dtype=np.int64)
    rows_at_once = max(1, ROWS_AT_ONCE // POINTS)
    for start in range(0, below.n, rows_at_once):
        part = slice(start, start + rows_at_once)
        mixture = _mixture(below, centre[part], spread[part])
        low[part] = _smallest_rank(mixture, (1 - level) / 2, below.n)
        high[part] = _smallest_rank(mixture, (1 + level) / 2, below.n)
    return RankIntervals(
        np.minimum(low, np.floor(expected).astype(np.int64)),
        np.minimum(np.maximum(high, np.ceil(expected).astype(np.int64)), below.n),
    )


def _mixture(below: Below, centre: Floats, spread: Floats) -> tuple[Floats, Floats, Floats]:
    """Weights (points,), and mean and deviation (n, points) of the number ahead, self left out."""
    points = np.linspace(-5.5, 5.5, POINTS)
    weights = np.exp(-points * points / 2)
    weights /= np.add.reduce(weights)
    # Her theta is a coarse part on the points and a fine part, normal too, that fills the gaps between them.
    fine = LOCAL * (points[1] - points[0])
    z = points * np.sqrt(1 - fine * fine)
    at = centre[:, None] + spread[:, None] * z
    mean = below.n - below.at(below.mean, at) - ndtr(-z)
    variance = below.at(below.variance, at) - ndtr(z) * ndtr(-z)
    slope = np.gradient(mean, z[1] - z[0], axis=1)
    bend = np.gradient(slope, z[1] - z[0], axis=1)
    mean = np.clip(mean + fine * fine / 2 * bend, 0.0, below.n - 1.0)
    deviation = np.sqrt(np.maximum(variance, 0.0) + (fine * slope) ** 2 + 1e-6)
    return weights, mean, deviation


def _smallest_rank(mixture: tuple[Floats, Floats, Floats], chance: float, n: int) -> Ints:
    """Smallest r with P(rank <= r) >= chance, compared in whole millionths.

    Secant steps on the normal scale inside a bracket that never loses r; by halving once they stall.
    """
    weights, mean, deviation = mixture
    centre = np.einsum("ij,j->i", mean, weights)
    square = np.einsum("ij,j->i", deviation**2 + (mean - centre[:, None]) ** 2, weights)
    spread, quantile, goal = np.sqrt(square), float(ndtri(chance)), int(micro(chance))
    low, high = np.zeros(centre.size, dtype=np.int64), np.full(centre.size, n, dtype=np.int64)
    wanted, rows = centre + 0.5 + quantile * spread, np.arange(centre.size)
    last, last_score, turn = centre + 0.5, np.zeros(centre.size), 0
    while (rows := rows[high[rows] - low[rows] > 1]).size:
        middle = np.clip(np.ceil(wanted[rows]).astype(np.int64), low[rows] + 1, high[rows] - 1)
        if turn >= SECANT_STEPS:
            middle = (low[rows] + high[rows]) // 2
        within = np.einsum("ij,j->i", ndtr((middle[:, None] - 0.5 - mean[rows]) / deviation[rows]), weights)
        enough = micro(within) >= goal
        high[rows], low[rows] = np.where(enough, middle, high[rows]), np.where(enough, low[rows], middle)
        score = ndtri(np.clip(within, 1e-12, 1 - 1e-12))
        run, rise = middle - last[rows], score - last_score[rows]
        slope = np.where(run * rise > 0, run / np.where(rise == 0, 1.0, rise), spread[rows])
        wanted[rows] = middle + (quantile - score) * slope
        last[rows], last_score[rows], turn = middle, score, turn + 1
    return high


def top_chances(mean: ArrayLike, deviation: ArrayLike, top_share: float) -> Floats:
    """P(rank <= K), K = share of n rounded down but at least 1, (n,), values 0-1.

    Given her theta, the number ahead is Poisson-binomial: counted out exactly for n <= 200, above
    normal with its mean, variance and skewness (Volkova 1996). n <= K is certain.
    """
    centre, spread = estimates(mean, deviation)
    places = places_of(top_share, centre.size)
    return _top_chances((centre, spread), tabulate_below(centre, spread), places)


def _top_chances(who: tuple[Floats, Floats], below: Below, places: int) -> Floats:
    centre, spread = who
    if centre.size <= places:
        return np.ones(centre.size)
    if centre.size <= COUNTED_UP_TO:
        return _top_chances_counted(centre, spread, places)
    return _top_chances_normal(who, below, places)


def _top_chances_counted(centre: Floats, spread: Floats, places: int) -> Floats:
    """Adds one rival at a time to the distribution of the number ahead; trapezoid over her theta."""
    z = np.linspace(-6.0, 6.0, COUNTED_POINTS)
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


def _top_chances_normal(who: tuple[Floats, Floats], below: Below, places: int) -> Floats:
    """Exact below and above the zone where the last place falls, Gauss-Legendre inside it."""
    centre, spread = who
    bottom, top = _zone(below, places)
    x, w = leggauss(int(np.clip(np.ceil((top - bottom) / float(spread.min()) * 6), 48, 400)))
    t, w = (bottom + top + x * (top - bottom)) / 2, w * (top - bottom) / 2
    ahead, variance = below.n - below.at(below.mean, t), below.at(below.variance, t)
    third = below.at(below.third, t)
    out = np.empty(centre.size)
    rows_at_once = max(1, ROWS_AT_ONCE // t.size)
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


def _zone(below: Below, places: int) -> tuple[float, float]:
    """Where the chance of at most `places` - 1 ahead goes from 0 to 1."""
    ahead = below.n - below.mean
    slack = 7.0 * np.sqrt(below.variance + 0.25) + 1.0
    never = np.flatnonzero(ahead - slack > places)
    always = np.flatnonzero(ahead + slack < places - 1)
    first = int(never[-1]) if never.size else 0
    last = int(always[0]) if always.size else ahead.size - 1
    return below.start + first * below.step, below.start + last * below.step
