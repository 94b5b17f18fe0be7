"""Critical values of confidence sets for ranks, without random numbers (docs/method/ranks.md).

In: standard errors of independent normal estimates. Out: how many standard errors of a difference
two of them must lie apart. Marginal: Mogstad, Romano, Shaikh, Wilhelm (2024), the maximum's
distribution by a one-dimensional integral. Simultaneous: Tukey-Kramer, proved conservative by
Hayter (1984). Monte Carlo only for checks, with a generator that the caller passes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtrit

from minping_engine.errors import InputError, RefusedError
from minping_engine.ranking.checks import share

Floats = NDArray[np.float64]
SOLVED_ONE_BY_ONE = 128
"""Up to this many different errors each gets its own integral; above, 17 Chebyshev points in log s."""
CLASSES = 96
"""Classes of log s, four of which share each error by a cubic: 2e-7 in c where errors differ by 1 : 50."""
NODES = 17
WIDEST = 8.5
TOLERANCE = 1e-9
MOST_STEPS = 60
MOST_SIMULATED = 2000


def marginal_critical_values(se: ArrayLike, level: float = 0.95) -> Floats:
    """For each j the c with P(max over k of |Z_j - Z_k| / s_jk <= c) = level.

    `se` (n,) > 0, independent; out (n,), in standard errors of a difference, accurate to 1e-6 for
    ratios of errors up to 1:50. n = 1 has nothing to compare: 0. Depends on s_j and on the errors
    of the others only, so it is computed on points of s and read off between them.
    """
    errors, level = np.asarray(se, dtype=np.float64), share(level, "level")
    if errors.size == 1:
        return np.zeros(1)
    distinct, where = np.unique(errors, return_inverse=True)
    others, counts = _classes(distinct, np.bincount(where).astype(np.float64))
    return _over_errors(distinct, lambda own: _solve_marginal(own, others, counts, level))[where]


def _over_errors(distinct: Floats, function: Callable[[Floats], Floats]) -> Floats:
    """A smooth function of the own error at each of `distinct`; for many, read off between 17 points."""
    if distinct.size <= SOLVED_ONE_BY_ONE:
        return function(distinct)
    nodes = np.cos(np.pi * (2 * np.arange(NODES) + 1) / (2 * NODES))
    low, high = np.log(distinct[0]), np.log(distinct[-1])
    solved = function(np.exp((low + high + nodes * (high - low)) / 2))
    return _barycentric(nodes, solved, (2 * np.log(distinct) - low - high) / (high - low))


def _classes(distinct: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Errors as they are; where there are many, classes of log s with the weights of a cubic (Lagrange)."""
    if distinct.size <= SOLVED_ONE_BY_ONE:
        return distinct, counts
    logs = np.log(distinct)
    position = (logs - logs[0]) / (logs[-1] - logs[0]) * (CLASSES - 1)
    left = np.clip(position.astype(np.int64), 1, CLASSES - 3)
    x = position - left
    parts = (
        -x * (x - 1) * (x - 2) / 6,
        (x + 1) * (x - 1) * (x - 2) / 2,
        -(x + 1) * x * (x - 2) / 2,
        (x + 1) * x * (x - 1) / 6,
    )
    weights = np.zeros(CLASSES)
    for shift, part in enumerate(parts, start=-1):
        weights += np.bincount(left + shift, counts * part, CLASSES)
    classes: Floats = np.exp(np.linspace(logs[0], logs[-1], CLASSES))
    return classes, weights


def _barycentric(nodes: Floats, values: Floats, at: Floats) -> Floats:
    """Interpolation through Chebyshev points of the first kind (Berrut, Trefethen 2004)."""
    turns = (2 * np.arange(nodes.size) + 1) * np.pi / (2 * nodes.size)
    weights = np.where(np.arange(nodes.size) % 2 == 0, 1.0, -1.0) * np.sin(turns)
    gap = np.clip(at, -1.0, 1.0)[:, None] - nodes
    hit = np.abs(gap) < 1e-14
    pull = weights / np.where(hit, 1.0, gap)
    smooth = np.add.reduce(pull * values, axis=1) / np.add.reduce(pull, axis=1)
    exact: Floats = np.where(hit.any(axis=1), values[hit.argmax(axis=1)], smooth)
    return exact


