"""Small populations with margins, for tests of the weighting.

In: a numpy generator and sizes. Out: ballots, base weights and margins of a few assessees over 3 ages x
2 tenures; nothing is random beyond the generator passed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minping_engine.weighting import Margin

AGE = np.array([0, 0, 1, 1, 2, 2])
TENURE = np.array([0, 1, 0, 1, 0, 1])


@dataclass(frozen=True)
class Population:
    """Arrays (assessees, cells)."""

    people: np.ndarray
    n: np.ndarray
    base: np.ndarray

    @property
    def margins(self) -> tuple[Margin, ...]:
        return tuple(
            Margin(name, level, sums(self.people, level))
            for name, level in (("age", AGE), ("tenure", TENURE))
        )


def sums(values: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Sums of cells per level, (assessees, levels)."""
    return np.stack([values[:, level == at].sum(axis=1) for at in range(level.max() + 1)], axis=1)


def population(rng: np.random.Generator, assessees: int = 5, fewest: int = 1) -> Population:
    """Households 100-400 per cell; ballots `fewest` to 60 per cell; base weights differ by cell."""
    people = rng.integers(100, 400, (assessees, 6)).astype(float)
    n = rng.integers(fewest, 60, (assessees, 6)).astype(float)
    return Population(people, n, n * rng.uniform(3, 6, (assessees, 6)))
