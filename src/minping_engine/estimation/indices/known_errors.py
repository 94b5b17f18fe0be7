"""Random effects with known sampling errors: several estimates per assessee, one covariance matrix.

In: estimates (assessees, k) with known sampling covariances and peer groups. Out: group means,
the covariance Sigma of the true values, and posterior means and covariances. Model (progress.md 3):
y_i = theta_i + e_i, theta_i ~ N(mu_group, Sigma), e_i ~ N(0, V_i), V_i known; k = 1 is the
area model of Fay and Herriot (1979) and the random-effects meta-analysis. Shared by the progress
index, the online sample and the discrimination report. Model class (evidence.md 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError, RefusedError
from minping_engine.estimation.indices.symmetric import (
    Floats,
    inverse,
    product,
    quadratic,
    roots,
    without_negative_parts,
)

Ints = NDArray[np.int64]
FREE_PAIRS = 5
"""Assessees with two estimates beyond one per group: fewer carry no covariance."""
MOST_ITERATIONS = 2000
STEP_TOLERANCE = 1e-11
LEFT_TOLERANCE = 1e-7
"""Distance from a maximum that is still one, relative, where rounding or flatness allows no nearer."""
SHORTEST_STEP = 2.0**-30


class SigmaMethod(StrEnum):
    """How Sigma is estimated."""

    REML = "reml"
    MOMENTS = "moments"


@dataclass(frozen=True)
class KnownErrors:
    """`value` (n, k), NaN = not observed; `covariance` (n, k, k) known; `group` (n,) in 0..n_groups-1."""

    value: Floats
    covariance: Floats
    group: Ints
    n_groups: int = 1

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Which estimates are there, (n, k)."""
        return ~np.isnan(self.value)


@dataclass(frozen=True)
class RandomEffects:
    """`mean` (groups, k), its covariance (groups, k, k), `sigma` (k, k).

    `boundary`: Sigma has a direction without any variance, which is an answer, not a failure.
    `criterion`: REML log likelihood without its constant (NaN for moments).
    """

    mean: Floats
    mean_covariance: Floats
    sigma: Floats
    boundary: bool
    iterations: int
    criterion: float


def independent(value: Floats, variance: Floats, group: Ints | None = None) -> KnownErrors:
    """Estimates (n, k) with independent errors of these variances (n, k), one group if none is given."""
    groups = np.zeros(len(value), dtype=np.int64) if group is None else np.asarray(group, dtype=np.int64)
    covariance = variance[:, :, None] * np.eye(value.shape[1])
    return KnownErrors(value, np.where(np.isnan(covariance), 0.0, covariance), groups, _count(groups))


def _count(groups: Ints) -> int:
    return int(groups.max(initial=0)) + 1


def fit_known_errors(observed: KnownErrors, *, method: SigmaMethod = SigmaMethod.REML) -> RandomEffects:
    """Group means and Sigma.

    Raises InputError for variances that are not positive, RefusedError where the data cannot carry
    Sigma (a group without a wave, fewer than five free pairs, no convergence).
    """
    _check(observed)
    sigma = _moments(observed)
    if method is SigmaMethod.MOMENTS:
        state = _state(observed, sigma)
        return _made(state, sigma, 0, float("nan"))
    return _reml(observed, sigma)


def posterior(observed: KnownErrors, fit: RandomEffects) -> tuple[Floats, Floats]:
    """E[theta | data] (n, k) and its covariance (n, k, k), the estimation of mu included, Sigma as known."""
    weight, _ = _weights(observed, fit.sigma)
    residual = np.where(observed.seen, observed.value - fit.mean[observed.group], 0.0)
    gain = product(fit.sigma[None], weight)
    centre = fit.mean[observed.group] + np.einsum("nab,nb->na", gain, residual)
    rest = np.eye(fit.sigma.shape[0]) - gain
    spread = fit.sigma - product(gain, np.broadcast_to(fit.sigma, gain.shape))
    from_mean = product(product(rest, fit.mean_covariance[observed.group]), np.swapaxes(rest, -1, -2))
    return centre, (spread + np.swapaxes(spread, -1, -2)) / 2.0 + from_mean