def _solve_marginal(own: Floats, others: Floats, counts: Floats, level: float) -> Floats:
    """Critical values for the errors `own`, each one of the population `others` x `counts`."""
    total = float(np.add.reduce(counts))
    nodes, weights = _half_line(float(others[0] / others[-1]))
    low = np.full(own.size, float(ndtri(0.5 + level / 2)))
    high = np.full(own.size, float(ndtri(0.5 + level ** (1.0 / max(total - 1, 1)) / 2)))

    def probability(c: Floats, rows: NDArray[np.int64]) -> Floats:
        return _chance_within(own[rows], c, (others, counts), (nodes, weights))

    return _increasing_root(probability, level, (low, high))


def _half_line(ratio: float) -> tuple[Floats, Floats]:
    """Trapezoid points z >= 0 and weights of 2 phi(z); finer where errors differ much."""
    step = min(max(0.5 * ratio, 0.005), 0.15)
    nodes = np.arange(0.0, WIDEST, step)
    weights = 2 * step * np.exp(-nodes * nodes / 2) / np.sqrt(2 * np.pi)
    weights[0] /= 2
    return nodes, weights


def _chance_within(
    own: Floats,
    c: Floats,
    population: tuple[Floats, Floats],
    quadrature: tuple[Floats, Floats],
    *,
    one_sided: bool = False,
) -> Floats:
    """P(all |Z_j - Z_k| <= c s_jk), k in the population without j itself; `one_sided`: all Z_k - Z_j."""
    others, counts = population
    nodes, weights = quadrature
    out = np.empty(own.size)
    rows_at_once = max(1, 2_000_000 // (nodes.size * others.size))
    for start in range(0, own.size, rows_at_once):
        part = slice(start, start + rows_at_once)
        shift = (own[part, None] / others)[:, :, None] * nodes
        limit = (c[part, None] * np.sqrt(own[part, None] ** 2 + others**2) / others)[:, :, None]
        logs = _log_within(shift, limit, one_sided)
        alone = _log_within(nodes, c[part, None] * np.sqrt(2.0), one_sided)
        total = np.einsum("jkz,k->jz", logs, counts) - alone
        out[part] = np.einsum("jz,z->j", np.exp(total), weights)
    return out


def _log_within(shift: Floats, limit: Floats, one_sided: bool) -> Floats:
    """log P(Z <= shift + limit and, with both sides, Z >= shift - limit), by the tails."""
    above = ndtr(-shift - limit)
    return _log_rest(above if one_sided else above + ndtr(shift - limit))


def _log_rest(tails: Floats) -> Floats:
    rest: Floats = np.log1p(-np.minimum(tails, 1 - 1e-16))
    return rest


def _increasing_root(
    function: Callable[[Floats, NDArray[np.int64]], Floats], level: float, bracket: tuple[Floats, Floats]
) -> Floats:
    """Roots of function(c) = level for many increasing functions at once: secant on normal scale.

    Each is kept inside its bracket; what has not converged is an error, never a guess.
    """
    low, high = (part.copy() for part in bracket)
    goal, root, rows = float(ndtri(level)), high.copy(), np.arange(high.size)
    last, last_value = low.copy(), np.full(low.size, np.nan)
    for _ in range(MOST_STEPS):
        if rows.size == 0:
            return root
        here = root[rows]
        value = ndtri(np.clip(function(here, rows), 1e-300, 1 - 1e-16)) - goal
        high[rows] = np.where(value >= 0, np.minimum(high[rows], here), high[rows])
        low[rows] = np.where(value < 0, np.maximum(low[rows], here), low[rows])
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (value - last_value[rows]) / (here - last[rows])
            step = here - value / np.where(np.isnan(slope), 2.0, slope)
        inside = (step > low[rows] - TOLERANCE) & (step < high[rows] + TOLERANCE)
        step = np.where(inside, step, (low[rows] + high[rows]) / 2)
        last[rows], last_value[rows], root[rows] = here, value, step
        done = (np.abs(step - here) < TOLERANCE) | (np.abs(value) < 1e-13)
        rows = rows[~done]
    raise RefusedError.of("ranking.no_critical_value", n=int(rows.size), steps=MOST_STEPS)


def simultaneous_critical_value(n: int, level: float = 0.95) -> float:
    """The c with P(all |Z_j - Z_k| / s_jk <= c) >= level, whatever the errors of n estimates.

    Studentised range with known variances: c = q / sqrt 2, exact for equal errors, conservative
    otherwise (Hayter 1984). Bound exact to 1e-9; n = 1: 0.
    """
    level = share(level, "level")
    if n < 2:
        return 0.0
    step = 0.02
    z = np.arange(-9.0, 18.0, step)
    weights = n * step * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)

    def probability(c: Floats, rows: NDArray[np.int64]) -> Floats:
        rest = _log_rest(ndtr(-z) + ndtr(z - float(c[0]) * np.sqrt(2.0)))
        return np.full(rows.size, np.add.reduce(weights * np.exp((n - 1) * rest)))

    low = float(ndtri(0.5 + level / 2))
    high = float(-ndtri(-np.expm1(np.log(level) * 2.0 / (n * (n - 1))) / 2))
    return float(_increasing_root(probability, level, (np.array([low]), np.array([high])))[0])


