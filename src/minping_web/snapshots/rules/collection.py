"""Merge how ballots were collected inside one cell of the population: top down, nothing lost elsewhere.

A cell is divided by its ways of asking; those with too few ballots are pooled into "not shown apart", and
while the pool itself has too few the smallest other way joins it. Each group that results is divided further,
by whether chance chose the way, and so on. A level is either kept or pooled, never both: its members inside a
group stay together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from minping_web.snapshots.rules.population import Cell, Dimension

Merged = tuple[str, tuple[int, ...], int, tuple[Cell, ...]]
"""Variable, its pooled levels, the level they got, and the groups (of earlier variables) where it was so."""


@dataclass(frozen=True)
class Split:
    """Each way of collecting as released, and what was pooled."""

    became: Mapping[Cell, Cell]
    merged: tuple[Merged, ...]


def pool(counted: Mapping[int, int], least: int, rest: int, already: Iterable[int] = ()) -> frozenset[int]:
    """Levels that become `rest`: thin ones and those that are pooled `already`, then the smallest others."""
    chosen = {level for level, n in counted.items() if n < least} | set(already)
    if chosen and rest in counted:
        chosen.add(rest)
    size = sum(counted.get(level, 0) for level in chosen)
    for n, level in sorted((n, level) for level, n in counted.items() if level not in chosen):
        if not chosen or size >= least:
            break
        chosen.add(level)
        size += n
    return frozenset(chosen)


def split(counted: Mapping[Cell, int], dimensions: Sequence[Dimension], least: int) -> Split:
    """Divide one cell of the population by each dimension in turn."""
    became: dict[Cell, Cell] = dict.fromkeys(counted, ())
    told: dict[tuple[str, tuple[int, ...], int], list[Cell]] = {}
    for at, one in enumerate(dimensions):
        rest = one.merged or 0
        for group, members in _groups(became):
            sizes = Counter[int]()
            for cell in members:
                sizes[cell[at]] += counted[cell]
            pooled = pool(sizes, least, rest)
            became |= {cell: (*group, rest if cell[at] in pooled else cell[at]) for cell in members}
            if pooled - {rest}:
                told.setdefault((one.name, tuple(sorted(pooled)), rest), []).append(group)
    merged = ((*what, tuple(group for group in groups if group)) for what, groups in told.items())
    return Split(became, tuple(merged))


def _groups(became: Mapping[Cell, Cell]) -> list[tuple[Cell, list[Cell]]]:
    """Cells by what they have become so far."""
    found: dict[Cell, list[Cell]] = {}
    for cell, into in became.items():
        found.setdefault(into, []).append(cell)
    return sorted(found.items())
