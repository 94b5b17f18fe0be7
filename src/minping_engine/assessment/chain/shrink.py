"""Level ground and shrinkage: adjusted scores -> what is known once the others are known too (shrinkage.md).

In: adjusted scores, comparison groups, covariates of the ground. Out: `ShrunkenPeople`: the effect of
hard ground taken out, values shrunken towards the comparison group, reliability. Covariates describe
the grid, never the assessed person. No variance between the assessed is an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from minping_engine.assessment.chain.cells import Floats, Ints
from minping_engine.assessment.chain.people import AdjustedPeople
from minping_engine.errors import MinpingError
from minping_engine.estimation import AreaFit, AreaUnitState, area_model, reliabilities
from minping_engine.snapshot import Snapshot

UNITS_PER_COVARIATE = 10
"""Covariates of the ground need that many assessed each."""
LUCK_MICRO = 50_000
"""Differences as large as these come about by luck in more than 5 % of rounds: no evidence."""
DEPENDENT = 1e-6
FEWEST_UNITS = 10
"""Below this many assessed nobody can say how much they differ."""


@dataclass(frozen=True)
class Ground:
    """Covariates of the grids of the assessed: names and values (A, q), NaN where unknown."""

    names: tuple[str, ...]
    values: Floats


def ground_of(snapshot: Snapshot, areas: pa.Table, names: tuple[str, ...]) -> tuple[Ground, tuple[str, ...]]:
    """Covariates by row of `areas`, and the names that no area has."""
    table = snapshot.table("area_covariates")
    ids = areas["area_id"].combine_chunks()
    values = np.full((len(ids), len(names)), np.nan)
    for place, name in enumerate(names):
        rows = table.filter(pc.equal(table["covariate"], name))
        at = pc.index_in(rows["area_id"].combine_chunks(), ids)
        there = pc.is_valid(at)
        values[at.filter(there).to_numpy(), place] = rows["value"].combine_chunks().filter(there).to_numpy()
    known = np.isfinite(values).any(axis=0)
    kept = tuple(name for name, is_known in zip(names, known, strict=True) if is_known)
    return Ground(kept, values[:, known]), tuple(name for name in names if name not in kept)


@dataclass(frozen=True)
class ShrunkenPeople:
    """Arrays (A,) in points; `ground_moved` (A, q) what each covariate added; `beta`, `beta_se` (q,).

    `fit` is None where too few are assessed to tell how they differ; then `value` is the adjusted score,
    and shrunken values and reliability are NaN.
    """

    value: Floats
    variance: Floats
    shrunken: Floats
    mse: Floats
    reliability: Floats
    fit: AreaFit | None
    ground: tuple[str, ...]
    ground_moved: Floats
    beta: Floats
    beta_se: Floats
    ground_left_out: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the data show that true scores differ at all: a variance above 0, and not by luck alone."""
        fit = self.fit
        return fit is not None and fit.variance_between > 0 and round(fit.heterogeneity_p * 1e6) < LUCK_MICRO

    @property
    def between(self) -> float:
        """Variance of true scores inside comparison groups, squared points; NaN without a fit."""
        return float("nan") if self.fit is None else self.fit.variance_between


def shrink(people: AdjustedPeople, group: Ints, ground: Ground, fewest_ballots: int) -> ShrunkenPeople:
    """Shrink everybody with at least `fewest_ballots`; the rest stay as adjusted.

    People who share all their targets have one score between them: they enter the model once.
    """
    first, place = distinct_people(people, group)
    one = _taken(people, first)
    used = (one.n >= fewest_ballots) & np.isfinite(one.value) & np.isfinite(one.variance)
    classes = _classes(group[first], used)
    names, z, left_out = _standardised(Ground(ground.names, ground.values[first]), used, classes)
    for covariates in ((names, z), ((), z[:, :0])) if names else (((), z[:, :0]),):
        fit = _fitted(one, used, np.concatenate([classes, covariates[1]], axis=1))
        if fit is not None:
            return _spread_out(_level(one, fit, classes, *covariates), place, left_out)
    nothing, no_ground = np.full(len(people.n), np.nan), np.zeros(0)
    shown = (nothing, nothing, nothing, None, (), np.zeros((len(people.n), 0)), no_ground, no_ground)
    return ShrunkenPeople(people.value, people.variance, *shown, left_out)


def distinct_people(people: AdjustedPeople, group: Ints) -> tuple[Ints, Ints]:
    """First of those with the very same numbers, and each one's place among these."""
    numbers = np.stack([people.n, people.value, people.variance, people.weighted, group], axis=1)
    numbers = np.where(np.isfinite(numbers), numbers, -1.0)
    _, first, place = np.unique(numbers, axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), place.ravel().astype(np.int64)


def _taken(people: AdjustedPeople, rows: Ints) -> AdjustedPeople:
    return AdjustedPeople(
        people.n[rows],
        people.df[rows],
        people.weighted[rows],
        people.value[rows],
        people.variance[rows],
        people.unit_variance[rows],
        people.steps,
        people.moved[rows],
    )


