"""Smoothed variances: an assessee's own s^2 is noisy, and a unanimous one is not without error.

In: squared standard errors, effective sample sizes, degrees of freedom, the street of each assessee.
Out: smoothed squared errors, never 0, with a state (docs/method/survey-estimates.md, rule 10). A
generalised variance function: pooled unit variance of the street over effective n (methods.md 2.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError
from minping_engine.estimation.survey_algebra import sums_by

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class SmoothingState(IntEnum):
    """What the unit variance of an assessee was taken from."""

    GROUP = 0
    ALL = 1
    FLOOR = 2
    NO_SAMPLE = 3


@dataclass(frozen=True)
class SmoothingRule:
    """`least_df`: a group below it takes the variance of all; `floor`: least unit variance (> 0);

    `prior_df`: how many degrees of freedom the pooled variance counts beside the assessee's own;
    infinite = the pooled one alone (the default).
    """

    floor: float
    least_df: int = 30
    prior_df: float = np.inf


@dataclass(frozen=True)
class SmoothedVariances:
    """(assessees, variables): squared error (NaN only without sample), unit variance, state."""

    variance: Floats
    unit_variance: Floats
    state: NDArray[np.int8]


def smooth_variances(
    variance: Floats, effective_n: Floats, df: Ints, group: Ints, rule: SmoothingRule
) -> SmoothedVariances:
    """Smoothed squared errors from direct ones.

    `variance` (A, v) squared direct errors, NaN where none; `effective_n` (A, v); `df` (A, v); `group`
    (A,) numbers streets from 0. Unit variance of one assessee: variance x effective n, pooled by df.
    """
    faults = not rule.floor > 0 or rule.least_df < 1 or not rule.prior_df >= 0
    if faults or (group < 0).any():
        raise InputError.of("estimation.smoothing_rule", floor=rule.floor, df=rule.least_df)
    known = ~np.isnan(variance) & (df > 0)
    freedom = np.where(known, df, 0).astype(np.float64)
    unit = np.where(known, variance * effective_n, 0.0)
    groups = int(group.max(initial=-1)) + 1
    mass, total = sums_by(group, groups, freedom), sums_by(group, groups, freedom * unit)
    everyone, everything = np.add.reduce(mass, axis=0), np.add.reduce(total, axis=0)
    overall = everything / np.where(everyone > 0, everyone, 1.0)
    thin = mass < rule.least_df
    pooled = np.where(thin, overall, total / np.where(mass > 0, mass, 1.0))[group]
    if np.isfinite(rule.prior_df):
        below = freedom + rule.prior_df
        mixed = (freedom * unit + rule.prior_df * pooled) / np.where(below > 0, below, 1.0)
        pooled = np.where(below > 0, mixed, pooled)
    state = np.where(thin[group], np.int8(SmoothingState.ALL), np.int8(SmoothingState.GROUP))
    state = np.where(pooled < rule.floor, np.int8(SmoothingState.FLOOR), state)
    empty = effective_n <= 0
    state = np.where(empty, np.int8(SmoothingState.NO_SAMPLE), state).astype(np.int8)
    smooth = np.maximum(pooled, rule.floor)
    out = np.where(empty, np.nan, smooth / np.where(empty, 1.0, effective_n))
    return SmoothedVariances(out, smooth, state)
