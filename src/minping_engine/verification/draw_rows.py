"""Holds `drawn.csv` against the draw made again, unit by unit.

In: a folder's rows and the draw. Out: problems with file, row and column. Units that are not of the draw or
stand there twice are told one by one; of missing ones and of a column that differs, per area and stratum, the
first and how many: one swap moves two, a changed design all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from minping_engine.errors import Place, Problem
from minping_engine.sampling import Draw, DrawFolder, DrawnUnit

DRAWN = "drawn.csv"
HEAD_ROWS = 2
BELONGS = ("area", "stratum")
STANDS = ("place", "role", "mode", "randomised")


@dataclass
class _Differences:
    """Rows that differ: the first one of each column and group, and how many."""

    first: dict[tuple[str, str, str], tuple[int, object, object]] = field(default_factory=dict)
    count: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def add(self, row: int, column: str, wanted: DrawnUnit, found: DrawnUnit) -> None:
        key = (column, wanted.area, wanted.stratum)
        self.first.setdefault(key, (row, _text(wanted, column), _text(found, column)))
        self.count[key] = self.count.get(key, 0) + 1

    def problems(self) -> Iterator[Problem]:
        for (column, area, stratum), (row, wanted, found) in self.first.items():
            params: dict[str, object] = {"area": area, "stratum": stratum, "wanted": wanted, "found": found}
            place = Place(file=DRAWN, row=row, column=column)
            yield Problem("sampling.row_differs", place, params, count=self.count[column, area, stratum])


def compare_rows(held: DrawFolder, draw: Draw) -> list[Problem]:
    """Everything by which the published rows are not the draw."""
    if any(one.place.file == DRAWN and not one.place.row for one in held.problems):
        return []  # the file as a whole could not be read, which is told
    wanted = {unit.unit: unit for unit in draw.units}
    strange, differing = list[Problem](), _Differences()
    listed, seen = set(held.frame.units), dict[str, int]()
    for row, found in zip(held.rows, held.drawn, strict=True):
        first = seen.setdefault(found.unit, row)
        code = _strange(found.unit, wanted, listed, is_repeated=first != row)
        if code:
            strange.append(Problem(code, Place(file=DRAWN, row=row, column="unit"), {"first": first}))
        else:
            _compare(row, wanted[found.unit], found, differing)
    return [*strange, *differing.problems(), *_missing(held, wanted, seen)]


def _strange(unit: str, wanted: dict[str, DrawnUnit], listed: set[str], *, is_repeated: bool) -> str:
    """Why a row cannot be of the draw; nothing if it can."""
    if is_repeated:
        return "sampling.drawn_repeated"
    if unit in wanted:
        return ""
    return "sampling.not_in_population" if unit in listed else "sampling.not_in_frame"


def _compare(row: int, wanted: DrawnUnit, found: DrawnUnit, differing: _Differences) -> None:
    """Where a unit belongs comes first: in another group its place says nothing."""
    if wanted == found:
        return
    belongs = [column for column in BELONGS if _text(wanted, column) != _text(found, column)]
    for column in belongs or STANDS:
        if _text(wanted, column) != _text(found, column):
            differing.add(row, column, wanted, found)


def _missing(held: DrawFolder, wanted: dict[str, DrawnUnit], seen: dict[str, int]) -> Iterator[Problem]:
    """Units of the draw without a row; a row that could not be read is told already."""
    unread = {one.place.row for one in held.problems if one.place.file == DRAWN}
    gone = [unit for name, unit in wanted.items() if name not in seen]
    if len(gone) <= len(unread):
        return
    rows = {name: number for number, name in enumerate(held.frame.units, HEAD_ROWS)}
    groups: dict[tuple[str, str], list[DrawnUnit]] = {}
    for unit in gone:
        groups.setdefault((unit.area, unit.stratum), []).append(unit)
    for (area, stratum), units in groups.items():
        params: dict[str, object] = {
            "area": area, "stratum": stratum, "place": units[0].place, "listed": rows[units[0].unit],
        }  # fmt: skip
        yield Problem("sampling.unit_missing", Place(file=DRAWN), params, count=len(units))


def _text(unit: DrawnUnit, column: str) -> object:
    """A column as it stands in the file."""
    value = getattr(unit, column)
    return value.name.lower() if column == "mode" else int(value) if column == "randomised" else value
