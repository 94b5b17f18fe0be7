"""Area model (Fay-Herriot): direct estimates shrunk toward their peer class (docs/method/shrinkage.md).

In: per unit a direct or adjusted estimate, its error variance, covariates. Out: the variance between
units with a state, shrunken values, their mean squared errors and intervals. Model class
(evidence.md 6): driver only, no random numbers; quantise before deciding. Fay and Herriot 1979;
Prasad and Rao 1990; Datta and Lahiri 2000; Datta, Rao and Smith 2005. Ranks and grades are later steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError, RefusedError
from minping_engine.estimation.variance_search import lowest_from_zero, root_between

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NEGLIGIBLE = 1e-6
"""A variance between units below this share of a typical error variance counts as zero."""
DEPENDENT = 1e-11
"""Smallest eigenvalue of the covariates' correlation that still counts as independent."""


class VarianceMethod(StrEnum):
    """How the variance between units is estimated."""

    REML = "reml"
    ML = "ml"
    DERSIMONIAN_LAIRD = "dersimonian_laird"
    FAY_HERRIOT = "fay_herriot"
    PRASAD_RAO = "prasad_rao"


class DifferenceState(StrEnum):
    """Whether the data show differences between units at all; without them nobody is ranked."""

    DIFFERENCES = "differences"
    NO_EVIDENCE = "no_evidence_of_differences"


class AreaUnitState(IntEnum):
    """What a unit's value rests on."""

    COMBINED = 0
    NO_ESTIMATE = 1
    NO_VARIANCE = 2


@dataclass(frozen=True)
class AreaFit:
    """Arrays (units,) in the units of the estimates; variances in their square. `beta` (p,).

    `value` is the empirical best predictor, `synthetic` x'beta, `mse` g1 + g2 + 2 g3 with the
    method's bias term. `heterogeneity` is Q with `heterogeneity_df` degrees of freedom.
    """

    method: VarianceMethod
    state: DifferenceState
    variance_between: float
    variance_between_se: float
    beta: Floats
    beta_cov: Floats
    beta_se: Floats
    unit_state: Ints
    gamma: Floats
    synthetic: Floats
    value: Floats
    g1: Floats
    g2: Floats
    g3: Floats
    mse: Floats
    heterogeneity: float
    heterogeneity_df: int
    heterogeneity_p: float


@dataclass(frozen=True)
class AwardValues:
    """Arrays (units,): shrunken value with its interval; `excess` is direct minus value, NaN without one."""

    value: Floats
    low: Floats
    high: Floats
    excess: Floats


def class_covariates(peer_class: Ints, n_classes: int) -> Floats:
    """0/1 columns (units, n_classes), one per peer class; no intercept belongs beside them.

    >>> class_covariates(np.array([0, 1, 1]), 2).tolist()
    [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    """
    wrong = peer_class[(peer_class < 0) | (peer_class >= n_classes)]
    if wrong.size:
        raise InputError.of("shrinkage.class_without_units", peer_class=int(wrong[0]))
    empty = np.flatnonzero(np.bincount(peer_class, minlength=n_classes) == 0)
    if empty.size:
        raise InputError.of("shrinkage.class_without_units", peer_class=int(empty[0]))
    columns: Floats = (peer_class[:, None] == np.arange(n_classes)).astype(np.float64)
    return columns


def area_model(
    estimate: Floats,
    error_variance: Floats,
    covariates: Floats | None = None,
    method: VarianceMethod = VarianceMethod.REML,
) -> AreaFit:
    """The area model of units (m,) with covariates (m, p); without covariates a common mean.

    A unit with NaN estimate or variance stays out of the fit and gets x'beta (see `unit_state`).

    >>> fit = area_model(np.array([70.0, 74.0, 78.0, 82.0]), np.full(4, 4.0))
    >>> round(fit.variance_between, 4), fit.value.round(2).tolist()
    (22.6667, [70.9, 74.3, 77.7, 81.1])
    """
    problem, given = _prepared(estimate, error_variance, covariates)
    between = _between(problem, VarianceMethod(method))
    if between < NEGLIGIBLE * float(np.median(problem.v)):
        between = 0.0
    return _predicted(problem, between, VarianceMethod(method), given)


