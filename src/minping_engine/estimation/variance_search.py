"""The search for a variance on [0, infinity) that shrinkage models share (docs/method/shrinkage.md, rule 4).

In: a function that gives a criterion and its derivative, and a rising grid of positive starting
points. Out: where the criterion is lowest, zero included, or a coded error: never a value that
did not converge. The grid guards against several local minima; the root of the derivative is
exact to rounding, where a search by criterion alone stops at half of the digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import RefusedError

Evaluate = Callable[[float], tuple[float, float]]
"""Argument -> (criterion, derivative); an impossible argument gives an infinite criterion."""

LONGEST = 200
"""Bisection alone needs about 60 steps from any bracket of the grid."""
WIDTH = 1e-13
EXTENSIONS = 6


@dataclass(frozen=True)
class Lowest:
    """Where the criterion is lowest, its value there, and how often it was evaluated."""

    at: float
    criterion: float
    evaluations: int


def quantise(values: NDArray[np.float64], step: float = 1e-6) -> NDArray[np.float64]:
    """Rounded to multiples of `step`, half to even, without negative zero; NaN stays NaN.

    Decisions compare these values, so that two machines decide alike (evidence.md 6).

    >>> quantise(np.array([0.1234564, -1e-9])).tolist()
    [0.123456, 0.0]
    """
    per_unit = 1 / step
    rounded: NDArray[np.float64] = np.rint(values * per_unit) / per_unit + 0.0
    return rounded


def lowest_from_zero(evaluate: Evaluate, grid: NDArray[np.float64]) -> Lowest:
    """The lowest point on [0, infinity); zero itself if the criterion rises from there."""
    points = [0.0, *(float(point) for point in grid)]
    found = [evaluate(point) for point in points]
    for _ in range(EXTENSIONS):
        if _best(found) < len(points) - 1:
            break
        points.append(points[-1] * 10)
        found.append(evaluate(points[-1]))
    best = _best(found)
    count = len(points)
    if best == len(points) - 1:
        raise RefusedError.of("shrinkage.not_converged", evaluations=count)
    if best == 0 and found[0][1] >= 0:
        return Lowest(0.0, found[0][0], count)
    low, high = (best, best + 1) if found[best][1] < 0 else (best - 1, best)
    root, used = root_between(lambda at: evaluate(at)[1], points[low], points[high])
    criterion, _ = evaluate(root)
    if not criterion <= found[best][0] + 1e-9 * (1 + abs(criterion)):
        raise RefusedError.of("shrinkage.not_converged", evaluations=count + used)
    return Lowest(root, criterion, count + used + 1)


def _best(found: list[tuple[float, float]]) -> int:
    values = [criterion if np.isfinite(criterion) else np.inf for criterion, _ in found]
    if not np.isfinite(min(values)):
        raise RefusedError.of("shrinkage.not_converged", evaluations=len(found))
    return int(np.argmin(values))


def root_between(slope: Callable[[float], float], low: float, high: float) -> tuple[float, int]:
    """Root of a function that is negative at `low` and positive at `high`, and the evaluations used.

    False position that halves the weight of an end kept twice (Illinois), a bisection wherever four
    steps did not quarter the bracket: slow cases end too.
    """
    at_low, at_high = slope(low), slope(high)
    last, kept, wide = high, 0, high - low
    for step in range(LONGEST):
        secant = (low * at_high - high * at_low) / (at_high - at_low) if at_high > 0 > at_low else np.nan
        stuck = step % 4 == 3 and high - low > wide / 4
        middle = secant if low < secant < high and not stuck else (low + high) / 2
        wide = high - low if step % 4 == 3 else wide
        if abs(middle - last) <= WIDTH * high or high - low <= WIDTH * high:
            return middle, step + 2
        last, value = middle, slope(middle)
        if value == 0:
            return middle, step + 3
        if value < 0:
            low, at_low, at_high, kept = middle, value, at_high / (2 if kept < 0 else 1), -1
        else:
            high, at_high, at_low, kept = middle, value, at_low / (2 if kept > 0 else 1), 1
    raise RefusedError.of("shrinkage.not_converged", evaluations=LONGEST)