def _spread_out(made: ShrunkenPeople, place: Ints, left_out: tuple[str, ...]) -> ShrunkenPeople:
    return replace(
        made,
        value=made.value[place],
        variance=made.variance[place],
        shrunken=made.shrunken[place],
        mse=made.mse[place],
        reliability=made.reliability[place],
        ground_moved=made.ground_moved[place],
        ground_left_out=left_out,
    )


def plain_reliability(people: AdjustedPeople, group: Ints, fewest_ballots: int) -> Floats:
    """Reliability of the weighted score before anything is taken out of it, (A,); NaN without a model."""
    first, place = distinct_people(people, group)
    one = _taken(people, first)
    used = (one.n >= fewest_ballots) & np.isfinite(one.weighted) & np.isfinite(one.variance)
    fit = _fitted(replace(one, value=one.weighted), used, _classes(group[first], used))
    if fit is None:
        return np.full(len(people.n), np.nan)
    made = reliabilities(fit.variance_between, np.where(used, one.variance, 1.0))
    return np.where(used, made, np.nan)[place]


def _standardised(
    ground: Ground, used: NDArray[np.bool_], classes: Floats
) -> tuple[tuple[str, ...], Floats, tuple[str, ...]]:
    """Names and columns with mean 0 and standard deviation 1 over those used, and names left out.

    Left out, in the scheme's order: what at least half of them lack, and what groups and earlier
    covariates determine.
    """
    names: list[str] = []
    columns: list[Floats] = []
    enough = used.sum() >= UNITS_PER_COVARIATE * (len(ground.names) + 1)
    before = classes[used]
    for name, column in zip(ground.names, ground.values.T, strict=True):
        known = used & np.isfinite(column)
        if not enough or known.sum() * 2 <= used.sum():
            continue
        spread = float(np.std(column[known]))
        centred = (column - float(np.mean(column[known]))) / (spread or 1.0)
        centred = np.where(np.isfinite(column), centred, 0.0)
        if spread > 0 and _adds_something(centred[used], before):
            names.append(name)
            columns.append(centred)
            before = np.concatenate([before, centred[used, None]], axis=1)
    made = np.stack(columns, axis=1) if columns else np.zeros((len(used), 0))
    return tuple(names), made, tuple(name for name in ground.names if enough and name not in names)


def _adds_something(column: Floats, before: Floats) -> bool:
    """Whether anything of a standardised column is left once earlier columns are taken out."""
    coefficient = np.linalg.lstsq(before, column, rcond=None)[0]
    left = column - np.einsum("ij,j->i", before, coefficient)
    return float(np.add.reduce(left * left)) > DEPENDENT * len(column)


def _classes(group: Ints, used: NDArray[np.bool_]) -> Floats:
    """0/1 columns of comparison groups that anybody used is in; one column where there are none."""
    there = np.unique(group[used]) if used.any() else np.array([-1])
    columns: Floats = (group[:, None] == there).astype(np.float64)
    lost = columns.sum(axis=1) == 0
    columns[lost, 0] = 1.0
    return columns


def _fitted(people: AdjustedPeople, used: NDArray[np.bool_], x: Floats) -> AreaFit | None:
    if used.sum() < max(FEWEST_UNITS, x.shape[1] + 5):
        return None
    try:
        return area_model(np.where(used, people.value, np.nan), np.where(used, people.variance, np.nan), x)
    except MinpingError:
        return None


def _level(
    people: AdjustedPeople, fit: AreaFit, classes: Floats, names: tuple[str, ...], z: Floats
) -> ShrunkenPeople:
    """Values on level ground: x'beta without the covariates' part (fair-scores.md, rules 6 and 7)."""
    at = classes.shape[1]
    beta, covariance = fit.beta[at:], fit.beta_cov[at:, at:]
    moved = -z * beta
    level = np.add.reduce(moved, axis=1)
    added = np.maximum(np.einsum("ij,jk,ik->i", z, covariance, z), 0.0)
    variance = people.variance + added
    x = np.concatenate([classes, z], axis=1)
    plain = np.concatenate([classes, np.zeros_like(z)], axis=1)
    off = plain - fit.gamma[:, None] * x
    g2 = np.einsum("ij,jk,ik->i", off, fit.beta_cov, off)
    known = fit.unit_state == AreaUnitState.COMBINED
    return ShrunkenPeople(
        people.value + level,
        variance,
        np.where(known, fit.value + level, np.nan),
        np.where(known, np.maximum(fit.mse - fit.g2 + g2, 0.0), np.nan),
        np.where(known, reliabilities(fit.variance_between, np.where(known, variance, 1.0)), np.nan),
        fit,
        names,
        np.where(np.isfinite(people.value)[:, None], moved, np.nan),
        beta,
        np.sqrt(np.maximum(np.diag(covariance), 0.0)),
    )
