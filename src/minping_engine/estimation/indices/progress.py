"""Progress index: what changed, once last year's luck is taken off (docs/method/progress.md).

In: estimates and sampling variances of the same assessees in several rounds, standardised to one
cell distribution. Out: expected change with its error and the probability that it is a gain.
Raw change rewards last round's bad luck; the index is E[theta_T - theta_1 | data] in the model
of `known_errors`. A slope over T rounds is the same model on (level, slope) of each assessee.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError
from minping_engine.estimation.indices.known_errors import (
    Ints,
    KnownErrors,
    RandomEffects,
    SigmaMethod,
    fit_known_errors,
    posterior,
    sigma_allowance,
)
from minping_engine.estimation.indices.symmetric import Floats, inverse, quadratic


class ProgressState(StrEnum):
    """What may be said of one assessee's change."""

    SHOWN = "shown"
    NO_FIRST_ROUND = "no_first_round"
    NO_LAST_ROUND = "no_last_round"
    NO_ROUND = "no_round"
    ONE_ROUND = "one_round"
    ALL_MOVED_ALIKE = "all_moved_alike"


@dataclass(frozen=True)
class Progress:
    """Arrays (assessees,), in points (points per unit of time for slopes).

    `change` and `se` are the index and its posterior error, `p_better` = P(change > 0), `raw`
    and `raw_se` the plain difference, `peer_change` the mean change of the peer group,
    `p_above_peers` = P(change > peer change). NaN unless SHOWN or ALL_MOVED_ALIKE; the latter
    says that the data show no assessee moving otherwise than her peers: nobody is singled out.
    """

    state: NDArray[np.str_]
    fit: RandomEffects
    change: Floats
    se: Floats
    p_better: Floats
    raw: Floats
    raw_se: Floats
    peer_change: Floats
    p_above_peers: Floats


def progress_index(
    waves: KnownErrors, *, first: int = 0, last: int = -1, method: SigmaMethod = SigmaMethod.REML
) -> Progress:
    """Change from wave `first` to wave `last` (columns of `waves`, oldest first; negative from the end).

    Shapes: waves.value (assessees, T >= 2). Waves between the two help to estimate both.
    """
    count = waves.value.shape[1]
    begin, end = range(count)[first], range(count)[last]
    if begin >= end:
        raise InputError.of("indices.waves_not_in_order", first=begin + 1, last=end + 1)
    contrast = np.zeros(count)
    contrast[begin], contrast[end] = -1.0, 1.0
    fit = fit_known_errors(waves, method=method)
    raw = waves.value[:, end] - waves.value[:, begin]
    known = _states(waves.seen[:, begin], waves.seen[:, end])
    return _progress(waves, fit, contrast, raw, known)


def progress_slope(
    waves: KnownErrors, times: Floats, *, method: SigmaMethod = SigmaMethod.REML
) -> tuple[Progress, float]:
    """Slope per unit of time over all waves, and the misfit of straight lines.

    `times` (T,) strictly rising. Each assessee's estimates become (level at the mean time, slope)
    by generalised least squares with her known covariance; the pairs then go through the same model.
    The misfit is the pooled chi-square per degree of freedom (NaN with two waves): about 1 if
    lines fit; well above it, the slope's error is too small.
    """
    times = np.asarray(times, dtype=np.float64)
    if times.shape != (waves.value.shape[1],) or not np.all(np.diff(times) > 0):
        raise InputError.of("indices.times_not_rising", waves=waves.value.shape[1])
    lines, misfit = _lines(waves, times)
    fit = fit_known_errors(lines, method=method)
    one = np.where(waves.seen.any(axis=1), ProgressState.ONE_ROUND.value, ProgressState.NO_ROUND.value)
    state = np.where(lines.seen[:, 1], ProgressState.SHOWN.value, one)
    return _progress(lines, fit, np.array([0.0, 1.0]), lines.value[:, 1], state), misfit


def _states(begins: NDArray[np.bool_], ends: NDArray[np.bool_]) -> NDArray[np.str_]:
    one = np.where(begins, ProgressState.NO_LAST_ROUND.value, ProgressState.NO_ROUND.value)
    two = np.where(begins, ProgressState.SHOWN.value, ProgressState.NO_FIRST_ROUND.value)
    return np.where(ends, two, one)


