"""The audit: what a reader can work out for a hidden cell from everything that is shown.

In: a `System`, which of its cells are hidden. Out: for a hidden cell the interval of all values that agree
with the shown cells and with what everybody knows (no count is negative, no sum exceeds its most), by two
linear programs (HiGHS). Solutions are kept: each is a whole table that a reader must think possible, so
most cells need no program of their own. Hidden cells that no equation ties together are audited apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_matrix

from minping_engine.disclosure.tables import System

Floats = NDArray[np.float64]
NEAR = 1e-6
"""What the solver may be off by: widths are compared with whole numbers of ballots."""


@dataclass(frozen=True)
class Interval:
    """All that a reader knows about a hidden value."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """Room between the ends."""
        return self.high - self.low


class Component:
    """Hidden cells that equations tie together. `low` and `high` bound each; equal bounds show a cell."""

    def __init__(self, system: System, cells: Collection[int]) -> None:
        self.cells = np.array(sorted(cells), dtype=np.int64)
        self.place = {int(cell): number for number, cell in enumerate(self.cells)}
        values = np.array([system.cells[cell].value for cell in self.cells], dtype=np.float64)
        most = [system.cells[cell].most for cell in self.cells]
        beyond = 10.0 * float(values.max()) + 1_000.0
        self.truth = values
        self.low = np.zeros(len(values))
        self.high = np.array([beyond if bound is None else float(bound) for bound in most])
        self.equations = self._equations(system)
        self.solutions: list[Floats] = []

    def _equations(self, system: System) -> LinearConstraint:
        numbers = sorted({row for cell in self.cells for row in system.equations_of[cell]})
        rows, columns, factors = [], [], []
        right = np.zeros(len(numbers))
        for line, number in enumerate(numbers):
            for cell, factor in zip(system.equations[number], system.factors[number], strict=True):
                if cell in self.place:
                    rows.append(line)
                    columns.append(self.place[cell])
                    factors.append(float(factor))
                else:
                    right[line] -= factor * system.cells[cell].value
        matrix = csc_matrix((factors, (rows, columns)), shape=(len(numbers), len(self.cells)))
        return LinearConstraint(matrix, right, right)

    def extreme(self, place: int, sign: int) -> Floats:
        """A possible table in which the cell is as small (+1) or as large (-1) as it can be."""
        goal = np.zeros(len(self.cells))
        goal[place] = sign
        # Without whole numbers `milp` is the linear program of `linprog`, with less overhead.
        found = milp(goal, bounds=Bounds(self.low, self.high), constraints=self.equations)
        if found.status != 0:
            raise RuntimeError(f"the audit found no table: {found.message}")
        solution: Floats = found.x
        self.solutions.append(solution)
        return solution

    def interval(self, place: int) -> Interval:
        """What a reader knows of the cell."""
        low, high = self.extreme(place, 1)[place], self.extreme(place, -1)[place]
        return Interval(float(low), float(high))

    def narrow(self, wanted: Mapping[int, float], *, stop: bool = False) -> list[int]:
        """Places whose interval is narrower than wanted; the first only, with `stop`."""
        low, high = self._seen()
        found = []
        for place, width in wanted.items():
            for sign in (-1, 1):
                if high[place] - low[place] >= width - NEAR:
                    break
                solution = self.extreme(place, sign)
                low, high = np.minimum(low, solution), np.maximum(high, solution)
            if high[place] - low[place] < width - NEAR:
                found.append(place)
                if stop:
                    break
        return found

    def _seen(self) -> tuple[Floats, Floats]:
        """Least and greatest value of each cell in all tables known to be possible."""
        tables = np.stack([self.truth, *self.solutions])
        return tables.min(axis=0), tables.max(axis=0)

    def show(self, place: int, wanted: Mapping[int, float]) -> bool:
        """Show a cell again, unless a wanted width would be lost."""
        before = self.low[place], self.high[place], self.solutions
        self.low[place] = self.high[place] = self.truth[place]
        self.solutions = [each for each in before[2] if abs(each[place] - self.truth[place]) <= NEAR]
        if self.narrow(wanted, stop=True):
            self.low[place], self.high[place], self.solutions = before
            return False
        return True

    def moves(self, place: int) -> bool:
        """Whether a reader must think more than one value possible."""
        low, high = self._seen()
        return bool(high[place] - low[place] > NEAR) or self.interval(place).width > NEAR


def components(system: System, hidden: Collection[int]) -> list[Component]:
    """Hidden cells by what is tied together, in order of their least cell."""
    left, found = set(hidden), []
    for start in sorted(hidden):
        if start not in left:
            continue
        group, todo = {start}, [start]
        left.discard(start)
        while todo:
            for number in system.equations_of[todo.pop()]:
                new = left.intersection(system.equations[number])
                left -= new
                group |= new
                todo.extend(new)
        found.append(Component(system, group))
    return found


def audit(system: System, hidden: Collection[int], cells: Iterable[int] | None = None) -> dict[int, Interval]:
    """Cell -> what a reader knows of it, for all hidden cells or those named."""
    wanted = set(hidden if cells is None else cells)
    found = {}
    for component in components(system, hidden):
        for place, cell in enumerate(component.cells.tolist()):
            if cell in wanted:
                found[cell] = component.interval(place)
    return found
