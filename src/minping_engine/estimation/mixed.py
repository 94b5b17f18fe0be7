"""Ballot-level random intercept from moments (docs/method/shrinkage.md, ballot-level model).

In: per unit the count and sums of covariates and answers, over all ballots their cross-products;
rows are never needed. Out: variances with a state, fixed effects, unit effects with their errors.
Serves case mix, reliability and as a check of the area model; it knows no weights. Criterion as
lme4 profiles it (Bates, Maechler, Bolker, Walker 2015). Model class: driver only. Two nested
levels: `mixed_nested.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError, RefusedError
from minping_engine.estimation.area import DEPENDENT, NEGLIGIBLE, DifferenceState
from minping_engine.estimation.variance_search import lowest_from_zero

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NO_RESIDUAL = 1e-12
"""Residual over total sum of squares below which there is nothing to measure against."""
DROWNED = 1e-10
"""Spread over raw square of a covariate (mean 100,000 times the spread) below which digits are lost."""


@dataclass(frozen=True)
class GroupMoments:
    """Sums per unit: n (units,), sum_x (units, q), sum_y (units,); totals: xx (q, q), xy (q,), yy.

    The q covariates come without intercept; q may be 0. Whole numbers or floats in any one unit.
    """

    n: Ints
    sum_x: Floats
    sum_y: Floats
    xx: Floats
    xy: Floats
    yy: float


@dataclass(frozen=True)
class MixedFit:
    """Variances in squared answers; `beta` (1 + q,), intercept first; effects (units,).

    `effect_sd` takes beta as known, `prediction_sd` adds its error. `criterion` is the REML
    criterion, or -2 log likelihood with ML. `value` is the unit's mean at the average covariates.
    """

    restricted: bool
    state: DifferenceState
    variance_unit: float
    variance_residual: float
    icc: float
    criterion: float
    beta: Floats
    beta_cov: Floats
    beta_se: Floats
    gamma: Floats
    effect: Floats
    effect_sd: Floats
    prediction_sd: Floats
    value: Floats
    evaluations: int


def moments_from_rows(unit: Ints, n_units: int, x: Floats, y: Floats) -> GroupMoments:
    """Moments of ballots: unit (rows,) in 0..n_units-1, x (rows, q), y (rows,). For small data and tests."""
    if x.ndim != 2 or not len(unit) == len(x) == len(y):
        raise InputError.of("shrinkage.shapes_differ", what=f"x {x.shape}, y {y.shape}, unit {unit.shape}")
    columns = [np.bincount(unit, x[:, column], n_units) for column in range(x.shape[1])]
    return GroupMoments(
        n=np.bincount(unit, minlength=n_units),
        sum_x=np.stack(columns, axis=1) if columns else np.zeros((n_units, 0)),
        sum_y=np.asarray(np.bincount(unit, y, n_units), dtype=np.float64),
        xx=np.einsum("ij,ik->jk", x, x),
        xy=np.einsum("ij,i->j", x, y),
        yy=float(np.add.reduce(y * y)),
    )


def random_intercept(moments: GroupMoments, *, restricted: bool = True) -> MixedFit:
    """The random-intercept model by REML (default) or ML.

    >>> ballots = np.array([60.0, 70, 70, 80, 70, 80, 80, 90, 80, 90, 90, 100])
    >>> sums = moments_from_rows(np.repeat([0, 1, 2], 4), 3, np.zeros((12, 0)), ballots)
    >>> fit = random_intercept(sums)
    >>> round(fit.variance_unit, 4), round(fit.variance_residual, 4), fit.effect.round(4).tolist()
    (83.3333, 66.6667, [-8.3333, 0.0, 8.3333])
    """
    scatter = scatter_of(moments)
    criterion = Criterion(scatter.rows, restricted)
    level = level_of(scatter)

    def evaluate(ratio: float) -> tuple[float, float]:
        return criterion.at(*level.at(ratio))

    lowest = lowest_from_zero(evaluate, ratio_grid(scatter, 24))
    ratio = 0.0 if lowest.at * scatter.mean_n < NEGLIGIBLE else lowest.at
    fixed = criterion.solve(level.at(ratio)[0])
    gamma = ratio * scatter.n / (1 + ratio * scatter.n)
    # Effect: ratio / (1 + ratio n) times the summed residual; gamma times the mean one, safe at n = 0.
    share = ratio / (1 + ratio * scatter.n)
    known = fixed.variance * share
    pull = share[:, None] * scatter.t[:, :-1]
    beta_var = fixed.variance * np.einsum("ij,ij->i", np.einsum("ij,jk->ik", pull, fixed.inverse), pull)
    effect = share * scatter.residual_sums(fixed.beta)
    variance_unit = ratio * fixed.variance
    beta, beta_cov = scatter.original(fixed)
    return MixedFit(
        restricted=restricted,
        state=DifferenceState.DIFFERENCES if ratio > 0 else DifferenceState.NO_EVIDENCE,
        variance_unit=variance_unit,
        variance_residual=fixed.variance,
        icc=ratio / (1 + ratio),
        criterion=scatter.constant(restricted) + evaluate(ratio)[0],
        beta=beta,
        beta_cov=beta_cov,
        beta_se=np.sqrt(np.diag(beta_cov)),
        gamma=gamma,
        effect=effect,
        effect_sd=np.sqrt(known),
        prediction_sd=np.sqrt(known + beta_var),
        value=scatter.centre(fixed) + effect,
        evaluations=lowest.evaluations,
    )


@dataclass(frozen=True)
class Scatter:
    """Moments about the grand means, covariates in units of their own spread (kept for the way back).

    `t` (units, 1 + q + 1) holds n, centred sums of x, centred sum of y; `cross` their cross-products.
    """

    n: Floats
    t: Floats
    cross: Floats
    rows: float
    mean_n: float
    mean_x: Floats
    mean_y: float
    spread: Floats

    def residual_sums(self, beta: Floats) -> Floats:
        """Per unit the sum of y - x'beta."""
        sums: Floats = self.t[:, -1] - np.einsum("ij,j->i", self.t[:, :-1], beta)
        return sums

    def constant(self, restricted: bool) -> float:
        """What the unit of the covariates adds to log|X'V^-1X|."""
        return 2 * float(np.add.reduce(np.log(self.spread))) if restricted else 0.0

    def centre(self, fixed: Fixed) -> float:
        """Expected answer at the average covariates."""
        return self.mean_y + float(fixed.beta[0])

    def original(self, fixed: Fixed) -> tuple[Floats, Floats]:
        """Coefficients and their covariance for the covariates as given."""
        size = len(fixed.beta)
        back = np.eye(size)
        back[0, 1:] = -self.mean_x / self.spread
        back[1:, 1:] /= self.spread[:, None]
        beta = np.einsum("jk,k->j", back, fixed.beta)
        beta[0] += self.mean_y
        half = np.einsum("jk,kl->jl", back, fixed.inverse)
        return beta, fixed.variance * np.einsum("jl,kl->jk", half, back)