def variance_interval(
    estimate: Floats, error_variance: Floats, covariates: Floats | None = None, *, percent: float
) -> tuple[float, float]:
    """Interval for the variance between units by profiling Q (Viechtbauer 2007), in squared estimates.

    Two-sided; either end may be 0. Beside `no_evidence_of_differences` its upper end says how large
    differences may be all the same.
    """
    from scipy.special import chdtri

    _check_percent(percent)
    problem, _ = _prepared(estimate, error_variance, covariates)
    tail = 0.5 - percent / 200
    low, high = (float(chdtri(problem.df, upper)) for upper in (tail, 1 - tail))
    return _variance_at(problem, low), _variance_at(problem, high)


def normal_interval(value: Floats, mse: Floats, percent: float) -> tuple[Floats, Floats]:
    """Two-sided normal interval value -+ z sqrt(mse); same shape as `value`.

    >>> low, high = normal_interval(np.array([80.0]), np.array([4.0]), 95)
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([76.08], [83.92])
    """
    from scipy.special import ndtri

    _check_percent(percent)
    half = float(ndtri(0.5 + percent / 200)) * np.sqrt(mse)
    return value - half, value + half


def award_values(fit: AreaFit, estimate: Floats, percent: float) -> AwardValues:
    """What an award may print: shrunken values, so that being picked for being high adds no bias.

    Holds on average over awards if the model holds (rule 9); `excess` is the luck taken away.
    """
    low, high = normal_interval(fit.value, fit.mse, percent)
    return AwardValues(fit.value, low, high, np.asarray(estimate, dtype=np.float64) - fit.value)


def _check_percent(percent: float) -> None:
    if not 0 < percent < 100:
        raise InputError.of("shrinkage.percent_out_of_range", percent=percent)


Given = tuple[Floats, Floats, Floats, Ints]
"""Estimates, variances, covariates and states of all units, those outside the fit included."""


def _prepared(estimate: Floats, error_variance: Floats, covariates: Floats | None) -> tuple[_Problem, Given]:
    x = np.ones((len(estimate), 1)) if covariates is None else np.asarray(covariates, dtype=np.float64)
    y, v = np.asarray(estimate, dtype=np.float64), np.asarray(error_variance, dtype=np.float64)
    unit_state = _checked(y, v, x)
    used = unit_state == AreaUnitState.COMBINED
    problem = _problem_of(y[used], v[used], x[used])
    problem.check()
    return problem, (y, v, x, unit_state)


def _checked(y: Floats, v: Floats, x: Floats) -> Ints:
    if y.ndim != 1 or v.shape != y.shape or x.ndim != 2 or len(x) != len(y):
        shapes = f"estimates {y.shape}, variances {v.shape}, covariates {x.shape}"
        raise InputError.of("shrinkage.shapes_differ", what=shapes)
    if not np.isfinite(x).all():
        raise InputError.of("shrinkage.not_finite", what="covariates", n=int((~np.isfinite(x)).sum()))
    for name, values in (("estimates", y), ("variances", v)):
        if np.isinf(values).any():
            raise InputError.of("shrinkage.not_finite", what=name, n=int(np.isinf(values).sum()))
    state = np.full(len(y), AreaUnitState.COMBINED, dtype=np.int64)
    state[np.isnan(v)] = AreaUnitState.NO_VARIANCE
    state[np.isnan(y)] = AreaUnitState.NO_ESTIMATE
    wrong = int((v[state == AreaUnitState.COMBINED] <= 0).sum())
    if wrong:
        raise InputError.of("shrinkage.variance_not_positive", n=wrong)
    return state


@dataclass(frozen=True)
class _Weighted:
    """Least squares with weights w: inverse of X'WX, beta, residuals, leverages x'(X'WX)^-1 x."""

    inverse: Floats
    log_det: float
    beta: Floats
    residual: Floats
    leverage: Floats


