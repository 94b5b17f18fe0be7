"""A reader and an optimum that know nothing of the code under test: they think in leaves, not in cells.

Every margin is written as a sum of leaves. `reader_interval` solves for a cell from all shown cells;
`cheapest_hiding` finds by integer programming the fewest cells that must be hidden.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from minping_engine.disclosure import PublishedTable
from minping_engine.disclosure.tables import CellKey, Coordinates

Matrix = NDArray[np.float64]


def leaves_of(table: PublishedTable) -> list[Coordinates]:
    """Coordinates that are no margin."""
    codes = [[code for code in each.codes if code not in each.children] for each in table.dimensions]
    return list(itertools.product(*codes))


def sums_of_leaves(table: PublishedTable) -> tuple[list[Coordinates], Matrix]:
    """Cells, and a row for each with a 1 for every leaf that it holds."""
    leaves, cells = leaves_of(table), list(table.cells)
    rows = [
        [
            all(
                code in each.upward(part)
                for each, code, part in zip(table.dimensions, cell, leaf, strict=True)
            )
            for leaf in leaves
        ]
        for cell in cells
    ]
    return cells, np.array(rows, dtype=np.float64)


def reader_interval(table: PublishedTable, hidden: set[CellKey], wanted: Coordinates) -> tuple[float, float]:
    """What follows from the shown cells for one cell, leaves being not negative."""
    cells, sums = sums_of_leaves(table)
    shown = [number for number, cell in enumerate(cells) if table.key(cell) not in hidden]
    values = np.array([table.cells[cells[number]].value for number in shown], dtype=np.float64)
    goal = sums[cells.index(wanted)]
    most = 10.0 * max(cell.value for cell in table.cells.values()) + 1_000.0
    known = {"A_eq": sums[shown], "b_eq": values} if shown else {}
    ends = [linprog(sign * goal, bounds=(0, most), method="highs", **known).fun for sign in (1, -1)]
    return float(ends[0]), float(-ends[1])


def cheapest_hiding(table: PublishedTable, primary: set[Coordinates], width: float) -> int:
    """The fewest cells to hide so that every primary one keeps its width; an integer program."""
    cells, sums = sums_of_leaves(table)
    truth = np.array([table.cells[cell].value for cell in cells], dtype=np.float64)
    targets, n, m = sorted(primary), len(cells), sums.shape[1]
    big = float(truth.max()) + 100.0
    size = n + 2 * m * len(targets)
    low, high = np.zeros(size), np.full(size, np.inf)
    high[:n] = 1
    low[[cells.index(cell) for cell in primary]] = 1
    rows, least, most = [], [], []
    for number, target in enumerate(targets):
        starts = [n + 2 * m * number, n + 2 * m * number + m]
        for start in starts:
            above, below = np.zeros((n, size)), np.zeros((n, size))
            above[:, start : start + m] = below[:, start : start + m] = sums
            above[:, :n], below[:, :n] = -big * np.eye(n), big * np.eye(n)
            rows += [above, below]
            least += [np.full(n, -np.inf), truth]
            most += [truth, np.full(n, np.inf)]
        wide = np.zeros((1, size))
        wide[0, starts[0] : starts[0] + m] = -sums[cells.index(target)]
        wide[0, starts[1] : starts[1] + m] = sums[cells.index(target)]
        rows.append(wide)
        least.append(np.array([width]))
        most.append(np.array([np.inf]))
    goal = np.concatenate([np.ones(n), np.zeros(size - n)])
    found = milp(
        goal,
        integrality=np.concatenate([np.ones(n), np.zeros(size - n)]),
        bounds=Bounds(low, high),
        constraints=LinearConstraint(np.vstack(rows), np.concatenate(least), np.concatenate(most)),
        options={"time_limit": 60},
    )
    assert found.status == 0
    return round(float(found.fun))