def scatter_of(moments: GroupMoments) -> Scatter:
    """Checked and centred moments."""
    n = np.asarray(moments.n, dtype=np.float64)
    sum_x, sum_y = (np.asarray(part, dtype=np.float64) for part in (moments.sum_x, moments.sum_y))
    xx, xy = (np.asarray(part, dtype=np.float64) for part in (moments.xx, moments.xy))
    _check_shapes(n, sum_x, sum_y, xx, xy)
    rows = float(np.add.reduce(n))
    q = sum_x.shape[1]
    if int((n > 0).sum()) < 2 or rows <= q + 2:
        raise RefusedError.of("shrinkage.too_few_units", units=int((n > 0).sum()), coefficients=q + 1)
    if n.max() < 2:
        raise RefusedError.of("shrinkage.no_repeats")
    total_x, total_y = np.add.reduce(sum_x, axis=0), float(np.add.reduce(sum_y))
    mean_x, mean_y = total_x / rows, total_y / rows
    sxx = xx - np.einsum("j,k->jk", total_x, mean_x)
    if (np.diag(sxx) <= DROWNED * np.diag(xx)).any():
        raise InputError.of("shrinkage.covariates_dependent")
    spread = np.sqrt(np.diag(sxx) / rows)
    t = np.column_stack((n, (sum_x - n[:, None] * mean_x) / spread, sum_y - n * mean_y))
    cross = np.zeros((q + 2, q + 2))
    cross[0, 0] = rows
    cross[1:-1, 1:-1] = sxx / spread / spread[:, None]
    cross[1:-1, -1] = cross[-1, 1:-1] = (xy - total_x * mean_y) / spread
    cross[-1, -1] = float(moments.yy) - total_y * mean_y
    _check_scatter(n, t, cross)
    return Scatter(n, t, cross, rows, rows / int((n > 0).sum()), mean_x, mean_y, spread)


def _check_shapes(n: Floats, sum_x: Floats, sum_y: Floats, xx: Floats, xy: Floats) -> None:
    q = sum_x.shape[1] if sum_x.ndim == 2 else -1
    fits = n.ndim == 1 and sum_x.shape == (len(n), q) and sum_y.shape == n.shape
    if not (fits and xx.shape == (q, q) and xy.shape == (q,)):
        shapes = f"n {n.shape}, sum_x {sum_x.shape}, sum_y {sum_y.shape}, xx {xx.shape}, xy {xy.shape}"
        raise InputError.of("shrinkage.shapes_differ", what=shapes)
    for name, values in (("sum_x", sum_x), ("sum_y", sum_y), ("xx", xx), ("xy", xy)):
        if not np.isfinite(values).all():
            raise InputError.of("shrinkage.not_finite", what=name, n=int((~np.isfinite(values)).sum()))
    if (n < 0).any() or (sum_y[n == 0] != 0).any() or (sum_x[n == 0] != 0).any():
        raise InputError.of("shrinkage.moments_impossible", what="a unit without ballots has sums")