def _progress(
    waves: KnownErrors, fit: RandomEffects, contrast: Floats, raw: Floats, state: NDArray[np.str_]
) -> Progress:
    from scipy.special import ndtr

    centre, spread = posterior(waves, fit)
    change = np.einsum("na,a->n", centre, contrast)
    variance = quadratic(spread, contrast) + sigma_allowance(waves, fit, contrast)
    se = np.sqrt(np.maximum(variance, 0.0))
    peers = np.einsum("ga,a->g", fit.mean, contrast)[waves.group]
    both = np.where(waves.seen[:, :, None] & waves.seen[:, None, :], waves.covariance, 0.0)
    raw_se = np.sqrt(np.maximum(quadratic(both, contrast), 0.0))
    alike = bool(np.rint(float(quadratic(fit.sigma, contrast)) * 1e6) == 0)
    if alike:
        state = np.where(state == "shown", ProgressState.ALL_MOVED_ALIKE.value, state)
    there = (state == "shown") | (state == "all_moved_alike")
    with np.errstate(divide="ignore", invalid="ignore"):
        p_better = ndtr(change / se)
        above = np.where(alike, 0.5, ndtr((change - peers) / se))
    parts = (change, se, p_better, raw, raw_se, peers, above)
    return Progress(state, fit, *(np.where(there, part, np.nan) for part in parts))


def _lines(waves: KnownErrors, times: Floats) -> tuple[KnownErrors, float]:
    """(level, slope) of each assessee with their sampling covariance; NaN below two waves."""
    seen = waves.seen
    enough = seen.sum(axis=1) >= 2
    both = seen[:, :, None] & seen[:, None, :]
    weight, _ = inverse(np.where(both, waves.covariance, np.eye(len(times))))
    weight = np.where(both, weight, 0.0)
    design = np.stack([np.ones_like(times), times - times.mean()], axis=1)
    filled = np.where(seen, waves.value, 0.0)
    information = np.einsum("ap,nab,bq->npq", design, weight, design)
    covariance, _ = inverse(np.where(enough[:, None, None], information, np.eye(2)))
    right = np.einsum("ap,nab,nb->np", design, weight, filled)
    line = np.einsum("npq,nq->np", covariance, right)
    value = np.where(enough[:, None], line, np.nan)
    free = int(np.maximum(seen.sum(axis=1) - 2, 0).sum())
    rest = np.where(seen, filled - np.einsum("np,ap->na", line, design), 0.0)
    square = float(np.add.reduce(np.where(enough, quadratic(weight, rest), 0.0)))
    return KnownErrors(value, covariance, waves.group, waves.n_groups), (
        square / free if free else float("nan")
    )


@dataclass(frozen=True)
class StandardisedWaves:
    """Estimates (assessees, waves) on one cell distribution; `kept` (assessees,) is its weight kept.

    NaN where a wave has no ballot or the assessee has no cell seen in all her waves.
    """

    value: Floats
    variance: Floats
    kept: Floats


def standardised_waves(n: Ints, s: Ints, ss: Ints, *, size: Ints | None = None) -> StandardisedWaves:
    """Both waves' means over the same mix of respondents.

    n, s, ss: whole-number sums (assessees, waves, cells); `size` (assessees, cells) eligible
    households, by default the ballots of all waves together. Cells not seen in each of her waves
    are left out of all (`kept` says how much weight stays). Variances use one s^2 per assessee
    and wave, pooled within cells, because many cells hold a single ballot.
    """
    taken = n.sum(axis=2) > 0
    common = ((n > 0) | ~taken[:, :, None]).all(axis=1) & taken.any(axis=1)[:, None]
    weight = (n.sum(axis=1) if size is None else size).astype(np.float64)
    inside = np.where(common, weight, 0.0)
    whole, part = np.add.reduce(weight, axis=1), np.add.reduce(inside, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(part[:, None] > 0, inside / part[:, None], 0.0)[:, None, :]
        cell_mean = np.where(n > 0, s / n, 0.0)
        free = np.add.reduce(np.maximum(n - 1, 0), axis=2)
        within = np.add.reduce(np.where(n > 0, (n * ss - s * s) / np.maximum(n, 1), 0.0), axis=2) / free
        pieces = np.add.reduce(np.where((share > 0) & (n > 0), share**2 / n, 0.0), axis=2)
    there = taken & (part > 0)[:, None]
    value = np.where(there, np.add.reduce(share * cell_mean, axis=2), np.nan)
    variance = np.where(there & (free > 0), within * pieces, np.nan)
    kept = np.where(whole > 0, part / np.maximum(whole, 1e-300), 0.0)
    return StandardisedWaves(value, variance, kept)
