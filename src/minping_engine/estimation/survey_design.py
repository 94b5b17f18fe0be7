"""The design behind sums: strata, clusters, populations, and what a lonely cluster means.

In: which stratum and cluster each cell of sums belongs to, how large the populations are. Out: the
variance of a total of linearised values (docs/method/survey-estimates.md, rules 3 to 6): with
replacement between primary units inside strata (Sarndal, Swensson, Wretman 1992, 3.7 and 4.2).
A primary unit is the ballot, or the cluster (building, interviewer) where clusters are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError, Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class LonelyPolicy(StrEnum):
    """What a stratum with a single primary unit does, where the assessee has others."""

    ERROR = "error"
    CERTAINTY = "certainty"
    ADJUST = "adjust"
    COLLAPSE = "collapse"


@dataclass(frozen=True)
class SurveyDesign:
    """Where each cell stands.

    `stratum` (cells,) numbers strata from 0; a stratum belongs to one assessee: `assessee` (strata,).
    `population_size` (strata,): primary units in the population (households, or clusters where
    `cluster` is given), never a fraction; -1 = unknown. `cluster` (cells,) numbers clusters from 0.
    """

    stratum: Ints
    assessee: Ints
    population_size: Ints | Floats
    n_assessees: int
    cluster: Ints | None = None


@dataclass(frozen=True)
class Layers:
    """Strata after the policy: primary units `count`, `population` (NaN unknown), arrays (strata,)."""

    cell_stratum: Ints
    count: Ints
    population: Floats
    assessee: Ints
    n_assessees: int
    cluster: Ints | None
    cluster_stratum: Ints
    policy: LonelyPolicy

    @property
    def lonely(self) -> NDArray[np.bool_]:
        """Strata with a single primary unit."""
        return np.asarray(self.count == 1)

    @property
    def primary_units(self) -> Ints:
        """Primary units of each assessee."""
        return np.bincount(self.assessee, self.count, self.n_assessees).astype(np.int64)


def lay_out(design: SurveyDesign, ballots: Ints, policy: LonelyPolicy) -> Layers:
    """Check the design and apply the policy for lonely primary units."""
    total = len(design.assessee)
    cluster_stratum = _cluster_strata(design, ballots)
    if design.cluster is None:
        count = np.bincount(design.stratum, ballots, total).astype(np.int64)
    else:
        count = np.bincount(cluster_stratum[cluster_stratum >= 0], minlength=total).astype(np.int64)
    population = _checked_population(np.asarray(design.population_size, dtype=np.float64), count)
    home = np.arange(total)
    units = np.bincount(design.assessee, count, design.n_assessees)
    lonely = (count == 1) & (units[design.assessee] > 1)
    if lonely.any() and policy is LonelyPolicy.ERROR:
        raise InputError.of(
            "estimation.survey_lonely_unit", strata=int(lonely.sum()), first=int(np.flatnonzero(lonely)[0])
        )
    if policy is LonelyPolicy.COLLAPSE:
        home = _neighbours(design.assessee, count, lonely)
        count_before, count = count, np.bincount(home, count, total).astype(np.int64)
        population = _pooled(home, np.where(count_before > 0, population, 0.0), total)
    cluster_stratum = np.where(cluster_stratum >= 0, home[cluster_stratum], -1)
    return Layers(
        home[design.stratum],
        count,
        population,
        design.assessee,
        design.n_assessees,
        design.cluster,
        cluster_stratum,
        policy,
    )


def _cluster_strata(design: SurveyDesign, ballots: Ints) -> Ints:
    """Stratum of each cluster; -1 for a number that no ballot carries."""
    if design.cluster is None:
        return np.zeros(0, dtype=np.int64)
    there = ballots > 0
    cluster, stratum = design.cluster[there], design.stratum[there]
    found = np.full(int(design.cluster.max(initial=-1)) + 1, -1, dtype=np.int64)
    found[cluster] = stratum
    split = found[cluster] != stratum
    if split.any():
        raise InputError.of("estimation.survey_cluster_in_two_strata", cluster=int(cluster[split][0]))
    return found


def _checked_population(population: Floats, count: Ints) -> Floats:
    """NaN where unknown. A fraction, or fewer than were drawn, is a fault (methods.md 7.1)."""
    known = (population != -1) & (count > 0)
    fraction = known & ((population < 1) | (population != np.floor(population)))
    below = known & ~fraction & (population < count)
    problems = [
        Problem(
            code, params={"stratum": int(where[0]), "value": float(population[where[0]])}, count=len(where)
        )
        for code, where in (
            ("estimation.survey_population_is_no_count", np.flatnonzero(fraction)),
            ("estimation.survey_population_below_sample", np.flatnonzero(below)),
        )
        if len(where)
    ]
    if problems:
        raise InputError(problems)
    return np.where(population == -1, np.nan, population)


def _neighbours(assessee: Ints, count: Ints, lonely: NDArray[np.bool_]) -> Ints:
    """Each lonely stratum joins the next with units of the same assessee, the last one the one before.

    Chains of lonely strata become one: labels are taken from the end of each run.
    """
    home = np.arange(len(count))
    there = np.flatnonzero(count > 0)
    there = there[np.argsort(assessee[there], kind="stable")]
    who, alone = assessee[there], lonely[there]
    last = np.append(who[1:] != who[:-1], True)[: len(there)]
    ends = ~alone | last
    runs = np.append(0, np.cumsum(ends)[:-1])[: len(there)]
    first_of = np.flatnonzero(np.append(True, ends[:-1]))[: runs.max(initial=-1) + 1]
    end_of = np.flatnonzero(ends)
    only = alone[end_of] & (first_of == end_of)
    same = np.append(False, who[end_of[1:]] == who[end_of[:-1]])[: len(end_of)]
    # A last stratum alone in its run joins the run before it, which is never lonely itself.
    target = np.where(only & same, np.arange(len(end_of)) - 1, np.arange(len(end_of)))
    home[there] = there[first_of[target[runs]]]
    return home


def _pooled(group: Ints, values: Floats, total: int) -> Floats:
    return np.bincount(group, values, total).astype(np.float64)


def linearised_variance(layers: Layers, sums: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Variance of each assessee's total of linearised values: without and with correction.

    `sums`, `squares` (cells, variables): sums over ballots of z and z^2, weights inside. `squares` is
    not read where clusters are given. Returns two arrays (assessees, variables).
    """
    pieces = [_one_variable(layers, sums[:, column], squares[:, column]) for column in range(sums.shape[1])]
    free, corrected = zip(*pieces, strict=True)
    return np.stack(free, axis=1), np.stack(corrected, axis=1)