def _check_scatter(n: Floats, t: Floats, cross: Floats) -> None:
    total = cross[-1, -1]
    if not total > 0:
        raise RefusedError.of("shrinkage.no_residual_variance")
    if np.linalg.eigvalsh(cross[:-1, :-1])[0] < DEPENDENT * cross[0, 0]:
        raise InputError.of("shrinkage.covariates_dependent")
    there = n > 0
    within = cross - np.einsum("ij,ik->jk", t[there] / n[there, None], t[there])
    if within[-1, -1] < -1e-9 * total:
        raise InputError.of("shrinkage.moments_impossible", what="y'y is too small for the units' sums")
    # Covariates of the unit do not vary inside it: least squares of least norm leaves them out.
    beta = np.linalg.lstsq(within[:-1, :-1], within[:-1, -1], rcond=1e-10)[0]
    if within[-1, -1] - float(np.einsum("j,j->", beta, within[:-1, -1])) < NO_RESIDUAL * total:
        raise RefusedError.of("shrinkage.no_residual_variance")


def ratio_grid(scatter: Scatter, points: int) -> Floats:
    """Starting points for the ratio of variances, from invisible to overwhelming."""
    return np.geomspace(1e-4 / scatter.mean_n, 1e3, points)


Point = tuple[Floats, Floats, float, float]
"""M and its derivative, log determinant and its derivative, at one ratio."""


@dataclass(frozen=True)
class Level:
    """One level of random intercepts over cross-products `base`.

    `size` (K,) are distinct 1'V^-1 1 of groups, `count` (K,) how many groups have it, `outer`
    (K, p+1, p+1) their summed t t'.
    """

    base: Floats
    base_log_det: float
    size: Floats
    count: Floats
    outer: Floats

    def at(self, ratio: float) -> Point:
        """M, dM, log det, d log det at `ratio`."""
        grown = 1 + ratio * self.size
        matrix = self.base - np.einsum("k,kij->ij", ratio / grown, self.outer)
        slope = -np.einsum("k,kij->ij", 1 / (grown * grown), self.outer)
        log_det = self.base_log_det + float(np.add.reduce(self.count * np.log1p(ratio * self.size)))
        return matrix, slope, log_det, float(np.add.reduce(self.count * self.size / grown))


def level_of(scatter: Scatter) -> Level:
    """The units as one level; units with equal n share one matrix, so an evaluation is short."""
    order = np.argsort(scatter.n, kind="stable")
    sizes, start = np.unique(scatter.n[order], return_index=True)
    pieces = np.split(scatter.t[order], start[1:])
    outer = np.stack([np.einsum("ij,ik->jk", piece, piece) for piece in pieces])
    return Level(scatter.cross, 0.0, sizes, np.array([len(piece) for piece in pieces], dtype=float), outer)


@dataclass(frozen=True)
class Fixed:
    """Coefficients, inverse of X'V^-1X (to be multiplied by the residual variance), and that variance."""

    beta: Floats
    inverse: Floats
    variance: float


@dataclass(frozen=True)
class Criterion:
    """-2 log likelihood, restricted or full, profiled over coefficients and residual variance."""

    rows: float
    restricted: bool

    def solve(self, matrix: Floats) -> Fixed:
        """Least squares from M."""
        inverse = np.asarray(np.linalg.inv(matrix[:-1, :-1]), dtype=np.float64)
        beta = np.einsum("jk,k->j", inverse, matrix[:-1, -1])
        left = matrix[:-1, -1] - np.einsum("jk,k->j", matrix[:-1, :-1], beta)
        beta = beta + np.einsum("jk,k->j", inverse, left)
        rss = float(matrix[-1, -1] - np.einsum("j,j->", beta, matrix[:-1, -1]))
        return Fixed(beta, inverse, rss / self._df(matrix))

    def at(self, matrix: Floats, slope: Floats, log_det: float, log_det_slope: float) -> tuple[float, float]:
        """Criterion and its derivative."""
        fixed, df = self.solve(matrix), self._df(matrix)
        if not fixed.variance > 0:
            return np.inf, np.nan
        direction = np.append(-fixed.beta, 1.0)
        rss_slope = float(np.einsum("j,jk,k->", direction, slope, direction))
        criterion = df * (1 + float(np.log(2 * np.pi * fixed.variance))) + log_det
        derivative = rss_slope / fixed.variance + log_det_slope
        if self.restricted:
            criterion += float(np.linalg.slogdet(matrix[:-1, :-1])[1])
            derivative += float(np.einsum("jk,kj->", fixed.inverse, slope[:-1, :-1]))
        return criterion, derivative

    def _df(self, matrix: Floats) -> float:
        return self.rows - (len(matrix) - 1 if self.restricted else 0)