@dataclass(frozen=True)
class _Problem:
    """Units that take part. Units of one class share a row of covariates: `rows` are the distinct ones."""

    y: Floats
    v: Floats
    rows: Floats
    row_of: Ints

    @property
    def df(self) -> int:
        return len(self.y) - int(self.rows.shape[1])

    def check(self) -> None:
        m, p = len(self.y), int(self.rows.shape[1])
        if m <= p:
            raise RefusedError.of("shrinkage.too_few_units", units=m, coefficients=p)
        gram = self.cross(np.ones(m))
        norm = np.sqrt(np.diag(gram))
        if not (norm > 0).all() or np.linalg.eigvalsh(gram / norm / norm[:, None])[0] < DEPENDENT:
            raise InputError.of("shrinkage.covariates_dependent")

    def summed(self, values: Floats) -> Floats:
        """Values of units summed by distinct row."""
        return np.asarray(np.bincount(self.row_of, values, len(self.rows)), dtype=np.float64)

    def cross(self, w: Floats) -> Floats:
        """X'WX."""
        cross: Floats = np.einsum("ij,ik->jk", self.rows * self.summed(w)[:, None], self.rows)
        return cross

    def quadratic(self, matrix: Floats) -> Floats:
        """x_i' matrix x_i for every unit."""
        products: Floats = _quadratic(self.rows, matrix)[self.row_of]
        return products

    def fit(self, w: Floats) -> _Weighted:
        cross = self.cross(w)
        inverse = np.asarray(np.linalg.inv(cross), dtype=np.float64)
        beta, residual = np.zeros(len(cross)), self.y
        # The second step refines: covariates of unlike size lose digits in the inverse.
        for _ in range(2):
            right = np.einsum("ij,i->j", self.rows, self.summed(w * residual))
            beta = beta + np.einsum("jk,k->j", inverse, right)
            residual = self.y - np.einsum("ij,j->i", self.rows, beta)[self.row_of]
        log_det = float(np.linalg.slogdet(cross)[1])
        return _Weighted(inverse, log_det, beta, residual, self.quadratic(inverse))


def _problem_of(y: Floats, v: Floats, x: Floats) -> _Problem:
    """Distinct rows by column sorts: np.unique over rows takes ten times as long."""
    order = np.lexsort(x.T[::-1])
    ordered = x[order]
    first = np.ones(len(x), dtype=bool)
    first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    row_of = np.empty(len(x), dtype=np.int64)
    row_of[order] = np.cumsum(first) - 1
    return _Problem(y, v, ordered[first], row_of)


def _quadratic(x: Floats, matrix: Floats) -> Floats:
    """x_i' matrix x_i for every row."""
    products: Floats = np.einsum("ij,ij->i", np.einsum("ij,jk->ik", x, matrix), x)
    return products


def _total(values: Floats) -> float:
    return float(np.add.reduce(values))


def _between(problem: _Problem, method: VarianceMethod) -> float:
    if method is VarianceMethod.DERSIMONIAN_LAIRD:
        return max(0.0, _quadratic_form_estimate(problem, 1 / problem.v))
    if method is VarianceMethod.PRASAD_RAO:
        return max(0.0, _quadratic_form_estimate(problem, np.ones_like(problem.v)))
    if method is VarianceMethod.FAY_HERRIOT:
        return _variance_at(problem, problem.df)
    return _likelihood(problem, restricted=method is VarianceMethod.REML)


def _quadratic_form_estimate(problem: _Problem, d: Floats) -> float:
    """(r'Dr - tr(PV)) / tr(P), P = D - DX(X'DX)^-1X'D: unbiased before the cut at zero."""
    fit = problem.fit(d)
    remaining = d * (1 - d * fit.leverage)
    q = _total(d * fit.residual * fit.residual)
    return (q - _total(remaining * problem.v)) / _total(remaining)


def _variance_at(problem: _Problem, target: float) -> float:
    """The s2 at which sum r^2 / (s2 + V) has fallen to the target; 0 if it is below from the start."""

    def shortfall(between: float) -> float:
        w = 1 / (between + problem.v)
        residual = problem.fit(w).residual
        return target - _total(w * residual * residual)

    if shortfall(0.0) >= 0:
        return 0.0
    high = float(np.median(problem.v))
    while shortfall(high) < 0:
        high *= 4
    return root_between(shortfall, 0.0, high)[0]