def sigma_allowance(observed: KnownErrors, fit: RandomEffects, contrast: Floats) -> Floats:
    """What the estimation of Sigma adds to the variance of contrast' theta, (n,): 2 g3 of Prasad and Rao.

    Delta method with the information of Sigma's k (k + 1) / 2 entries (Datta and Lahiri 2000 for REML).
    """
    weight, _ = _weights(observed, fit.sigma)
    size = len(contrast)
    bases = []
    for row in range(size):
        for column in range(row + 1):
            basis = np.zeros((size, size))
            basis[row, column] = basis[column, row] = 1.0
            bases.append(basis)
    entries = np.stack(bases)
    information = np.zeros((len(entries), len(entries)))
    for number, basis in enumerate(entries):
        through = product(product(weight, basis[None]), weight)
        information[number] = 0.5 * np.einsum("ab,qab->q", np.add.reduce(through, axis=0), entries)
    covariance, _ = inverse((information + information.T) / 2.0)
    rest = contrast - np.einsum("a,ab,nbc->nc", contrast, fit.sigma, weight)
    added = np.zeros(len(weight))
    for one, left in enumerate(entries):
        pulled = np.einsum("nab,nb->na", weight, np.einsum("ab,nb->na", left, rest))
        summed = np.einsum("q,qab->ab", covariance[one], entries)
        added += np.einsum("na,na->n", pulled, np.einsum("ab,nb->na", summed, rest))
    return 2.0 * added


@dataclass(frozen=True)
class _State:
    """Everything that depends on Sigma, at one Sigma."""

    weight: Floats
    residual: Floats
    mean: Floats
    mean_covariance: Floats
    group: Ints
    criterion: float


def _check(observed: KnownErrors) -> None:
    if observed.group.min(initial=0) < 0 or observed.group.max(initial=0) >= observed.n_groups:
        raise InputError.of("indices.group_out_of_range", groups=observed.n_groups)
    seen = observed.seen
    variance = np.einsum("naa->na", observed.covariance)
    wrong = seen & ~((variance > 0) & np.isfinite(variance) & np.isfinite(observed.value))
    if wrong.any():
        raise InputError.of("indices.variance_not_positive", n=int(wrong.any(axis=1).sum()))
    inverse(np.where(seen[:, :, None] & seen[:, None, :], observed.covariance, np.eye(seen.shape[1])))
    for wave in range(seen.shape[1]):
        found = np.bincount(observed.group[seen[:, wave]], minlength=observed.n_groups)
        if (found == 0).any():
            group = int(np.argmin(found))
            raise RefusedError.of("indices.group_without_wave", group=group, wave=wave + 1)
    pairs = np.einsum("na,nb->ab", seen.astype(np.int64), seen.astype(np.int64))
    if int(pairs.min()) - observed.n_groups < FREE_PAIRS:
        raise RefusedError.of(
            "indices.too_few_pairs", n=int(pairs.min()), needed=FREE_PAIRS + observed.n_groups
        )


def _moments(observed: KnownErrors) -> Floats:
    """Cross-products of deviations from group means less the mean sampling covariance, made PSD."""
    seen = observed.seen
    groups, waves = observed.n_groups, seen.shape[1]
    filled = np.where(seen, observed.value, 0.0)
    totals = np.stack([np.bincount(observed.group, filled[:, wave], groups) for wave in range(waves)], 1)
    counts = np.stack([np.bincount(observed.group, seen[:, wave], groups) for wave in range(waves)], 1)
    deviation = np.where(seen, observed.value - (totals / counts)[observed.group], 0.0)
    both = seen[:, :, None] & seen[:, None, :]
    pairs = np.add.reduce(both, axis=0).astype(np.float64)
    cross = np.add.reduce(deviation[:, :, None] * deviation[:, None, :], axis=0)
    sampling = np.add.reduce(np.where(both, observed.covariance, 0.0), axis=0) / pairs
    return without_negative_parts(cross / np.maximum(pairs - groups, 1.0) - sampling)


