"""Where the header of a sheet stands, what the columns are called, and where data begin.

In: all rows of a sheet as text columns, merged ranges, and what the options fix. Out: a
`RawTable`. Title rows above the header (one long text, a line about who filled it in) are skipped.
A second header row is recognised by looking like neither its column's data nor a number; the
upper texts then spread over the columns of their group. Wrong guesses are mended by
`reading: {skip_rows, header_rows}` in the map.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.errors import Place, Problem
from minping_engine.snapshot.importing.raw import HEADER_JOINT, RawTable, ReadingOptions

LOOKED_AT = 200
DEEPEST_HEADER = 12
FEWEST_TO_JUDGE = 3
NUMBER_OR_DATE = re.compile(r"^[\s\d.,:/%+\-TZ年月日时分秒]*\d[\s\d.,:/%+\-TZ年月日时分秒]*$")

Row = list[str | None]
Range = tuple[int, int, int, int]
"""First row, first column, last row, last column, from 0."""


@dataclass(frozen=True)
class SheetCells:
    """A sheet before its header is known: all rows as large_string columns, spreadsheet row 1 first."""

    file: str
    sheet: str
    columns: Sequence[pa.ChunkedArray | pa.Array]
    encoding: str
    merged: tuple[Range, ...] = ()
    formulas: tuple[tuple[int, int], ...] = ()
    problems: tuple[Problem, ...] = ()


def table_from_cells(sheet: SheetCells, options: ReadingOptions) -> RawTable:
    """Find the header, name the columns, cut the data out."""
    rows = len(sheet.columns[0]) if sheet.columns else 0
    head = _first_rows(sheet, LOOKED_AT)
    if not any(any(row) for row in head) and rows <= LOOKED_AT:
        return _faulty(sheet, "importing.empty_file")
    skip, header_rows = find_header(head, options.skip_rows, options.header_rows)
    first = skip + header_rows
    names, problems = _names(sheet, _spread(sheet, head[skip:first], skip))
    cells = _cut(sheet.columns, names, first)
    if cells.num_rows == 0:
        problems.append(Problem("importing.no_rows", Place(sheet.file, sheet.sheet)))
    problems += _cell_faults(sheet, names, first, first + cells.num_rows)
    kept = [name for name in names if name]
    return RawTable(
        sheet.file,
        sheet.sheet,
        cells.select(kept),
        first + 1,
        header_rows,
        skip,
        sheet.encoding,
        (*sheet.problems, *problems),
    )


def _faulty(sheet: SheetCells, code: str) -> RawTable:
    problem = Problem(code, Place(sheet.file, sheet.sheet))
    return RawTable(
        sheet.file, sheet.sheet, pa.table({}), 1, 0, 0, sheet.encoding, (*sheet.problems, problem)
    )


def _first_rows(sheet: SheetCells, count: int) -> list[Row]:
    columns = [column.slice(0, count).to_pylist() for column in sheet.columns]
    return [[_trimmed(cell) for cell in row] for row in zip(*columns, strict=True)]


def _trimmed(cell: str | None) -> str | None:
    return " ".join(cell.split()) or None if cell else None


def find_header(rows: list[Row], skip: int | None, header_rows: int | None) -> tuple[int, int]:
    """How many title rows stand above the header, and how many rows the header has."""
    top = skip if skip is not None else _first_wide_row(rows)
    if header_rows is None:
        header_rows = 2 if _is_second_header(rows, top + 1) else 1
    return top, header_rows


def _first_wide_row(rows: list[Row]) -> int:
    """The first row that is more than a title: two texts or more, and not a line of remarks."""
    width = max((sum(cell is not None for cell in row) for row in rows), default=0)
    for number, row in enumerate(rows[:DEEPEST_HEADER]):
        filled = sum(cell is not None for cell in row)
        if filled >= min(width, 2) and (filled * 2 >= width or _heads_a_group(rows, number)):
            return number
    return 0


def _heads_a_group(rows: list[Row], number: int) -> bool:
    """A sparse row is the upper header row if the row below fills gaps of it with texts, not data."""
    if number + 1 >= len(rows) or _is_data(rows, number + 1):
        return False
    row, below = rows[number], rows[number + 1]
    gaps = [cell for cell, under in zip(row, below, strict=True) if cell is None and under is not None]
    remarks = sum(bool(cell and re.search(r"[:：]\s*\S", cell)) for cell in row)
    return bool(gaps) and remarks == 0 and len(set(below) - {None}) > 1 and _ends_header(rows, number + 1)


def _ends_header(rows: list[Row], number: int) -> bool:
    """Whether data follow below row `number` (or nothing at all)."""
    return number + 1 >= len(rows) or _is_data(rows, number + 1)


def _is_second_header(rows: list[Row], number: int) -> bool:
    """Whether row `number` belongs to the header: a data row taken for one would be lost in silence.

    So it must stand out from what is below it in two columns at least; with hardly any data
    below, it must at least fill gaps of the row above.
    """
    if number >= len(rows) or _is_data(rows, number):
        return False
    if len(rows) - number - 1 >= FEWEST_TO_JUDGE:
        return _standing_out(rows, number) >= 2
    above, below = rows[number - 1], rows[number]
    return any(cell is None and under is not None for cell, under in zip(above, below, strict=True))


def _standing_out(rows: list[Row], number: int) -> int:
    """Columns of numbers or of few repeated answers in which this row has another text."""
    count = 0
    for column, cell in enumerate(rows[number]):
        later = [text for row in rows[number + 1 :] if (text := row[column]) is not None]
        if cell is None or NUMBER_OR_DATE.match(cell) or cell in later or len(later) < FEWEST_TO_JUDGE:
            continue
        numbers = sum(bool(NUMBER_OR_DATE.match(text)) for text in later)
        count += numbers * 10 >= len(later) * 9 or len(set(later)) * 2 <= len(later)
    return count


def _is_data(rows: list[Row], number: int) -> bool:
    """A data row has numbers, dates, or texts that come again below in the same column."""
    cells = [(column, cell) for column, cell in enumerate(rows[number]) if cell is not None]
    if not cells:
        return False
    later = rows[number + 1 :]
    if not later:
        return True
    known = sum(
        bool(NUMBER_OR_DATE.match(cell)) or any(row[column] == cell for row in later)
        for column, cell in cells
    )
    return known * 4 >= len(cells)


def _spread(sheet: SheetCells, header: list[Row], first: int) -> list[list[str]]:
    """Texts of each column's header cells, group texts spread over their columns."""
    if not header:
        return [[] for _ in sheet.columns]
    filled = [list(row) for row in header]
    for top, left, bottom, right in sheet.merged:
        if first <= top < first + len(header):
            for column in range(left, min(right + 1, len(filled[0]))):
                filled[top - first][column] = (
                    filled[top - first][left] if bottom == top else (header[top - first][left])
                )
    if len(filled) == 2 and not sheet.merged:
        filled[0] = _carry_right(filled[0], filled[1])
    return [_distinct([row[column] for row in filled]) for column in range(len(filled[0]))]