def _likelihood(problem: _Problem, *, restricted: bool) -> float:
    def evaluate(between: float) -> tuple[float, float]:
        w = 1 / (between + problem.v)
        fit = problem.fit(w)
        wr = w * fit.residual
        criterion = _total(wr * fit.residual) - _total(np.log(w))
        slope = _total(w) - _total(wr * wr)
        if restricted:
            criterion += fit.log_det
            slope -= _total(w * w * fit.leverage)
        return criterion, slope

    ordinary = problem.fit(np.ones_like(problem.v)).residual
    typical = float(np.median(problem.v))
    largest = max(10 * _total(ordinary * ordinary) / problem.df, 1e-3 * typical)
    smallest = 1e-3 * min(float(problem.v.min()), largest)
    return lowest_from_zero(evaluate, np.geomspace(smallest, largest, 24)).at


def _variance_of_between(problem: _Problem, between: float, method: VarianceMethod) -> float:
    """Asymptotic variance of the estimated variance, by method (table of rule 8)."""
    total = between + problem.v
    m = len(total)
    if method is VarianceMethod.DERSIMONIAN_LAIRD:
        d = 1 / problem.v
        inverse = problem.fit(d).inverse
        leverage = problem.quadratic(inverse)
        product = np.einsum("jk,kl->jl", inverse, problem.cross(d * d * total))
        spread = _total(d * d * total * total)
        spread -= 2 * _total(d**3 * total * total * leverage)
        spread += float(np.einsum("jk,kj->", product, product))
        remaining = _total(d * (1 - d * leverage))
        return 2 * spread / (remaining * remaining)
    if method is VarianceMethod.FAY_HERRIOT:
        return 2 * m / _total(1 / total) ** 2
    if method is VarianceMethod.PRASAD_RAO:
        return 2 * _total(total * total) / m**2
    return 2 / _total(1 / (total * total))


def _bias_of_between(problem: _Problem, between: float, method: VarianceMethod, cov: Floats) -> float:
    """Bias of the estimated variance to the order of 1/m, by method (table of rule 8)."""
    w = 1 / (between + problem.v)
    if method is VarianceMethod.ML:
        return -float(np.einsum("jk,kj->", cov, problem.cross(w * w))) / _total(w * w)
    if method is VarianceMethod.FAY_HERRIOT:
        return 2 * (len(w) * _total(w * w) - _total(w) ** 2) / _total(w) ** 3
    return 0.0


def _predicted(problem: _Problem, between: float, method: VarianceMethod, given: Given) -> AreaFit:
    from scipy.special import chdtrc

    y, v, x, unit_state = given
    used = unit_state == AreaUnitState.COMBINED
    fit = problem.fit(1 / (between + problem.v))
    own = np.where(used, v, 1.0)
    gamma = np.where(used, between / (between + own), 0.0)
    synthetic = np.einsum("ij,j->i", x, fit.beta)
    spread = _variance_of_between(problem, between, method)
    bias = _bias_of_between(problem, between, method, fit.inverse)
    g1 = np.where(used, gamma * own, between)
    g2 = (1 - gamma) ** 2 * _quadratic(x, fit.inverse)
    g3 = np.where(used, own * own / (between + own) ** 3 * spread, 0.0)
    mse = np.maximum(g1, g1 + g2 + 2 * g3 - np.where(used, bias * (1 - gamma) ** 2, 0.0))
    fixed = problem.fit(1 / problem.v).residual
    q = _total(fixed * fixed / problem.v)
    return AreaFit(
        method=method,
        state=DifferenceState.DIFFERENCES if between > 0 else DifferenceState.NO_EVIDENCE,
        variance_between=between,
        variance_between_se=float(np.sqrt(spread)),
        beta=fit.beta,
        beta_cov=fit.inverse,
        beta_se=np.sqrt(np.diag(fit.inverse)),
        unit_state=unit_state,
        gamma=gamma,
        synthetic=synthetic,
        value=np.where(used, gamma * np.where(used, y, 0.0) + (1 - gamma) * synthetic, synthetic),
        g1=g1,
        g2=g2,
        g3=g3,
        mse=mse,
        heterogeneity=q,
        heterogeneity_df=problem.df,
        heterogeneity_p=float(chdtrc(problem.df, q)),
    )
