"""A file -> rows of values, with every fault of every cell, and nothing written.

CSV (UTF-8, UTF-16, GB18030) and XLSX are read by the engine's importer; here headings are matched to a
`TableSpec` and cells are read column by column. Personal values never enter a problem's parameters
except the short cell itself where the column is not secret.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from minping_engine.errors import Place, Problem, Severity
from minping_engine.snapshot import RawTable, read_raw
from minping_web.common.tabular.columns import FORMULA_STARTS, CellError, Column, TableSpec, fold

MOST_PROBLEMS = 500


@dataclass(frozen=True)
class ReadRow:
    """One row: where it stood, the values of the file's columns (None = empty), keys of wrong cells."""

    place: Place
    values: dict[str, object]
    faulty: frozenset[str] = frozenset()


@dataclass
class ReadTable:
    """All rows and all problems; `refused` when any problem is an error."""

    rows: list[ReadRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    headings: dict[str, str] = field(default_factory=dict)
    """Key of a column -> how the file calls it."""

    @property
    def refused(self) -> bool:
        """Whether nothing may be written."""
        return any(problem.severity == Severity.ERROR for problem in self.problems)


def read_table(path: Path, spec: TableSpec, *, name: str = "") -> ReadTable:
    """Read the sheet of `path` that fits `spec` best; `name` replaces the file's name in problems."""
    tables = read_raw(path)
    raw = max(tables, key=lambda table: len(_matched(table, spec)))
    found = ReadTable(problems=list(raw.problems))
    if raw.problems and not raw.names:
        return found
    matched = _matched(raw, spec)
    found.columns = tuple(matched.values())
    found.headings = {key: heading for heading, key in matched.items()}
    found.problems += _heading_problems(raw, spec, matched, name)
    _read_cells(raw, spec, matched, found, name)
    found.problems += _repeated(found.rows, spec)
    del found.problems[MOST_PROBLEMS:]
    return found


def _matched(raw: RawTable, spec: TableSpec) -> dict[str, str]:
    """Heading in the file -> key of the column."""
    keys = {heading: column.key for column in spec.columns for heading in column.headings}
    return {heading: keys[fold(heading)] for heading in raw.names if fold(heading) in keys}


def _heading_problems(raw: RawTable, spec: TableSpec, matched: dict[str, str], name: str) -> list[Problem]:
    place = Place(file=name or raw.file, sheet=raw.sheet, row=max(raw.first_row - 1, 1))
    problems = [
        Problem("table.column_missing", place, {"column": column.zh, "column_en": column.en})
        for column in spec.columns
        if column.required and column.key not in matched.values()
    ]
    counts = Counter(matched.values())
    problems += [
        Problem("table.column_twice", place, {"column": column.zh, "column_en": column.en})
        for column in spec.columns
        if counts[column.key] > 1
    ]
    unknown = [heading for heading in raw.names if heading not in matched]
    if unknown:
        params: dict[str, object] = {"columns": "、".join(unknown[:10])}
        problems.append(Problem("table.column_unknown", place, params, Severity.WARNING))
    return problems


def _read_cells(raw: RawTable, spec: TableSpec, matched: dict[str, str], found: ReadTable, name: str) -> None:
    columns = {column.key: column for column in spec.columns}
    cells = {key: (heading, raw.cells[heading].to_pylist()) for heading, key in matched.items()}
    for index in range(raw.cells.num_rows):
        texts = {key: _plain(column[index]) for key, (_, column) in cells.items()}
        if not any(texts.values()):
            continue
        place = Place(file=name or raw.file, sheet=raw.sheet, row=raw.row_number(index))
        values: dict[str, object] = {}
        faulty = set()
        for key, cell in texts.items():
            known = len(found.problems)
            values[key] = _value(columns[key], cell, place, cells[key][0], found.problems)
            if len(found.problems) > known:
                faulty.add(key)
        found.rows.append(ReadRow(place, values, frozenset(faulty)))


def _plain(cell: str | None) -> str:
    """A cell's text; the quote that exports put before a formula's sign is taken off again."""
    text = (cell or "").strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def _value(column: Column, cell: str, place: Place, heading: str, problems: list[Problem]) -> object:
    where = Place(place.file, place.sheet, place.row, heading)
    if not cell:
        if column.required:
            problems.append(Problem("table.cell_empty", where))
        return None
    try:
        return column.read(cell)
    except CellError as error:
        params = error.params | ({"found": "•••"} if column.secret and "found" in error.params else {})
        problems.append(Problem(error.code, where, params))
    return None


def _repeated(rows: list[ReadRow], spec: TableSpec) -> list[Problem]:
    seen: dict[tuple[object, ...], int] = {}
    problems = []
    named = [column for column in spec.columns if column.key in spec.key]
    columns = {
        "columns": "、".join(column.zh for column in named),
        "columns_en": ", ".join(column.en for column in named),
    }
    for row in rows:
        key = tuple(row.values.get(name) for name in spec.key)
        if None in key:
            continue
        if key in seen:
            params: dict[str, object] = {**columns, "first": seen[key]}
            problems.append(Problem("table.key_twice", row.place, params))
        seen.setdefault(key, row.place.row)
    return problems
