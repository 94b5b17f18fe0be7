"""Widen cells until each has enough ballots (design 6): what the office knows of a household is its area,
questionnaire, stratum, mode and frame cell; whoever knows these must meet at least `least` ballots.

In: one row of levels per ballot, by area. Out: the same rows with levels merged where they must be, and what
was merged. First single levels of one variable are merged, the thin ones with the next thinnest. Where that
is not enough, whole variables are given up, the last `Dimension` first and those that weigh the sample at the
end, until merging levels of one of the others is enough: each variable that stays is one more that scores can
be levelled for. An area with fewer ballots than `least` stays too small, and its results are held back by the
thresholds of disclosure. What a resident tells about herself (age, sex) is no cell here: the office does not
know it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Dimension:
    """One column of the rows. `merged` is the level that merged ones get; None = never merged."""

    name: str
    merged: int | None
    is_weight: bool = False
    """Given up last: without its strata a sample cannot be weighted back."""


@dataclass(frozen=True)
class Merge:
    """In this area these levels of a variable became one."""

    target: int
    variable: str
    levels: tuple[int, ...]
    into: int


@dataclass(frozen=True)
class Generalised:
    """Rows after merging, what was merged, and areas that have too few ballots whatever is merged."""

    rows: Ints
    merges: tuple[Merge, ...]
    small: tuple[int, ...]


def generalise(target: Ints, rows: Ints, dimensions: Sequence[Dimension], least: int) -> Generalised:
    """Merge area by area; `rows` is (ballots, dimensions). Areas without thin cells are left alone."""
    made, merges, small = rows.copy(), list[Merge](), list[int]()
    order = np.argsort(target, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(target[order]) != 0]) if len(order) else np.empty(0, np.int64)
    for at, start in enumerate(starts):
        end = starts[at + 1] if at + 1 < len(starts) else len(order)
        mine = order[start:end]
        area = _Area(made[mine], dimensions, least)
        area.widen()
        made[mine] = area.rows
        number = int(target[mine[0]])
        merges += [Merge(number, name, levels, into) for name, (levels, into) in area.merged.items()]
        if area.thin().any():
            small.append(number)
    return Generalised(made, tuple(merges), tuple(small))


class _Area:
    """Rows of one area while they are being widened."""

    def __init__(self, rows: Ints, dimensions: Sequence[Dimension], least: int) -> None:
        self.rows, self.dimensions, self.least = rows, dimensions, least
        self.merged: dict[str, tuple[tuple[int, ...], int]] = {}

    def thin(self, rows: Ints | None = None) -> NDArray[np.bool_]:
        """Which rows stand in a cell with too few."""
        _cells, number, count = np.unique(
            self.rows if rows is None else rows, axis=0, return_inverse=True, return_counts=True
        )
        found: NDArray[np.bool_] = count[number.reshape(-1)] < self.least
        return found

    def widen(self) -> None:
        """The least loss that helps; else one variable after the other is given up."""
        if not self.thin().any():
            return
        free = [at for at, one in enumerate(self.dimensions) if one.merged is not None]
        free.sort(key=lambda at: not self.dimensions[at].is_weight)
        while free:
            if self._helped(free):
                return
            given_up = free.pop()
            self._merge(given_up, np.unique(self.rows[:, given_up]))
            if not self.thin().any():
                return

    def _helped(self, free: Sequence[int]) -> bool:
        """Merge levels of one variable if that is enough."""
        for at in reversed(free):
            levels = self._enough(at)
            if levels is not None:
                self._merge(at, levels)
                return True
        return False

    def _enough(self, at: int) -> Ints | None:
        """The fewest levels of one variable whose merging helps: thin ones, then the rarest; or None."""
        levels, count = np.unique(self.rows[:, at], return_counts=True)
        chosen = set(np.unique(self.rows[self.thin(), at]).tolist())
        others = [level for _n, level in sorted(zip(count.tolist(), levels.tolist(), strict=True))]
        others = [level for level in others if level not in chosen]
        while True:
            picked = np.array(sorted(chosen))
            if len(picked) > 1 and not self.thin(self._with(at, picked)).any():
                return picked
            if not others:
                return None
            chosen.add(others.pop(0))

    def _with(self, at: int, levels: Ints) -> Ints:
        rows, into = self.rows.copy(), self.dimensions[at].merged
        if into is not None:
            rows[np.isin(rows[:, at], levels), at] = into
        return rows

    def _merge(self, at: int, levels: Ints) -> None:
        one = self.dimensions[at]
        if len(levels) < 2 or one.merged is None:
            return
        self.rows = self._with(at, levels)
        self.merged[one.name] = (tuple(levels.tolist()), one.merged)