def _one_variable(layers: Layers, sums: Floats, squares: Floats) -> tuple[Floats, Floats]:
    total, count = len(layers.count), layers.count.astype(np.float64)
    first = np.bincount(layers.cell_stratum, sums, total)
    several = layers.count > 1
    mean = first / np.where(count > 0, count, 1.0)
    if layers.cluster is None:
        second = np.bincount(layers.cell_stratum, squares, total)
        spread = np.maximum(second - first * mean, 0.0)
    else:
        there = layers.cluster_stratum >= 0
        home = layers.cluster_stratum[there]
        totals = np.bincount(layers.cluster, sums, len(there))[there]
        gap = totals - mean[home]
        spread = np.bincount(home, gap * gap, total)
    part = np.where(several, spread * count / np.where(several, count - 1, 1.0), 0.0)
    if layers.policy is LonelyPolicy.ADJUST:
        units = layers.primary_units
        centre = np.bincount(layers.assessee, first, layers.n_assessees) / np.where(units > 0, units, 1)
        gap = first - centre[layers.assessee]
        part = np.where(layers.lonely, gap * gap, part)
    # An unknown population of one stratum leaves the whole assessee without a corrected error.
    remaining = np.where(
        layers.count > 0, 1.0 - count / np.where(layers.count > 0, layers.population, 1.0), 0.0
    )
    who, people = layers.assessee, layers.n_assessees
    return _pooled(who, part, people), _pooled(who, part * remaining, people)
