"""Direct estimates: means and standard errors from sums (docs/method/direct-estimate.md).

In: sums per unit (a stratum of a target) and variable, eligible units, and which units each
assessee answers for. Out: mean points, standard errors with and without finite population
correction. Exact class (evidence.md 6): whole numbers, + - x /, sqrt, in a fixed order.

Simple random sampling inside a unit: V = (1 - f) s^2 / n with f = n / N (Sarndal, Swensson,
Wretman 1992, 2.8). Several units of one assessee combine as strata by N x posting share (S10).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MILLI = 1000


@dataclass(frozen=True)
class UnitSums:
    """Sums of thousandths of points: arrays (units, variables); eligible (units,), -1 = unknown."""

    n: Ints
    s: Ints
    ss: Ints
    eligible: Ints


@dataclass(frozen=True)
class Responsibility:
    """Rows (assessee, unit, share in per mille), sorted by assessee then unit."""

    assessee: Ints
    unit: Ints
    share: Ints
    n_assessees: int


@dataclass(frozen=True)
class DirectEstimates:
    """Arrays (assessees, variables); NaN where nothing can be said. `df` are degrees of freedom."""

    n: Ints
    mean: Floats
    se: Floats
    se_fpc: Floats
    df: Ints


def unit_variances(sums: UnitSums) -> Floats:
    """s^2 in squared thousandths, (units, variables); NaN where n < 2.

    n ss - s^2 is computed in whole numbers, so that a unanimous unit has exactly zero.
    """
    n, s, ss = sums.n, sums.s, sums.ss
    fits = int(n.max(initial=0)) * int(ss.max(initial=0)) < 2**62
    if not fits:
        n, s, ss = n.astype(object), s.astype(object), ss.astype(object)
    numerator = (n * ss - s * s).astype(np.float64)
    counts = sums.n.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sums.n > 1, numerator / (counts * (counts - 1)), np.nan)


def size_in_mean(sums: UnitSums, responsibility: Responsibility) -> Ints:
    """What each row weighs: eligible units x share; ballots x share where one of hers has no frame."""
    eligible = sums.eligible[responsibility.unit]
    ballots = sums.n[responsibility.unit, 0]
    unknown = np.bincount(responsibility.assessee, eligible < 0, responsibility.n_assessees) > 0
    return np.where(unknown[responsibility.assessee], ballots, eligible) * responsibility.share


def direct_estimates(sums: UnitSums, responsibility: Responsibility) -> DirectEstimates:
    """Estimates of every assessee and variable."""
    variances = unit_variances(sums)
    columns = [
        _one_variable(sums, variances[:, variable], responsibility, variable)
        for variable in range(sums.n.shape[1])
    ]
    n, mean, se, se_fpc, df = (np.stack(parts, axis=1) for parts in zip(*columns, strict=True))
    return DirectEstimates(n.astype(np.int64), mean, se, se_fpc, df.astype(np.int64))


def _one_variable(
    sums: UnitSums, variance: Floats, responsibility: Responsibility, variable: int
) -> tuple[NDArray[Any], ...]:
    rows, unit, total = responsibility.assessee, responsibility.unit, responsibility.n_assessees
    n = sums.n[unit, variable]
    size = np.where(n > 0, size_in_mean(sums, responsibility), 0).astype(np.float64)
    weight_sum = np.bincount(rows, size, total)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(size > 0, size / weight_sum[rows], 0.0)
        unit_mean = np.where(n > 0, sums.s[unit, variable] / (n * float(MILLI)), 0.0)
        sampling = variance[unit] / n / float(MILLI) ** 2
        fraction = np.where(sums.eligible[unit] > 0, n / sums.eligible[unit], np.nan)
    sampling = np.where(share > 0, share * share * sampling, 0.0)
    ballots = np.bincount(rows, n, total)
    covered = np.bincount(rows, share > 0, total)
    mean = np.where(covered > 0, np.bincount(rows, share * unit_mean, total), np.nan)
    # A frame known only for part of somebody's units gives no corrected error at all.
    remaining = np.where(share > 0, np.maximum(1.0 - fraction, 0.0), 0.0)
    free = np.where(covered > 0, np.bincount(rows, sampling, total), np.nan)
    corrected = np.where(covered > 0, np.bincount(rows, sampling * remaining, total), np.nan)
    return ballots, mean, np.sqrt(free), np.sqrt(corrected), ballots - covered


def interval(mean: Floats, se: Floats, df: Ints, percent: int) -> tuple[Floats, Floats]:
    """Two-sided t interval. Model class: the quantile is not bit-identical everywhere."""
    from scipy.special import stdtrit

    quantile = np.where(df > 0, stdtrit(np.maximum(df, 1), 0.5 + percent / 200), np.nan)
    return mean - quantile * se, mean + quantile * se


def group_means(group: Ints, n_groups: int, value: Floats, se: Floats) -> tuple[Ints, Floats, Floats]:
    """Plain mean over assessees of each group (S7) and its standard error.

    `group` is -1 for assessees that belong to none; NaN values are left out, and a NaN
    standard error makes the group's unknown.
    """
    there = (group >= 0) & ~np.isnan(value)
    members = group[there]
    count = np.bincount(members, minlength=n_groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(members, value[there], n_groups) / count
        error = np.sqrt(np.bincount(members, se[there] * se[there], n_groups)) / count
    return count, np.where(count > 0, mean, np.nan), np.where(count > 0, error, np.nan)
