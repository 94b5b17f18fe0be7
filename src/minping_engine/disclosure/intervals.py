"""The audit: what a reader can work out for a hidden cell from everything that is shown.

In: a `System`, which of its cells are hidden. Out: for a hidden cell the interval of all values that agree
with the shown cells and with what everybody knows (no count is negative, no sum exceeds its most), by two
linear programs (HiGHS). Solutions are kept: each is a whole table that a reader must think possible, so
most cells need no program of their own; where many are open one program moves as many as it can. Hidden
cells that no equation ties together are audited apart. `Work` counts programs, so that an audit always ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_matrix, diags_array, hstack, vstack

from minping_engine.disclosure.tables import System

Floats = NDArray[np.float64]
NEAR = 1e-6
"""What the solver may be off by: widths are compared with whole numbers of ballots."""
WORK = 2_000_000
"""Cells in all programs of one step of an audit. Never seconds: every machine decides alike."""
MANY = 8
"""Open cells from which on one program for all of them pays."""


class TooMuchWorkError(Exception):
    """An audit would need more programs than it may have; nothing is proved, so nothing may be shown."""


@dataclass
class Work:
    """What an audit may still do: cells in its programs."""

    left: int = field(default_factory=lambda: WORK)
    programs: int = 0

    def take(self, cells: int) -> None:
        """One program more. Raises `TooMuchWorkError` where there is no work left for it."""
        if cells > self.left:
            raise TooMuchWorkError
        self.left -= cells
        self.programs += 1


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

    def __init__(self, system: System, cells: Collection[int], work: Work | None = None) -> None:
        self.work = work
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

    def of_these(self, wanted: Mapping[int, float]) -> dict[int, float]:
        """The widths wanted in this component, by place."""
        return {place: wanted[cell] for place, cell in enumerate(self.cells.tolist()) if cell in wanted}

    def extreme(self, place: int, sign: int) -> Floats:
        """A possible table in which the cell is as small (+1) or as large (-1) as it can be."""
        goal = np.zeros(len(self.cells))
        goal[place] = sign
        return self._solved(goal, Bounds(self.low, self.high), self.equations)

    def _solved(self, goal: Floats, bounds: Bounds, constraints: LinearConstraint) -> Floats:
        """The table that is best for the goal; unknowns beyond the cells are left out."""
        if self.work is not None:
            self.work.take(len(goal))
        # Without whole numbers `milp` is the linear program of `linprog`, with less overhead.
        found = milp(goal, bounds=bounds, constraints=constraints)
        if found.status != 0:
            raise RuntimeError(f"the audit found no table: {found.message}")
        solution: Floats = found.x[: len(self.cells)]
        self.solutions.append(solution)
        return solution

    def interval(self, place: int) -> Interval:
        """What a reader knows of the cell."""
        low, high = self.extreme(place, 1)[place], self.extreme(place, -1)[place]
        return Interval(float(low), float(high))

    def narrow(self, wanted: Mapping[int, float], *, stop: bool = False) -> list[int]:
        """Places whose interval is narrower than wanted; the first only, with `stop`."""
        self._move_many(wanted)
        low, high = self.seen()
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

    def seen(self) -> tuple[Floats, Floats]:
        """Least and greatest value of each cell in all tables known to be possible."""
        tables = np.stack([self.truth, *self.solutions])
        return tables.min(axis=0), tables.max(axis=0)

    def _open(self, wanted: Mapping[int, float]) -> list[int]:
        """Places that no table has shown to be wide enough yet."""
        low, high = self.seen()
        return [place for place, width in wanted.items() if high[place] - low[place] < width - NEAR]

    def _move_many(self, wanted: Mapping[int, float]) -> None:
        """Few tables in which most cells are far from the truth, while each helps a tenth of those open."""
        left, turn = self._open(wanted), 0
        while len(left) >= MANY:
            before, turn = len(left), turn + 1
            self._move(left, wanted, turn)
            left = self._open(wanted)
            if 10 * (before - len(left)) < before:
                return

    def _move(self, places: Sequence[int], wanted: Mapping[int, float], turn: int) -> None:
        """A table that is as far from the truth as wanted, in as many of these cells as can be at once.

        Each has a direction and a weight of its own, else cells of one sum would hold each other back.
        """
        size, count = len(self.cells), len(places)
        weights = np.array([_weight(place, turn) for place in places])
        signs, widths = np.sign(weights), np.array([wanted[place] for place in places])
        moved = csc_matrix((signs, (range(count), places)), shape=(count, size))
        equations = hstack([self.equations.A, csc_matrix((self.equations.A.shape[0], count))])
        reached = hstack([moved, diags_array(-widths)])
        right = np.concatenate([self.equations.lb, signs * self.truth[places]])
        most = np.concatenate([self.equations.ub, np.full(count, np.inf)])
        self._solved(
            np.concatenate([np.zeros(size), -np.abs(weights)]),
            Bounds(
                np.concatenate([self.low, np.full(count, -np.inf)]),
                np.concatenate([self.high, np.ones(count)]),
            ),
            LinearConstraint(csc_matrix(vstack([equations, reached])), right, most),
        )

    def show(self, place: int, wanted: Mapping[int, float]) -> bool:
        """Show a cell again, unless a wanted width would be lost."""
        before = self.low[place], self.high[place], self.solutions
        self.low[place] = self.high[place] = self.truth[place]
        self.solutions = self._agreeing(place)
        shown = False
        try:
            shown = not self.narrow(wanted, stop=True)
        finally:
            if not shown:
                self.low[place], self.high[place], self.solutions = before
        return shown

    def _agreeing(self, place: int) -> list[Floats]:
        """Known tables in which the cell has its true value, and mixtures of those above and below it."""
        off = [(float(each[place] - self.truth[place]), each) for each in self.solutions]
        above = [one for one in off if one[0] > NEAR]
        below = [one for one in off if one[0] < -NEAR]
        mixed = [
            (high * -under + low * over) / (over - under)
            for (over, high), (under, low) in zip(above, below, strict=False)
        ]
        return [each for far, each in off if abs(far) <= NEAR] + mixed

    def moves(self, place: int) -> bool:
        """Whether a reader must think more than one value possible."""
        low, high = self.seen()
        return bool(high[place] - low[place] > NEAR) or self.interval(place).width > NEAR


def _weight(place: int, turn: int) -> float:
    """Between -1 and 1, never 0, another in each turn; the same on every machine."""
    return ((place * 7919 + turn * 104_729 + place * turn * 31) % 1000 - 499.5) / 500


def components(system: System, hidden: Collection[int], work: Work | None = None) -> list[Component]:
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
        found.append(Component(system, group, work))
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
