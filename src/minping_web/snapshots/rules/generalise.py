"""Widen cells until each has enough ballots (design 6, docs/method/vote.md): whoever knows what the office
knows of a household must meet at least `least` ballots.

In: columns of small numbers, one row per ballot, by area. Out: the same columns as released, and what was
merged. Two steps. What divides the population (questionnaire, stratum, frame variables) is merged over a
whole area, since its margins must be merged alike: `population.py`. How a ballot was collected (mode, whether
chance chose it, interviewer) has no margins and is merged inside each cell of the population:
`collection.py`. So a thin mode among tenants takes nothing from owners. An area with fewer ballots of a
questionnaire than `least` stays too small and is said; its ballots are not released. What residents tell
about themselves (age, sex) is no cell here: the office does not know it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minping_web.snapshots.rules.collection import Split, split
from minping_web.snapshots.rules.population import Cell, Dimension, widen

Small = NDArray[Any]
"""A column of whole numbers, in as few bytes as its levels need."""


@dataclass(frozen=True, slots=True)
class Merge:
    """In this area these levels of a variable became one.

    `cell` names the cell of the population that it is about, as released, by (variable, level); empty = the
    whole area. `groups` are the released ways of collecting inside that cell that it is about; empty = all.
    """

    target: int
    variable: str
    levels: tuple[int, ...]
    into: int
    cell: tuple[tuple[str, int], ...] = ()
    groups: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Generalised:
    """Columns after merging, what was merged, and areas that have too few ballots whatever is merged."""

    columns: tuple[Small, ...]
    merges: tuple[Merge, ...]
    small: tuple[int, ...]


def generalise(
    target: Small, columns: Sequence[Small], dimensions: Sequence[Dimension], least: int
) -> Generalised:
    """Merge area by area; dimensions of collection stand last, in the order in which they divide a cell."""
    made, merges, small = tuple(column.copy() for column in columns), list[Merge](), list[int]()
    for number, mine in _by_target(target):
        rows = list(zip(*(column[mine].tolist() for column in made), strict=True))
        area = _Area(number, Counter(rows), dimensions, least)
        merges += area.merges
        if area.is_small:
            small.append(number)
        if area.merges:
            released = zip(*(area.became[row] for row in rows), strict=True)
            for column, levels in zip(made, released, strict=True):
                column[mine] = levels
    return Generalised(made, tuple(merges), tuple(small))


def _by_target(target: Small) -> Iterator[tuple[int, Small]]:
    """(target, places of its ballots), one area at a time."""
    order = np.argsort(target, kind="stable")
    numbers, starts = np.unique(target[order], return_index=True)
    yield from zip(numbers.tolist(), np.split(order, starts[1:]) if len(order) else (), strict=True)


class _Area:
    """How each cell of one area is released: `became`."""

    def __init__(
        self, number: int, ballots: Counter[Cell], dimensions: Sequence[Dimension], least: int
    ) -> None:
        self._number, self._least = number, least
        self._inner = [one for one in dimensions if one.is_local]
        self._outer = dimensions[: len(dimensions) - len(self._inner)]
        counted = Counter[Cell]()
        for cell, n in ballots.items():
            counted[cell[: len(self._outer)]] += n
        self._wide = widen(counted, self._outer, least)
        self.is_small = self._wide.is_small
        self.merges = [Merge(number, *one) for one in self._wide.merged]
        self.became = self._divided(ballots)

    def _divided(self, ballots: Counter[Cell]) -> dict[Cell, Cell]:
        inside: dict[Cell, Counter[Cell]] = {}
        for cell, n in ballots.items():
            outer, inner = self._wide.became[cell[: len(self._outer)]], cell[len(self._outer) :]
            inside.setdefault(outer, Counter())[inner] += n
        found = {
            outer: self._told(outer, split(counted, self._inner, self._least))
            for outer, counted in sorted(inside.items())
        }
        cut, into = len(self._outer), self._wide.became
        return {cell: (*into[cell[:cut]], *found[into[cell[:cut]]].became[cell[cut:]]) for cell in ballots}

    def _told(self, outer: Cell, found: Split) -> Split:
        """Notes what was merged inside one cell of the population."""
        named = tuple((one.name, level) for one, level in zip(self._outer, outer, strict=True))
        self.merges += [
            Merge(self._number, variable, levels, into, named, groups)
            for variable, levels, into, groups in found.merged
        ]
        return found
