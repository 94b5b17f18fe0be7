"""Ranks and grades of many draws at once, as `scoring` gives them to one.

In: scores (draws, assessees), groups, bands, earlier steps, vetoes that held. Out: ranks and grade steps of
the same shape. Order: bands, limits (best grade first), transitions, vetoes (docs/method/points.md).
Vetoes hold in every draw as they held in the result: what they rest on is an event, not a weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from minping_engine.scheme import Band, GradeLimit, Scheme

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Field:
    """Those who have a score: groups as numbers, bands best first, step before (0: none), vetoes held.

    `lowest_step` is the grade that vetoes leave at best, `ceiling` the score that they leave at most.
    """

    ids: tuple[str, ...]
    group: Whole
    bands: tuple[tuple[Band, ...], ...]
    previous: Whole
    lowest_step: Whole
    ceiling: Floats

    def members(self) -> list[NDArray[np.intp]]:
        """Places of each group's members."""
        return [np.flatnonzero(self.group == number) for number in np.unique(self.group)]


def ranks(scores: Floats, field: Field) -> Whole:
    """Places inside each group, equal scores on one place."""
    made = np.zeros(scores.shape, dtype=np.int64)
    for own in field.members():
        made[:, own] = rankdata(-scores[:, own], method="min", axis=1)
    return made


def grade_steps(scores: Floats, field: Field, scheme: Scheme) -> Whole:
    """Step of each grade, 1 = best; 0 where there are no bands."""
    steps = _steps(scores, field)
    for limit in _in_order(scheme.grading.limits, field.bands):
        for own in field.members():
            steps[:, own] = _limited(limit, scores[:, own], steps[:, own], [field.bands[one] for one in own])
    steps = _moved(steps, field, scheme)
    return _vetoed(scores, steps, field)


def _steps(scores: Floats, field: Field) -> Whole:
    steps = np.zeros(scores.shape, dtype=np.int64)
    for bands in dict.fromkeys(field.bands):
        own = np.array([one == bands for one in field.bands])
        steps[:, own] = _reached(scores[:, own], bands)
    return steps


def _reached(scores: Floats, bands: Sequence[Band]) -> Whole:
    """The best band whose start is reached, else the last."""
    steps = np.full(scores.shape, len(bands), dtype=np.int64)
    for number in range(len(bands), 0, -1):
        steps[scores >= bands[number - 1].from_points / 1000] = number
    return steps


def _in_order(limits: Sequence[GradeLimit], lists: Sequence[Sequence[Band]]) -> list[GradeLimit]:
    order = {band.grade: place for bands in lists for place, band in enumerate(bands)}
    return sorted(limits, key=lambda limit: order.get(limit.grade, 0))


def _limited(limit: GradeLimit, scores: Floats, steps: Whole, lists: Sequence[Sequence[Band]]) -> Whole:
    """Those of one group beyond the limit move to the next grade; equal scores stay together."""
    goal = np.array([_step_of(limit.grade, bands) for bands in lists])
    holders = (steps == goal) & (goal > 0)
    allowed = int(limit.at_most_percent * scores.shape[1] // 100)
    if allowed >= scores.shape[1]:
        return steps
    held = np.where(holders, scores, -np.inf)
    cut = -np.sort(-held, axis=1)[:, [allowed]]
    beyond = scores < cut if limit.ties == "all" else scores <= cut
    last = np.array([len(bands) for bands in lists])
    moved = holders & beyond & (holders.sum(axis=1, keepdims=True) > allowed)
    return np.where(moved, np.minimum(steps + 1, last), steps)


def _step_of(grade: str, bands: Sequence[Band]) -> int:
    return next((number for number, band in enumerate(bands, 1) if band.grade == grade), 0)


def _moved(steps: Whole, field: Field, scheme: Scheme) -> Whole:
    """Held within so many steps of the period before."""
    rule = scheme.grading.transitions
    if rule is None:
        return steps
    best = field.previous - (rule.up_at_most if rule.up_at_most is not None else 10**6)
    worst = field.previous + (rule.down_at_most if rule.down_at_most is not None else 10**6)
    last = np.array([len(bands) for bands in field.bands])
    held = np.clip(np.clip(steps, best, worst), np.minimum(1, last), last)
    return np.where((field.previous > 0) & (last > 0), held, steps)


def _vetoed(scores: Floats, steps: Whole, field: Field) -> Whole:
    """No better than vetoes leave it."""
    lowered = np.maximum(steps, field.lowest_step)
    held = np.isfinite(field.ceiling)
    if held.any():
        lowered = np.where(
            held, np.maximum(lowered, _steps(np.minimum(scores, field.ceiling), field)), lowered
        )
    return np.where(steps > 0, lowered, steps)
