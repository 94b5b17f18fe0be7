"""Criteria: from a measure's value to points, exactly (docs/method/points.md).

In: a criterion, its full marks, the value, and for `percentile` and `z` the values of the comparison
group. Out: points between 0 and full marks, or None where the group is too small to compare in.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor, isqrt

from minping_engine.scheme import (
    Deduct,
    Linear,
    Lookup,
    Percentile,
    PerStep,
    Steps,
    ZScore,
)

SMALLEST_GROUP = 3
ZERO = Fraction(0)
SD_DIGITS = 10**9
"""A standard deviation is taken to nine decimal places, so that it is the same on every machine."""
Fixed = Linear | Steps | Deduct | PerStep
Compared = Percentile | ZScore


def points_of(criterion: Fixed | Lookup, full: Fraction, value: Fraction | str) -> Fraction | None:
    """Points of one value; None for a word that the table does not hold."""
    if isinstance(criterion, Lookup):
        share = criterion.shares.get(str(value))
        return None if share is None else _held(share * full, full)
    assert isinstance(value, Fraction)
    if isinstance(criterion, Linear):
        return _held(full * ((value - criterion.from_) / (criterion.to - criterion.from_)), full)
    if isinstance(criterion, Steps):
        return _held(_step(criterion, value), full)
    if isinstance(criterion, Deduct):
        return _held(full - criterion.points * _units(_short(criterion, value), criterion), full)
    return _held(criterion.points * _units(max(value, Fraction(0)), criterion), full)


def slope_of(criterion: object, full: Fraction, value: Fraction, margin: Fraction = ZERO) -> Fraction | None:
    """Points per unit of the value at that place; None where points jump or depend on others.

    Beyond an end of the line the slope is 0, but not within `margin` of it: an error reaches back.
    """
    if isinstance(criterion, Linear):
        low, high = sorted((criterion.from_, criterion.to))
        near = low - margin <= value <= high + margin
        return full / (criterion.to - criterion.from_) if near else ZERO
    if isinstance(criterion, Deduct) and criterion.counting == "proportional":
        rate = criterion.points / criterion.per
        short = criterion.full_from - value
        short = -short if criterion.low_is_good else short
        if not -margin < short < full / rate + margin:
            return ZERO
        return -rate if criterion.low_is_good else rate
    return None


def compared_points(
    criterion: Compared, full: Fraction, value: Fraction, group: Sequence[Fraction]
) -> Fraction | None:
    """Points beside the values of the whole group, the own one included."""
    if len(group) < SMALLEST_GROUP:
        return None
    sign = -1 if criterion.low_is_good else 1
    if isinstance(criterion, Percentile):
        below = sum(1 for other in group if sign * other < sign * value)
        equal = sum(1 for other in group if other == value) - 1
        return full * Fraction(2 * below + equal, 2 * (len(group) - 1))
    spread = standard_deviation(group)
    if not spread:
        return _held(criterion.at_mean * full, full)
    distance = sign * (value - Fraction(sum(group), len(group))) / spread
    return _held(full * (criterion.at_mean + criterion.per_sd * distance), full)


def standard_deviation(values: Sequence[Fraction]) -> Fraction:
    """With n - 1, cut after nine decimal places.

    >>> standard_deviation([Fraction(1), Fraction(3), Fraction(5)])
    Fraction(2, 1)
    """
    mean = Fraction(sum(values), len(values))
    variance = Fraction(sum((value - mean) ** 2 for value in values), len(values) - 1)
    return Fraction(isqrt(floor(variance * SD_DIGITS**2)), SD_DIGITS)


def _held(points: Fraction, full: Fraction) -> Fraction:
    return min(max(points, Fraction(0)), full)


def _step(criterion: Steps, value: Fraction) -> Fraction:
    if criterion.low_is_good:
        reached = [step for step in criterion.steps if value <= step.from_]
        best = min(reached, key=lambda step: step.from_, default=None)
    else:
        reached = [step for step in criterion.steps if value >= step.from_]
        best = max(reached, key=lambda step: step.from_, default=None)
    return best.points if best else Fraction(0)


def _short(criterion: Deduct, value: Fraction) -> Fraction:
    gap = value - criterion.full_from if criterion.low_is_good else criterion.full_from - value
    return max(gap, Fraction(0))


def _units(amount: Fraction, criterion: Deduct | PerStep) -> Fraction:
    units = amount / criterion.per
    if criterion.counting == "proportional":
        return units
    return Fraction(ceil(units) if criterion.counting == "begun" else floor(units))
