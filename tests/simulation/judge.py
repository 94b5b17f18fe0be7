"""Judges: does what the engine claims hold, given the truth? With tolerances from the number of trials.

In: a `Trial`. Out: `Measured`: a share or a mean with its Monte Carlo error, and yes or no to a claim.
Replicates are the independent trials: people of one replicate share its coefficients and peers, so the
error is that of ratios over replicates. A claim fails only where it lies `TOLERANCE` errors away, and
every broken estimator of the tests has to fail the same judge at the same number of trials.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from minping_engine.ranking import GradeRule, grade_by_posterior, simultaneous_sets
from tests.simulation.designs import Floats, Ints
from tests.simulation.trials import Trial

Flags = NDArray[np.bool_]
TOLERANCE = 2.58
"""A true claim is refused in one of a hundred runs; seeds are fixed, so that this is settled once."""
LOW, HIGH = 0.93, 0.97
EXCELLENT_FROM, SUPPORT_FROM = 0.90, 0.95
NEAR = 0.05
"""Grades whose chance lies this close above what is needed are near a cut."""


@dataclass(frozen=True)
class Measured:
    """`value` over `replicates`, with its Monte Carlo `error`."""

    value: float
    error: float
    replicates: int
    cases: int

    @property
    def slack(self) -> float:
        """What chance may add."""
        return TOLERANCE * self.error

    def within(self, low: float = LOW, high: float = HIGH) -> bool:
        """Whether the claim `low <= value <= high` stands."""
        return self.cases > 0 and low - self.slack <= self.value <= high + self.slack

    def at_least(self, low: float) -> bool:
        """Whether the claim `value >= low` stands."""
        return self.cases > 0 and self.value + self.slack >= low

    def at_most(self, high: float) -> bool:
        """Whether the claim `value <= high` stands."""
        return self.cases > 0 and self.value - self.slack <= high


def ratio(hits: Floats | Flags, counted: Flags) -> Measured:
    """Sum of hits over counted cases, both (replicates, ...), with the error of a ratio of clusters."""
    flat = counted.reshape(len(counted), -1)
    inside = np.where(flat, np.asarray(hits, dtype=np.float64).reshape(flat.shape), 0.0)
    total, cases = inside.sum(axis=1), flat.sum(axis=1)
    value = total.sum() / max(cases.sum(), 1)
    off = total - value * cases
    many = len(flat)
    error = np.sqrt((off**2).sum() * many / max(many - 1, 1)) / max(cases.sum(), 1)
    return Measured(float(value), float(error), many, int(cases.sum()))


def interval_coverage(
    trial: Trial, *, value: str = "adjusted", se: Floats | None = None, truth: Floats | None = None
) -> Measured:
    """How often value -+ t x se holds the truth, over everybody with a value."""
    error = trial[f"{value}_se"] if se is None else se
    aim = trial.truth if truth is None else truth
    known = np.isfinite(trial[value]) & np.isfinite(error)
    return ratio(np.abs(trial[value] - aim) <= student.ppf(0.975, trial.df) * error, known)


def true_ranks(trial: Trial, members: Flags) -> Ints:
    """Rank of the truth among members of the own comparison group, 1 = best; 0 for others."""
    truth = trial.truth
    peers = (trial.group[:, :, None] == trial.group[:, None, :]) & members[:, None, :] & members[:, :, None]
    better = ((truth[:, None, :] > truth[:, :, None]) & peers).sum(axis=2)
    return np.where(members, better + 1, 0)


def set_coverage(trial: Trial, low: Floats, high: Floats) -> Measured:
    """How often the sets hold the true ranks of ALL members of a group at once; cases are groups."""
    members = np.isfinite(low) & (low > 0)
    rank = true_ranks(trial, members)
    missed = members & ((rank < low) | (rank > high))
    labels = np.unique(trial.group)
    here = [(trial.group == label) & members for label in labels]
    counted = np.stack([rows.any(axis=1) for rows in here], axis=1)
    whole = np.stack([~(missed & rows).any(axis=1) for rows in here], axis=1)
    return ratio(whole, counted)


def own_rank_coverage(trial: Trial) -> Measured:
    """How often an own rank interval holds the own true rank; cases are assessees."""
    low, high = trial["rank_low"], trial["rank_high"]
    members = np.isfinite(low) & (low > 0)
    rank = true_ranks(trial, members)
    return ratio((rank >= low) & (rank <= high), members)


def sets_again(trial: Trial, *, level: float = 0.95, shrink_error: float = 1.0) -> tuple[Floats, Floats]:
    """Simultaneous sets as the engine makes them, at another level or from other errors."""
    low, high = np.full(trial.truth.shape, np.nan), np.full(trial.truth.shape, np.nan)
    members = np.isfinite(trial["set_low"]) & (trial["set_low"] > 0)
    for replicate in range(len(low)):
        for label in np.unique(trial.group[replicate, members[replicate]]):
            who = np.flatnonzero(members[replicate] & (trial.group[replicate] == label))
            value, se = trial["adjusted"][replicate, who], trial["adjusted_se"][replicate, who]
            made = simultaneous_sets(value, se * shrink_error, level=level, df=trial.df[replicate, who])
            low[replicate, who], high[replicate, who] = made.low, made.high
    return low, high


Outer = Literal["excellent", "needs_support"]


def is_false(trial: Trial, grade: Outer) -> Flags:
    """Whose true score is on the wrong side of the cut of an outer grade."""
    high, low = trial.design.cuts
    return trial.truth < high if grade == "excellent" else trial.truth >= low


def false_share(trial: Trial, grade: Outer, given: NDArray[np.object_] | None = None) -> Measured:
    """Share of those with an outer grade who do not belong there."""
    return ratio(is_false(trial, grade), (trial.grade if given is None else given) == grade)


def near_cut_false_share(
    trial: Trial, grade: Outer, given: NDArray[np.object_] | None = None, chance: Floats | None = None
) -> Measured:
    """The same among those whom the rule has only just let in."""
    needed = EXCELLENT_FROM if grade == "excellent" else SUPPORT_FROM
    sure = trial["grade_chance"] if chance is None else chance
    made = trial.grade if given is None else given
    # From 0.90 the next 0.05; from 0.95 half of what is left, or nobody would be left out.
    just = sure < needed + min(NEAR, (1 - needed) / 2)
    return ratio(is_false(trial, grade), (made == grade) & just)


def grades_from(trial: Trial, mean: Floats, deviation: Floats) -> tuple[NDArray[np.object_], Floats]:
    """Grades and their chances by the engine's rule from another posterior."""
    high, low = trial.design.cuts
    graded = np.array([grade is not None for grade in trial.grade.ravel()])
    rule = GradeRule(high, low, EXCELLENT_FROM, SUPPORT_FROM)
    made = grade_by_posterior(mean.ravel(), deviation.ravel(), rule, assessed=graded)
    grade = made.grade.astype(object)
    grade[~graded] = None
    chance = np.where(made.grade == "excellent", made.chance_excellent, made.chance_support)
    return grade.reshape(mean.shape), chance.reshape(mean.shape)


def mean_error(error: Floats, rows: Flags) -> Measured:
    """Mean of an error over rows."""
    return ratio(np.where(rows, error, 0.0), rows & np.isfinite(error))


def unlucky(first: Trial, change: Floats) -> Flags:
    """The bottom tenth of each replicate by the first adjusted score, among those with a change."""
    known = np.isfinite(first["adjusted"]) & np.isfinite(change)
    limit = np.nanquantile(np.where(known, first["adjusted"], np.nan), 0.1, axis=1)
    return known & (first["adjusted"] <= limit[:, None])
