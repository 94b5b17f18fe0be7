"""What weighting says about each assessee: weights, a state, and how it went (docs/method/weighting.md 7, 9).

In: weights made by raking or calibration. Out: `Weights` with states instead of silent failure, and
`Diagnostics`: design effect, range of g, share moved. Decides nothing; `assess` and cards read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from minping_engine.errors import RefusedError
from minping_engine.weighting.checks import Floats, Ints, States, table


class WeightState(IntEnum):
    """Why an assessee has weights, or has none."""

    MET = 0
    NO_SAMPLE = 1
    EMPTY_LEVEL = 2
    EMPTY_POPULATION = 3
    TOTALS_DISAGREE = 4
    OUT_OF_BOUNDS = 5
    NOT_CONVERGED = 6
    UNKNOWN_TOTAL = 7


@dataclass(frozen=True)
class Weights:
    """Weights added up per assessee x cell, in households; NaN rows where `state` is not MET.

    `base` is what they started from, `iterations` sweeps or Newton steps, `margin_error` the worst
    relative distance from a total (all per assessee; NaN where nothing was computed).
    """

    total: Floats
    base: Floats
    state: States
    iterations: Ints
    margin_error: Floats

    @property
    def factor(self) -> Floats:
        """g = weight / base per assessee x cell; 1 where a cell has no base weight."""
        g = np.divide(self.total, self.base, out=np.ones_like(self.base), where=self.base > 0)
        return np.where(np.isnan(self.total), np.nan, g)

    def or_base(self) -> Floats:
        """The weights, and the base weights where `state` is not MET: whoever uses them must say so."""
        return np.where((self.state == WeightState.MET)[:, None], self.total, self.base)

    def required(self) -> Floats:
        """The weights; refuses if any assessee has none."""
        failed = np.flatnonzero(self.state != WeightState.MET)
        if failed.size:
            state = WeightState(int(self.state[failed[0]])).name.lower()
            raise RefusedError.of("weighting.not_met", n=failed.size, first=int(failed[0]), state=state)
        return self.total


@dataclass(frozen=True)
class Diagnostics:
    """Per assessee; NaN where there are no weights.

    `design_effect` is Kish's n sum w^2 / (sum w)^2 over ballots; `smallest_g`, `largest_g` are weights over
    base weights scaled to the same sum; `moved_share` (0-1) is half the sum of |share after - share before|;
    `moved_cells` counts cells whose g is off 1 by more than a fifth; `negative_cells` those below 0.
    """

    design_effect: Floats
    smallest_g: Floats
    largest_g: Floats
    moved_share: Floats
    moved_cells: Ints
    negative_cells: Ints


MOVED = 0.2


def design_effect(total: Floats, n: Floats) -> Floats:
    """Kish's design effect of weighting; `total` (assessees, cells) are weights added up over n ballots."""
    squares = np.divide(total * total, n, out=np.zeros_like(total), where=n > 0)
    sums = np.add.reduce(np.where(n > 0, total, 0.0), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        made: Floats = np.add.reduce(n, axis=1) * np.add.reduce(squares, axis=1) / (sums * sums)
    return made


def diagnose(weights: Weights, n: Floats) -> Diagnostics:
    """Diagnostics of weights; `n` are ballots, (assessees, cells)."""
    counts = table("n", n, weights.total.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        before = weights.base / np.add.reduce(weights.base, axis=1)[:, None]
        after = weights.total / np.add.reduce(weights.total, axis=1)[:, None]
        g = np.where(before > 0, after / before, np.nan)
    known = ~np.isnan(g)
    some = known.any(axis=1)
    return Diagnostics(
        design_effect(weights.total, counts),
        np.where(some, np.where(known, g, np.inf).min(axis=1, initial=np.inf), np.nan),
        np.where(some, np.where(known, g, -np.inf).max(axis=1, initial=-np.inf), np.nan),
        np.add.reduce(np.abs(after - before), axis=1) / 2,
        np.add.reduce(known & (np.abs(g - 1) > MOVED), axis=1, dtype=np.int64),
        np.add.reduce(weights.total < 0, axis=1, dtype=np.int64),
    )
