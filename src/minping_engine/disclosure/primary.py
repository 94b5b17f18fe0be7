"""Which cells must be hidden for themselves: too few answers, all alike, one contributor in command.

In: published tables, `Limits`. Out: cell -> reason. What else must be hidden so that these cannot be worked
out is left to `suppress`. Numbers of ballots come from `schemes/common/disclosure.yaml`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from minping_engine.disclosure.tables import CellKey, PublishedTable
from minping_engine.scheme import Disclosure


class Reason(StrEnum):
    """Why a cell is hidden."""

    FEW = "few"
    SAME = "same"
    DOMINATED = "dominated"
    WITHHELD = "withheld"
    COMPLEMENT = "complement"
    CORRECTED = "corrected"
    """Beside an earlier release it would tell what was taken out (`corrected`)."""
    UNCHECKED = "unchecked"
    """Of a level that is hidden as a whole, for to choose its numbers would take too long (`levels`)."""


IMPLIED = (Reason.COMPLEMENT, Reason.CORRECTED, Reason.UNCHECKED)
"""Reasons of cells that are not hidden for themselves."""


@dataclass(frozen=True)
class Limits:
    """Thresholds. `width` is how wide a reader's interval for a hidden count must stay."""

    fewest: int = 10
    width: int = 10
    dominance_percent: int = 50
    sum_width_percent: int = 20
    """Of the most that a hidden sum can be: its interval must stay at least so wide."""

    @classmethod
    def of(cls, disclosure: Disclosure) -> Limits:
        """Limits with the thresholds of a scheme: a reader must not see whether a hidden cell is thin."""
        return cls(fewest=disclosure.shown_from, width=disclosure.shown_from)


def primary_cells(tables: Iterable[PublishedTable], limits: Limits) -> dict[CellKey, Reason]:
    """Cells that must be hidden whatever else is shown."""
    found: dict[CellKey, Reason] = {}
    for table in tables:
        for at, cell in table.cells.items():
            if 0 < cell.n < limits.fewest:
                found.setdefault(table.key(at), Reason.FEW)
            elif _is_dominated(cell.value, cell.largest, limits):
                found.setdefault(table.key(at), Reason.DOMINATED)
            elif _is_at_an_end(cell.value, cell.most, cell.n):
                found.setdefault(table.key(at), Reason.SAME)
        for key in _all_the_same(table):
            found.setdefault(key, Reason.SAME)
    return found


def _is_dominated(value: int, largest: int | None, limits: Limits) -> bool:
    return largest is not None and value > 0 and 100 * largest > limits.dominance_percent * value


def _is_at_an_end(value: int, most: int | None, n: int) -> bool:
    """A sum of points that is full or nothing says what everybody answered."""
    return most is not None and n > 0 and value in (0, most)


def _all_the_same(table: PublishedTable) -> Iterable[CellKey]:
    """Answers that hold all of a distribution: whoever is known to have answered has given this answer."""
    names = [dimension.name for dimension in table.dimensions]
    if table.shares_of not in names:
        return
    place = names.index(table.shares_of)
    answers = table.dimensions[place]
    others = [each.codes for each in table.dimensions]
    others[place] = (answers.root,)
    for at in itertools.product(*others):
        for code in answers.parents:
            leaf = (*at[:place], code, *at[place + 1 :])
            if table.cells[at].value == table.cells[leaf].value > 0 and code not in answers.children:
                yield table.key(leaf)
