"""XLSX workbooks -> one `RawTable` per sheet that has any cell.

Values come from calamine (fast); what it does not tell, which cells are formulas, is looked up
in the sheet's XML. A formula's stored value may be stale or missing, so formulas among data are
faults, not answers.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

import pyarrow as pa

from minping_engine.snapshot.importing.raw import RawTable, ReadingOptions, unreadable
from minping_engine.snapshot.importing.reading_header import SheetCells, table_from_cells

FORMULA = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*><f[ />]')
CHUNK = 8 << 20
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_xlsx(path: Path, options: ReadingOptions) -> list[RawTable]:
    """All sheets with cells, or the one that the options name."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with path.open("rb") as stream:
            workbook = CalamineWorkbook.from_filelike(stream)
            return _sheets(path, workbook, options)
    except (OSError, CalamineError, zipfile.BadZipFile, ElementTree.ParseError, KeyError) as error:
        return [unreadable(path, "importing.unreadable", reason=str(error))]


def _sheets(path: Path, workbook: Any, options: ReadingOptions) -> list[RawTable]:
    names = workbook.sheet_names
    if options.sheet is not None and options.sheet not in names:
        known = ", ".join(names)
        return [unreadable(path, "importing.no_sheet", options.sheet, known=known)]
    wanted = [name for name in names if options.sheet in (None, name)]
    tables = [_table(path, name, workbook, options) for name in wanted]
    filled = [table for table in tables if table.cells.num_columns]
    return filled or tables[:1]


def _table(path: Path, name: str, workbook: Any, options: ReadingOptions) -> RawTable:
    sheet = workbook.get_sheet_by_name(name)
    rows = sheet.to_python(skip_empty_area=False)
    columns = [_text_column(column) for column in zip(*rows, strict=True)]
    merged = tuple((a, b, c, d) for (a, b), (c, d) in sheet.merged_cell_ranges or ())
    formulas = tuple(formula_cells(path, name))
    return table_from_cells(SheetCells(path.name, name, columns, "", merged, formulas), options)


def _text_column(cells: Iterable[Any]) -> pa.Array:
    return pa.array([_text(cell) for cell in cells], pa.large_string())


def _text(cell: Any) -> str | None:
    """A cell as a text: whole numbers without `.0`, times in ISO order."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int | timedelta) else None


def formula_cells(path: Path, sheet: str) -> Iterator[tuple[int, int]]:
    """Row and column (from 0) of every formula of a sheet."""
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, sheet)
        if part is None:
            return
        with archive.open(part) as stream:
            for letters, row in _formulas(stream):
                yield int(row) - 1, _column_index(letters)


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the archive member that holds the sheet."""
    links = {
        link.get("Id"): link.get("Target", "")
        for link in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            target = links.get(element.get(RELATION), "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _formulas(stream: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    carry = b""
    while chunk := stream.read(CHUNK):
        data = carry + chunk
        yield from FORMULA.findall(data)
        last = data.rfind(b"<c ")
        carry = b"" if last < 0 or FORMULA.match(data, last) else data[last:]


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - ord("A") + 1
    return index - 1
