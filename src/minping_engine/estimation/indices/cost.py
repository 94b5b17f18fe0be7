"""Cost index: is the gain worth its money (docs/method/cost.md).

In: gain in satisfied households and cost per assessee (or project), each with its error. Out: net
benefit over a range of what one more satisfied household is worth, the probability that it is
positive (Fenwick, O'Brien and Briggs 2004), and limits of cost per household (Fieller 1954).
A ratio of small noisy numbers explodes; net benefit does not. Model class.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError
from minping_engine.estimation.indices.symmetric import Floats

Ints = NDArray[np.int64]


class RatioState(StrEnum):
    """What the data say about cost per satisfied household."""

    BOUNDED = "bounded"
    EXCLUSIVE = "exclusive"
    UNBOUNDED = "unbounded"
    NO_DATA = "no_data"


@dataclass(frozen=True)
class CostEffect:
    """Arrays (n,): `gain` in satisfied households, `cost` in yuan, their variances and covariance."""

    gain: Floats
    gain_variance: Floats
    cost: Floats
    cost_variance: Floats
    covariance: Floats


@dataclass(frozen=True)
class NetBenefit:
    """Arrays (n, lambdas): value in yuan, its error, P(net benefit > 0)."""

    worth: Floats
    value: Floats
    se: Floats
    acceptability: Floats


@dataclass(frozen=True)
class CostPerHousehold:
    """Arrays (n,). BOUNDED: inside [low, high]. EXCLUSIVE: outside (low, high). UNBOUNDED: anything."""

    state: NDArray[np.str_]
    ratio: Floats
    low: Floats
    high: Floats


def net_benefit(data: CostEffect, worth: Floats) -> NetBenefit:
    """Net benefit = worth x gain - cost for each `worth` (yuan per satisfied household, >= 0, rising).

    Without any error the probability is 1, 0, or 0.5 exactly at the margin.
    """
    _check(data)
    worth = np.asarray(worth, dtype=np.float64)
    if worth.ndim != 1 or not len(worth) or worth[0] < 0 or not np.all(np.diff(worth) > 0):
        raise InputError.of("indices.worth_not_rising")
    value = worth * data.gain[:, None] - data.cost[:, None]
    variance = (
        worth**2 * data.gain_variance[:, None]
        + data.cost_variance[:, None]
        - 2.0 * worth * data.covariance[:, None]
    )
    se = np.sqrt(np.maximum(variance, 0.0))
    return NetBenefit(worth, value, se, _probability(value, se))


def cost_per_household(data: CostEffect, *, percent: int = 95) -> CostPerHousehold:
    """Cost per additional satisfied household with Fieller's limits (normal quantile).

    The set is all r with (cost - r gain)^2 <= z^2 Var(cost - r gain): with a = gain^2 - z^2 Var(gain)
    an interval if a > 0, the outside of one if a < 0 and roots exist, else everything.
    """
    from scipy.special import ndtri

    _check(data)
    square = float(ndtri(0.5 + percent / 200)) ** 2
    a = data.gain**2 - square * data.gain_variance
    b = data.cost * data.gain - square * data.covariance
    c = data.cost**2 - square * data.cost_variance
    inside = b * b - a * c
    there = np.isfinite(a + b + c)
    bounded = there & (a > 0)
    exclusive = there & (a < 0) & (inside > 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        root = np.sqrt(np.maximum(inside, 0.0))
        ends = np.stack([(b - root) / a, (b + root) / a])
        plain = data.cost / data.gain
        ratio = np.where(there & np.isfinite(plain), plain, np.nan)
    known = bounded | exclusive
    state = np.where(there, RatioState.UNBOUNDED.value, RatioState.NO_DATA.value)
    state = np.where(exclusive, RatioState.EXCLUSIVE.value, state)
    state = np.where(bounded, RatioState.BOUNDED.value, state)
    low, high = (np.where(known, end, np.nan) for end in (ends.min(axis=0), ends.max(axis=0)))
    return CostPerHousehold(state, ratio, low, high)


def above_class_mean(made: NetBenefit, group: Ints, n_groups: int) -> tuple[Floats, Floats]:
    """Net benefit less the mean of the peer class, and P(it is above), both (n, lambdas).

    The class mean includes the assessee herself; NaN where the class has fewer than two members with data.
    """
    if group.min(initial=0) < 0 or group.max(initial=0) >= n_groups:
        raise InputError.of("indices.group_out_of_range", groups=n_groups)
    there = np.isfinite(made.value) & np.isfinite(made.se)
    value, variance = np.where(there, made.value, 0.0), np.where(there, made.se**2, 0.0)

    def total(array: Floats) -> Floats:
        columns = [np.bincount(group, column, n_groups) for column in array.T]
        return np.stack(columns, axis=1).astype(np.float64)[group]

    members = total(there.astype(np.float64))
    enough = there & (members > 1)
    size = np.where(members > 0, members, 1.0)
    difference = value - total(value) / size
    spread = variance * (1.0 - 2.0 / size) + total(variance) / size**2
    p_above = _probability(difference, np.sqrt(np.maximum(spread, 0.0)))
    return np.where(enough, difference, np.nan), np.where(enough, p_above, np.nan)


def _check(data: CostEffect) -> None:
    product = data.gain_variance * data.cost_variance
    wrong = (
        (data.gain_variance < 0)
        | (data.cost_variance < 0)
        | (data.covariance**2 > product * (1.0 + 1e-9) + 1e-300)
    )
    if wrong.any():
        raise InputError.of("indices.cost_covariance", n=int(wrong.sum()))


def _probability(value: Floats, se: Floats) -> Floats:
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        made = ndtr(np.where(se > 0, value / se, np.nan))
    certain = np.where(value > 0, 1.0, np.where(value < 0, 0.0, 0.5))
    return np.where(np.isnan(value), np.nan, np.where(se > 0, made, certain))
