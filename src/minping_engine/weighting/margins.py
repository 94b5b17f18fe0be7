"""Population margins, and the merging of thin levels before raking (docs/method/weighting.md 3).

In: cells' levels, households per level, ballots per cell. Out: `Margin` tables and, per assessee,
which level joined which. Vectorised over assessees; at most (levels - 1) rounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from minping_engine.errors import InputError
from minping_engine.weighting.checks import Flags, Floats, Ints, table, within

THIN = 15
FEW_COLUMNS = 64
"""Up to this many assessees one call beats a loop over cells: the last that have not converged."""


@dataclass(frozen=True)
class Margin:
    """One variable: `level` (cells,) of each cell, `totals` (assessees, levels) eligible households.

    `group` (assessees, levels) is the level that a level was merged into (itself where it was not);
    None before merging. A total of -1 is unknown.
    """

    name: str
    level: Ints
    totals: Floats
    group: Ints | None = None

    @property
    def n_levels(self) -> int:
        """Number of levels."""
        return int(self.totals.shape[1])


@dataclass(frozen=True)
class Merge:
    """Level `level` of margin `margin` was counted together with `into` for this assessee."""

    assessee: int
    margin: str
    level: int
    into: int


def checked_margins(margins: tuple[Margin, ...], shape: tuple[int, ...]) -> tuple[Margin, ...]:
    """The margins as float64 tables that fit `shape` (assessees, cells)."""
    if not margins:
        raise InputError.of("weighting.no_margin")
    return tuple(_checked(margin, shape) for margin in margins)


def _checked(margin: Margin, shape: tuple[int, ...]) -> Margin:
    level = np.asarray(margin.level)
    totals = np.asarray(margin.totals, dtype=np.float64)
    if level.shape != shape[1:] or level.dtype.kind not in "iu":
        raise InputError.of("weighting.shape", name=margin.name, found=level.shape, needed=shape[1:])
    if totals.ndim != 2 or len(totals) != shape[0]:
        needed = (shape[0], "levels")
        raise InputError.of("weighting.shape", name=margin.name, found=totals.shape, needed=needed)
    outside = (level < 0) | (level >= totals.shape[1])
    if outside.any():
        raise InputError.of(
            "weighting.level_out_of_range",
            name=margin.name,
            found=int(level[outside][0]),
            limit=totals.shape[1] - 1,
        )
    table(margin.name, np.where(totals == -1, 0.0, totals))
    if margin.group is not None and np.shape(margin.group) != totals.shape:
        raise InputError.of(
            "weighting.shape", name=margin.name, found=np.shape(margin.group), needed=totals.shape
        )
    return replace(margin, level=level.astype(np.int64), totals=totals)


def level_sums(values: Floats, level: Ints, n_levels: int) -> Floats:
    """Sums over cells: (cells, assessees) -> (levels, assessees), cell by cell in order."""
    sums = np.zeros((n_levels, values.shape[1]))
    if values.shape[1] <= FEW_COLUMNS:
        np.add.at(sums, level, values)  # in the same order, in one call
        return sums
    for cell, at in enumerate(level):
        sums[at] += values[cell]
    return sums


def merged_sums(sums: Floats, group: Ints) -> Floats:
    """Sums (levels, assessees) with each level's sum added to its group's; merged levels get 0."""
    made = np.zeros_like(sums)
    columns = np.arange(sums.shape[1])
    for level in range(len(sums)):
        made[group[level], columns] += sums[level]
    return made


def merge_thin_levels(margins: tuple[Margin, ...], n: Floats, *, minimum: int = THIN) -> tuple[Margin, ...]:
    """Margins whose thin levels are merged with neighbours, per assessee.

    `n` (assessees, cells) are ballots. Thin: fewer than `minimum` ballots where people live, or any
    ballots where nobody lives. Kalton and Flores-Cervantes 2003.
    """
    within("minimum", minimum, 0, 10**6)
    counts = table("n", n)
    return tuple(
        replace(margin, group=_groups(margin, counts, minimum))
        for margin in checked_margins(margins, counts.shape)
    )


def list_merges(margins: tuple[Margin, ...]) -> list[Merge]:
    """Every merge, by assessee, margin and level."""
    found = []
    for place, margin in enumerate(margins):
        if margin.group is not None:
            who, level = np.nonzero(margin.group != np.arange(margin.n_levels))
            found += [
                (int(one), place, int(at), int(margin.group[one, at]))
                for one, at in zip(who, level, strict=True)
            ]
    return [Merge(who, margins[place].name, level, into) for who, place, level, into in sorted(found)]


def _groups(margin: Margin, counts: Floats, minimum: int) -> Ints:
    n = level_sums(counts.T, margin.level, margin.n_levels).T.copy()
    people = np.maximum(margin.totals, 0.0).copy()
    group = np.tile(np.arange(margin.n_levels), (len(n), 1))
    alive = (n > 0) | (people > 0)
    for _ in range(margin.n_levels - 1):
        thin = alive & (((n < minimum) & (people > 0)) | ((n > 0) & (people <= 0)))
        rows = np.flatnonzero(thin.any(axis=1) & (alive.sum(axis=1) > 1))
        if not rows.size:
            break
        thinnest = np.where(thin[rows], n[rows], np.inf).argmin(axis=1)
        other = _neighbour(alive[rows], n[rows], thinnest)
        low, high = np.minimum(thinnest, other), np.maximum(thinnest, other)
        for values in (n, people):
            values[rows, low] += values[rows, high]
            values[rows, high] = 0
        alive[rows, high] = False
        group[rows] = np.where(group[rows] == high[:, None], low[:, None], group[rows])
    return group


def _neighbour(alive: Flags, n: Floats, at: Ints) -> Ints:
    """The living level before or after `at` with fewer ballots; the earlier one if equal."""
    levels = np.arange(alive.shape[1])
    rows = np.arange(len(at))
    before = np.where(alive & (levels < at[:, None]), levels, -1).max(axis=1)
    after = np.where(alive & (levels > at[:, None]), levels, alive.shape[1]).min(axis=1)
    n_before = np.where(before >= 0, n[rows, before], np.inf)
    n_after = np.where(after < alive.shape[1], n[rows, np.minimum(after, alive.shape[1] - 1)], np.inf)
    return np.asarray(np.where(n_before <= n_after, before, after))
