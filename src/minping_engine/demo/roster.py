"""Postings as arrays: people's values onto the targets they answer for.

In: staff. Out: `Roster`, one per quarter, which adds up values of people by their share of the
quarter. Used where effects are drawn and where the story is fitted into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo.people import MILLE, Staff
from minping_engine.demo.streams import Floats


@dataclass(frozen=True, eq=False)
class Roster:
    """Postings of one quarter; `share` is 0-1, `n` the number of targets."""

    target: NDArray[np.int64]
    person: NDArray[np.int64]
    share: Floats
    n: int

    def on_targets(self, values: Floats) -> Floats:
        """Values of people (rows) onto targets, weighted with shares of the quarter."""
        if values.ndim == 1:
            return np.asarray(np.bincount(self.target, self.share * values[self.person], self.n), np.float64)
        return np.column_stack([self.on_targets(column) for column in values.T])

    @property
    def vacant(self) -> Floats:
        """Share of the quarter in which nobody is posted, by target."""
        return np.asarray(1.0 - np.bincount(self.target, self.share, self.n), np.float64)


def make_rosters(staff: Staff, n: int) -> tuple[Roster, ...]:
    """One roster per quarter."""
    return tuple(
        Roster(
            np.array([row.target for row in rows]),
            np.array([row.person for row in rows]),
            np.array([row.share for row in rows]) / MILLE,
            n,
        )
        for rows in staff.postings
    )


def effects_on_targets(rosters: Sequence[Roster], worker: Floats) -> Floats:
    """worker[quarter, person] -> [quarter, target]."""
    return np.stack([roster.on_targets(worker[quarter]) for quarter, roster in enumerate(rosters)])