def _weights(observed: KnownErrors, sigma: Floats) -> tuple[Floats, Floats]:
    """(Sigma + V)^-1 on what was observed and 0 elsewhere; log determinants of what was observed."""
    seen = observed.seen
    both = seen[:, :, None] & seen[:, None, :]
    total = np.where(both, sigma + observed.covariance, np.eye(seen.shape[1]))
    made, log_determinant = inverse(total)
    return np.where(both, made, 0.0), log_determinant


def _state(observed: KnownErrors, sigma: Floats) -> _State:
    weight, log_determinant = _weights(observed, sigma)
    groups, waves = observed.n_groups, sigma.shape[0]
    filled = np.where(observed.seen, observed.value, 0.0)
    weighted = np.einsum("nab,nb->na", weight, filled)
    information = _by_group(weight.reshape(len(weight), -1), observed.group, groups)
    covariance, log_information = inverse(information.reshape(groups, waves, waves))
    mean = np.einsum("gab,gb->ga", covariance, _by_group(weighted, observed.group, groups))
    residual = np.where(observed.seen, observed.value - mean[observed.group], 0.0)
    fit = float(np.add.reduce(quadratic(weight, residual)))
    criterion = -0.5 * (float(np.add.reduce(log_determinant)) + float(np.add.reduce(log_information)) + fit)
    return _State(weight, residual, mean, covariance, observed.group, criterion)


def _by_group(values: Floats, group: Ints, groups: int) -> Floats:
    return np.stack([np.bincount(group, column, groups) for column in values.T], axis=1)


def _direction(state: _State) -> tuple[Floats, Floats, Floats]:
    """Scoring step in coordinates where the mean weight is the identity; its root and inverse root.

    The metric is the Kronecker square of the mean weight: with equal V one step is exact, and the
    projection onto matrices without negative parts is a plain clipping of eigenvalues, so a fixed
    point is the maximum also on the boundary.
    """
    weight, count = state.weight, len(state.weight)
    pulled = np.einsum("nab,nb->na", weight, state.residual)
    gradient = np.add.reduce(pulled[:, :, None] * pulled[:, None, :], axis=0)
    through_mean = product(product(weight, state.mean_covariance[state.group]), weight)
    gradient = (gradient - np.add.reduce(weight - through_mean, axis=0)) / count
    mean_weight = np.add.reduce(weight, axis=0) / count
    root, back = roots(mean_weight)
    relative = product(product(back[None], weight), back[None])
    spread = float(np.add.reduce(np.einsum("nab,nab->n", relative, relative))) / count / len(root)
    step = product(product(back, gradient), back) / max(spread, 1.0)
    return (step + step.T) / 2.0, root, back


def _reml(observed: KnownErrors, sigma: Floats) -> RandomEffects:
    """Maximum of the restricted likelihood over matrices without negative parts."""
    state, factor, before = _state(observed, sigma), 1.0, float("inf")
    taken = 0
    while taken < MOST_ITERATIONS:
        taken += 1
        step, root, back = _direction(state)
        here = product(product(root, sigma), root)
        scale = 1.0 + float(np.abs(here).max())
        # A whole step, however short the one taken: how far from a maximum this is.
        left = float(np.abs(without_negative_parts(here + step) - here).max()) / scale
        if left <= STEP_TOLERANCE or factor < SHORTEST_STEP:
            break
        there = without_negative_parts(here + factor * step)
        moved = product(product(back, there), back)
        moved = (moved + moved.T) / 2.0
        tried = _state(observed, moved)
        slack = 1e-9 * (1.0 + abs(state.criterion))
        if tried.criterion < state.criterion - slack or left > max(before, LEFT_TOLERANCE):
            factor, before = factor / 2.0, float("inf")
            continue
        state, sigma, before = tried, moved, left
    if left > LEFT_TOLERANCE:
        raise RefusedError.of("indices.no_convergence", iterations=taken, step=f"{left:.3g}")
    return _made(state, sigma, taken, state.criterion)


def _made(state: _State, sigma: Floats, iterations: int, criterion: float) -> RandomEffects:
    values = np.linalg.eigvalsh(sigma)
    boundary = bool(values[0] <= 1e-9 * max(float(values[-1]), 1e-300))
    return RandomEffects(state.mean, state.mean_covariance, sigma, boundary, iterations, criterion)
