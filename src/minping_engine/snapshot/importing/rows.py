"""The rows that an import works on: all files and sheets together, filtered, each with its place.

In: raw tables and the map. Out: `Rows`, one table of the columns that the map names. Faults of
the raw tables count as errors only where they touch such a column. A column that a file lacks is
a fault and stands as empty, so that the other columns are still checked in the same run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.errors import Place, Severity
from minping_engine.snapshot.importing.faults import Faults, shown, suggestion
from minping_engine.snapshot.importing.mapping import ImportMap, ModeMap, PlaceMap
from minping_engine.snapshot.importing.raw import RawTable
from minping_engine.snapshot.importing.texts import Codes, Distinct, distinct, fold

ABOUT_COLUMN = {"importing.duplicate_header", "importing.formula_cells", "importing.merged_cells"}


@dataclass(frozen=True)
class Rows:
    """Rows that stay after filters. `origin[i]` is the row's number among all rows read."""

    tables: tuple[RawTable, ...]
    cells: pa.Table
    origin: Codes
    absent: frozenset[str]
    read: int
    dropped: dict[str, int]
    missing: tuple[str, ...] = ()

    @cached_property
    def _starts(self) -> Codes:
        sizes = [table.cells.num_rows for table in self.tables]
        return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)

    def __len__(self) -> int:
        return len(self.origin)

    def place(self, index: int, column: str = "") -> Place:
        """Where row `index` (from 0, among those that stay) stands."""
        whole = int(self.origin[index])
        table = int(np.searchsorted(self._starts, whole, side="right")) - 1
        return self.tables[table].place(whole - int(self._starts[table]), column)

    def places(self, indices: Codes) -> list[Place]:
        """Where several rows stand."""
        return [self.place(int(index)) for index in indices]

    def distinct(self, column: str, missing: Sequence[str] = ()) -> Distinct:
        """The column as codes into sorted texts."""
        return distinct(self.cells.column(column), (*self.missing, *missing))


def used_columns(map_: ImportMap, item_columns: Sequence[str]) -> tuple[str, ...]:
    """Names of all columns that the map works on, each once."""
    columns = map_.columns
    names: list[str | None] = [*columns.target, *columns.household, columns.answered_at, columns.stratum]
    if map_.layout == "long":
        names += [columns.ballot, columns.item, columns.answer]
    else:
        names += item_columns
    if isinstance(map_.mode, ModeMap):
        names.append(map_.mode.column)
    names += [cell.column for cell in map_.cells.values()]
    names += list(map_.clusters.values())
    names += [where.column for where in map_.where]
    names += _register_columns(map_)
    return tuple(dict.fromkeys(name for name in names if name))


def _register_columns(map_: ImportMap) -> list[str | None]:
    register = map_.register_
    if register is None:
        return []
    places: list[PlaceMap | None] = [register.district, register.street, register.community]
    names = [name for place in places if place for name in (place.column, place.name_column)]
    if register.assessee:
        names += [register.assessee.column, register.assessee.name_column]
    return [*names, register.name_column, register.eligible_column]


def gather_rows(tables: Sequence[RawTable], map_: ImportMap, used: tuple[str, ...], faults: Faults) -> Rows:
    """All rows of all tables, filtered by the map's `where`."""
    chosen = tuple(_with_answers(tables, used))
    parts, absent = [], set[str]()
    for table in chosen:
        part, lacking = _columns(table, used, faults)
        _take_faults(table, used, lacking, faults)
        parts.append(part)
        absent |= lacking
    for table in tables:
        if not any(table is one for one in chosen):
            faults.warn("importing.sheet_unused", Place(table.file, table.sheet))
    cells = pa.concat_tables(parts) if parts else pa.table({})
    return _filtered(
        Rows(chosen, cells, np.arange(cells.num_rows), frozenset(absent), cells.num_rows, {}), map_, faults
    )


def _with_answers(tables: Sequence[RawTable], used: tuple[str, ...]) -> list[RawTable]:
    """Of several sheets of one workbook only those that have some of the columns; else all."""
    wanted = {fold(name) for name in used}
    chosen = []
    for table in tables:
        siblings = [other for other in tables if other.file == table.file]
        best = max(len(wanted & {fold(name) for name in other.names}) for other in siblings)
        own = len(wanted & {fold(name) for name in table.names})
        if len(siblings) == 1 or own * 2 > best or best == 0:
            chosen.append(table)
    return chosen


def _columns(table: RawTable, used: tuple[str, ...], faults: Faults) -> tuple[pa.Table, set[str]]:
    folded = {fold(name): name for name in reversed(table.names)}
    columns, lacking = {}, set()
    for name in used:
        there = name if name in table.names else folded.get(fold(name))
        if there is None:
            lacking.add(name)
            columns[name] = pa.chunked_array([pa.nulls(table.cells.num_rows, pa.large_string())])
            if table.cells.num_columns:
                near = suggestion(name, table.names)
                faults.add("importing.missing_column", table.place(column=name), near=near)
        else:
            columns[name] = table.cells.column(there)
    return pa.table(columns), lacking


def _take_faults(table: RawTable, used: tuple[str, ...], lacking: set[str], faults: Faults) -> None:
    """Faults of cells matter where the map looks; elsewhere they are told, not held against the file."""
    wanted = {fold(name) for name in used if name not in lacking}
    for problem in table.problems:
        aside = problem.code in ABOUT_COLUMN and fold(problem.place.column) not in wanted
        faults.take(replace(problem, severity=Severity.WARNING) if aside else problem)


def _filtered(rows: Rows, map_: ImportMap, faults: Faults) -> Rows:
    """Drop rows without any text, then rows that `where` leaves out; count both."""
    filled = np.zeros(rows.cells.num_rows, bool)
    for name in rows.cells.column_names:
        filled |= pc.is_valid(rows.cells.column(name)).to_numpy()
    keep = filled.copy()
    for where in map_.where:
        if where.column not in rows.absent:
            hit = _matches(rows, where.column, where.is_ or where.not_, faults)
            keep &= hit if where.is_ else ~hit
    dropped = {"empty_row": int((~filled).sum()), "where": int((filled & ~keep).sum())}
    if filled.any() and not keep.any() and map_.where and not rows.absent:
        faults.add("importing.where_leaves_nothing", columns=", ".join(where.column for where in map_.where))
    return Rows(
        rows.tables,
        rows.cells.filter(pa.array(keep)) if not keep.all() else rows.cells,
        rows.origin[keep],
        rows.absent,
        rows.read,
        dropped,
        map_.missing,
    )


def _matches(
    rows: Rows, column: str, wanted: Sequence[str], faults: Faults
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found = distinct(rows.cells.column(column))
    texts = {fold(text) for text in wanted}
    hit = np.array([fold(text) in texts for text in found.texts] + [False])
    known = {fold(text) for text in found.texts}
    for text in wanted:
        if fold(text) not in known:
            near = suggestion(text, found.texts)
            faults.warn("importing.where_unknown", Place(column=column), value=shown(text), near=near)
    return np.asarray(hit[found.codes])