def best_critical_value(se: ArrayLike, tau: int, level: float = 0.95) -> float:
    """The c with which nobody of the true best `tau` has `tau` rivals surely above her, with `level`.

    One of the best is lost only if somebody below her seems surely above. That chance is an integral for
    each alone; the sum of the `tau` largest covers whoever the best are. Never above the simultaneous
    value. `se` (n,) > 0; tau >= n: 0, nobody can be lost.
    """
    errors, level = np.asarray(se, dtype=np.float64), share(level, "level")
    if tau >= errors.size:
        return 0.0
    distinct, where = np.unique(errors, return_inverse=True)
    population = _classes(distinct, np.bincount(where).astype(np.float64))
    half, weights = _half_line(float(distinct[0] / distinct[-1]))
    line = np.concatenate([-half[::-1], half]), np.concatenate([weights[::-1], weights]) / 2

    def all_kept(c: Floats, rows: NDArray[np.int64]) -> Floats:
        def lost(own: Floats) -> Floats:
            return 1 - _chance_within(own, np.full(own.size, c[0]), population, line, one_sided=True)

        largest = np.sort(_over_errors(distinct, lost)[where])[-tau:]
        return np.full(rows.size, 1 - np.add.reduce(largest))

    bound = simultaneous_critical_value(errors.size, level)
    if all_kept(np.array([bound]), np.zeros(1, dtype=np.int64))[0] <= level:
        return bound
    bracket = np.array([float(ndtri(level))]), np.array([bound])
    return float(_increasing_root(all_kept, level, bracket)[0])


def joint_region_critical_value(n: int, level: float = 0.95) -> float:
    """Half width in standard errors of each of n intervals that hold together with `level`.

    Independent estimates: each at level^(1/n) (Klein, Wright, Wieczorek 2020).
    """
    return float(-ndtri(-np.expm1(np.log(share(level, "level")) / n) / 2))


def simulated_critical_value(
    se: ArrayLike, generator: np.random.Generator, *, level: float = 0.95, draws: int = 10_000
) -> float:
    """Simultaneous critical value by simulation, as a check of the bound; n up to 2,000.

    The estimate is random: never used by default, and not for anything that can be appealed.
    """
    errors, level = np.asarray(se, dtype=np.float64), share(level, "level")
    if errors.size > MOST_SIMULATED:
        raise InputError.of("ranking.too_many_for_simulation", n=errors.size, most=MOST_SIMULATED)
    upper = np.triu_indices(errors.size, 1)
    spread = np.sqrt(errors[upper[0]] ** 2 + errors[upper[1]] ** 2)
    largest = np.empty(draws)
    for draw in range(draws):
        noise = generator.standard_normal(errors.size) * errors
        largest[draw] = np.max(np.abs(noise[upper[0]] - noise[upper[1]]) / spread, initial=0.0)
    return float(np.quantile(largest, level, method="inverted_cdf"))


def t_widened_errors(se: Floats, df: Floats, critical: float) -> Floats:
    """Errors times t/z at the tail of `critical`, so that a normal critical value may be used.

    Two widened errors give the root mean square of both t values, never below Cochran's (1964)
    weighted mean of them; conservative. (n,) in, (n,) out.
    """
    quantile = -stdtrit(df, ndtr(-critical))
    widened: Floats = se * np.maximum(quantile / critical, 1.0) if critical > 0 else se.copy()
    return widened
