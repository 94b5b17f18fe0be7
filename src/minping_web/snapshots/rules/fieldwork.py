"""Widen what is told of fieldwork until it says of no few households whether they voted.

Cells and ways of asking come as the released ballots have them. That is not enough: where ballots are
withheld, or none came, cells stay apart that no ballot shows, and answers less released ballots are the
withheld ones. So a group is shown only with enough invited units, of which none or enough answered, and of
whose ballots none or enough are withheld. Where a cell of an area has not, the area gives up its frame
variables, else its strata, else both; what is too few even then is shown without ways of asking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from minping_web.snapshots.rules.collection import pool
from minping_web.snapshots.rules.population import Cell


class Tally(NamedTuple):
    """Units of a group: invited; of these answered; of these with a withheld ballot."""

    invited: int
    answered: int
    withheld: int

    def is_thin(self, least: int) -> bool:
        """Whether it would tell something about few households."""
        return self.invited < least or 0 < self.answered < least or 0 < self.withheld < least


ByMode = Mapping[int, Tally]


def together(tallies: Iterable[Tally]) -> Tally:
    """Their sum."""
    some = list(tallies)
    return Tally(
        sum(one.invited for one in some), sum(one.answered for one in some), sum(one.withheld for one in some)
    )


def wide_cells(
    found: Mapping[Cell, Tally], steps: Sequence[Callable[[Cell], Cell]], least: int
) -> dict[Cell, Cell]:
    """What each cell of one area becomes: by the first step that leaves none thin, else by the last."""
    into = {cell: cell for cell in found}
    for step in steps:
        if not any(one.is_thin(least) for one in _merged(found, into).values()):
            break
        into = {cell: step(cell) for cell in found}
    return into


def _merged(found: Mapping[Cell, Tally], into: Mapping[Cell, Cell]) -> dict[Cell, Tally]:
    groups: dict[Cell, list[Tally]] = {}
    for cell, one in found.items():
        groups.setdefault(into[cell], []).append(one)
    return {cell: together(some) for cell, some in groups.items()}


def unshown_modes(by_mode: ByMode, least: int, rest: int, already: Iterable[int]) -> frozenset[int]:
    """Modes of a cell that are not shown apart; `already` are those that ballots do not show."""
    if together(by_mode.values()).is_thin(least):
        return frozenset(by_mode)
    thin = {mode for mode, one in by_mode.items() if one.is_thin(least)}
    answered = {mode: one.answered for mode, one in by_mode.items() if one.answered}
    pooled = pool(answered, least, rest, {*already, *thin})
    shown = together(one for mode, one in by_mode.items() if mode in pooled or mode == rest)
    return frozenset(by_mode) if pooled and shown.is_thin(least) else pooled
