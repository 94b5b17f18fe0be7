"""Merge what divides the population of one area until each cell has enough ballots.

First single levels of one variable are merged, the thin ones with the next thinnest. Where that is not
enough, whole variables are given up, the last `Dimension` first and those that weigh the sample at the end,
until merging levels of one of the others is enough: each variable that stays is one more that scores can be
levelled for. A merge holds for the whole area, so that sample and margins can follow it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Cell = tuple[int, ...]
"""One level of each variable, in the order of dimensions."""


@dataclass(frozen=True)
class Dimension:
    """A variable of the cells. `merged` is the level that merged ones get; None = never merged."""

    name: str
    merged: int | None
    is_weight: bool = False
    """Given up last: without its strata a sample cannot be weighted back."""
    is_local: bool = False
    """Of collection: merged inside each cell of the population, not over the area."""


@dataclass(frozen=True)
class Wide:
    """Each cell as released; (variable, levels, into) of each merge; whether some cell is still too thin."""

    became: Mapping[Cell, Cell]
    merged: tuple[tuple[str, tuple[int, ...], int], ...]
    is_small: bool


def widen(counted: Mapping[Cell, int], dimensions: Sequence[Dimension], least: int) -> Wide:
    """The least loss that helps; else one variable after the other is given up."""
    area = _Area(counted, dimensions, least)
    area.widen()
    return Wide(area.became, tuple(area.merged), bool(area.thin()))


class _Area:
    def __init__(self, counted: Mapping[Cell, int], dimensions: Sequence[Dimension], least: int) -> None:
        self._counted, self._dimensions, self._least = counted, dimensions, least
        self.became = {cell: cell for cell in counted}
        self.merged: list[tuple[str, tuple[int, ...], int]] = []

    def widen(self) -> None:
        free = [at for at, one in enumerate(self._dimensions) if one.merged is not None]
        free.sort(key=lambda at: not self._dimensions[at].is_weight)
        while free and self.thin():
            if self._helped(free):
                return
            given_up = free.pop()
            self._merge(given_up, set(self._levels(given_up)))

    def thin(self, became: Mapping[Cell, Cell] | None = None) -> set[Cell]:
        """Released cells with too few ballots."""
        sizes = Counter[Cell]()
        for cell, into in (became or self.became).items():
            sizes[into] += self._counted[cell]
        return {cell for cell, n in sizes.items() if n < self._least}

    def _levels(self, at: int) -> Counter[int]:
        """Ballots by level of one variable, as merged so far."""
        found = Counter[int]()
        for cell, into in self.became.items():
            found[into[at]] += self._counted[cell]
        return found

    def _helped(self, free: Sequence[int]) -> bool:
        """Merge levels of one variable if that is enough."""
        for at in reversed(free):
            levels = self._enough(at)
            if levels:
                self._merge(at, levels)
                return True
        return False

    def _enough(self, at: int) -> set[int]:
        """The fewest levels of one variable whose merging helps: thin ones, then the rarest; or none."""
        chosen = {cell[at] for cell in self.thin()}
        counted = self._levels(at).items()
        others = [level for _n, level in sorted((n, level) for level, n in counted if level not in chosen)]
        while len(chosen) < 2 or self.thin(self._with(at, chosen)):
            if not others:
                return set()
            chosen.add(others.pop(0))
        return chosen

    def _with(self, at: int, levels: set[int]) -> dict[Cell, Cell]:
        level = self._dimensions[at].merged
        assert level is not None
        return {
            cell: (*into[:at], level, *into[at + 1 :]) if into[at] in levels else into
            for cell, into in self.became.items()
        }

    def _merge(self, at: int, levels: set[int]) -> None:
        one = self._dimensions[at]
        if len(levels) < 2 or one.merged is None:
            return
        self.became = self._with(at, levels)
        self.merged.append((one.name, tuple(sorted(levels)), one.merged))