def _carry_right(upper: Row, lower: Row) -> Row:
    """CSV has no merged cells: an empty upper cell above a filled one belongs to the group at its left."""
    carried: Row = []
    group: str | None = None
    for cell, below in zip(upper, lower, strict=True):
        group = cell if cell is not None else (group if below is not None else None)
        carried.append(group)
    return carried


def _distinct(texts: Sequence[str | None]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def _names(sheet: SheetCells, texts: list[list[str]]) -> tuple[list[str], list[Problem]]:
    """Unique column names; a column without header and without data has the empty name."""
    names, problems, seen = [], [], Counter[str]()
    for index, parts in enumerate(texts):
        name = HEADER_JOINT.join(parts)
        if not name and sheet.columns[index].null_count == len(sheet.columns[index]):
            names.append("")
            continue
        name = name or f"({column_letters(index)})"
        seen[name] += 1
        if seen[name] > 1:
            place = Place(sheet.file, sheet.sheet, column=name)
            problems.append(Problem("importing.duplicate_header", place, {"cell": column_letters(index)}))
            name = f"{name} ({seen[name]})"
        names.append(name)
    return names, problems


def column_letters(index: int) -> str:
    """0 -> A, 26 -> AA: how a spreadsheet calls a column."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _cut(columns: Sequence[pa.ChunkedArray | pa.Array], names: list[str], first: int) -> pa.Table:
    """The data rows; empty rows at the end go, empty rows in between stay (they keep row numbers true)."""
    named = {name: column.slice(first) for name, column in zip(names, columns, strict=True) if name}
    table = pa.table(named)
    end = table.num_rows
    while end and all(not _trimmed(table.column(name)[end - 1].as_py()) for name in table.column_names):
        end -= 1
    return table.slice(0, end)


def _cell_faults(sheet: SheetCells, names: list[str], first: int, end: int) -> list[Problem]:
    """Formula cells and merged cells among the data, one problem for each column or range."""
    problems = []
    rows_by_column: dict[int, list[int]] = {}
    for row, column in sheet.formulas:
        if first <= row < end and column < len(names):
            rows_by_column.setdefault(column, []).append(row)
    for column, rows in sorted(rows_by_column.items()):
        place = Place(sheet.file, sheet.sheet, min(rows) + 1, names[column])
        params: dict[str, object] = {"cell": f"{column_letters(column)}{min(rows) + 1}"}
        problems.append(Problem("importing.formula_cells", place, params, count=len(rows)))
    for top, left, bottom, right in sheet.merged:
        if first <= bottom and top < end and left < len(names):
            cells = f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
            place = Place(sheet.file, sheet.sheet, top + 1, names[left])
            problems.append(Problem("importing.merged_cells", place, {"cells": cells}))
    return problems


def null_if_empty(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Empty texts become null."""
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)
