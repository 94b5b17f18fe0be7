"""CSV (comma, semicolon or tab; also gzipped) -> `RawTable`.

Arrow's reader takes regular files at full speed. Blank lines and rows of unequal length, which
hand-made files have, go through the slower standard reader, so that row numbers stay true and
each such row can be named.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from itertools import zip_longest
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from minping_engine.errors import Place, Problem
from minping_engine.snapshot.importing.raw import RawTable, ReadingOptions, unreadable
from minping_engine.snapshot.importing.reading_encoding import decode
from minping_engine.snapshot.importing.reading_header import SheetCells, table_from_cells

DELIMITERS = (",", "\t", ";")
LONGEST_FIELD = 1 << 24


def read_csv(path: Path, options: ReadingOptions) -> list[RawTable]:
    """The one table of a CSV file."""
    try:
        data = path.read_bytes()
        if path.name.lower().endswith(".gz"):
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        return [unreadable(path, "importing.unreadable", reason=_reason(error))]
    if not data.strip():
        return [unreadable(path, "importing.empty_file")]
    decoded = decode(data, path.name, options.encoding)
    if decoded.text is None:
        return [RawTable(path.name, "", pa.table({}), 1, 0, 0, decoded.encoding, decoded.problems)]
    try:
        columns, problems = _columns(decoded.text, path.name)
    except csv.Error as error:
        return [unreadable(path, "importing.unreadable", reason=str(error))]
    cells = SheetCells(path.name, "", columns, decoded.encoding, problems=problems)
    return [table_from_cells(cells, options)]


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _columns(text: str, file: str) -> tuple[list[pa.ChunkedArray | pa.Array], tuple[Problem, ...]]:
    delimiter = _delimiter(text)
    try:
        return _by_arrow(text, delimiter), ()
    except pa.ArrowInvalid:
        return _by_rows(text, delimiter, file)


def _delimiter(text: str) -> str:
    """The delimiter that the first lines have most of."""
    start = text[:20000]
    return max(DELIMITERS, key=start.count)


def _by_arrow(text: str, delimiter: str) -> list[pa.ChunkedArray]:
    """Raises ArrowInvalid for rows of unequal length, blank lines included."""
    width = len(next(csv.reader(io.StringIO(text[:LONGEST_FIELD], newline=""), delimiter=delimiter), []))
    if width < 2:
        raise pa.ArrowInvalid("a single column needs the reader that knows blank lines")
    names = [f"c{number}" for number in range(width)]
    table = pacsv.read_csv(
        pa.py_buffer(text.encode()),
        read_options=pacsv.ReadOptions(column_names=names, block_size=8 << 20),
        parse_options=pacsv.ParseOptions(
            delimiter=delimiter, newlines_in_values=text.count('"') > 0, ignore_empty_lines=False
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,
        ),
    )
    return list(table.columns)


def _by_rows(text: str, delimiter: str, file: str) -> tuple[list[pa.Array], tuple[Problem, ...]]:
    csv.field_size_limit(LONGEST_FIELD)
    rows = [
        [cell or None for cell in row]
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    ]
    columns = [pa.array(list(column), pa.large_string()) for column in zip_longest(*rows)]
    return columns, _overlong(rows, file)


def _overlong(rows: list[list[str | None]], file: str) -> tuple[Problem, ...]:
    """Rows with more cells than the widest of the first rows: a delimiter inside an unquoted text."""
    width = max((len(row) for row in rows[:20]), default=0)
    long = [number for number, row in enumerate(rows, 1) if any(row[width:])]
    if not long:
        return ()
    return (Problem("importing.ragged_rows", Place(file, row=long[0]), {"columns": width}, count=len(long)),)
