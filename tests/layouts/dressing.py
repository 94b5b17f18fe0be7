"""From invented ballots to files: what a layout is, and how it is written byte for byte the same.

In: a `Layout` (columns, grids, the roles its columns truly have). Out: a folder with the file or
files a firm would send, `truth.yaml` (expected outcome, role -> column) and `truth.csv` (ballots
that count). No clock: workbooks carry a fixed date.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml
from ballots import ITEMS, Ballot, counted

Cell = Any
Columns = Sequence[tuple[str, Callable[[Ballot], Cell]]]


@dataclass(frozen=True)
class Sheet:
    """One grid of cells with its merged ranges (first row, first column, last row, last column)."""

    name: str
    rows: list[list[Cell]]
    merges: tuple[tuple[int, int, int, int], ...] = ()
    hidden_columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Layout:
    """A firm's way of sending ballots, and what is true about it."""

    name: str
    about: str
    files: dict[str, bytes]
    ballots: list[Ballot]
    outcome: str = "guess"
    roles: dict[str, Any] = field(default_factory=dict)
    refused_for: tuple[str, ...] = ()
    target: str = "grid"
    mode: bool | str = False
    cells: tuple[str, ...] = ()


def table(columns: Columns, ballots: Sequence[Ballot]) -> list[list[Cell]]:
    """Header row and one row per ballot."""
    return [[name for name, _ in columns], *rows(columns, ballots)]


def rows(columns: Columns, ballots: Sequence[Ballot]) -> list[list[Cell]]:
    """One row per ballot, without header."""
    return [[cell(ballot) for _, cell in columns] for ballot in ballots]


def csv_bytes(grid: list[list[Cell]], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """The grid as delimited text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(
        [["" if cell is None else str(cell) for cell in row] for row in grid]
    )
    return out.getvalue().encode(encoding)


def xlsx_bytes(*sheets: Sheet) -> bytes:
    """The sheets as a workbook; datetimes become serial numbers with a date format."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy/m/d h:mm"})
    book.set_properties({"created": datetime.fromisoformat("2019-04-01")})
    for sheet in sheets:
        _write_sheet(book, sheet)
    book.close()
    return out.getvalue()


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    for number, row in enumerate(sheet.rows):
        for column, cell in enumerate(row):
            if cell is not None and cell != "":
                page.write(number, column, cell)
    for first_row, first_column, last_row, last_column in sheet.merges:
        page.merge_range(first_row, first_column, last_row, last_column, sheet.rows[first_row][first_column])
    for column in sheet.hidden_columns:
        page.set_column(column, column, None, None, {"hidden": True})


def parquet_bytes(columns: dict[str, Any]) -> bytes:
    """Typed columns as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def write_layout(layout: Layout, folder: Path) -> None:
    """Write files and truth of one layout."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in layout.files.items():
        (folder / name).write_bytes(content)
    truth: dict[str, Any] = {"about": layout.about, "outcome": layout.outcome, "files": sorted(layout.files)}
    if layout.outcome == "refuse":
        truth["refused_for"] = list(layout.refused_for)
    else:
        truth["roles"] = layout.roles
        (folder / "truth.csv").write_bytes(_truth_table(layout))
    text = yaml.safe_dump(truth, allow_unicode=True, sort_keys=False, width=100)
    (folder / "truth.yaml").write_text(text, "utf-8")


def _truth_table(layout: Layout) -> bytes:
    header = ["target", *(["mode"] if layout.mode else []), *layout.cells, *ITEMS]
    lines = []
    for ballot in counted(layout.ballots):
        mode = [layout.mode if isinstance(layout.mode, str) else ballot.mode] if layout.mode else []
        cells = [str(getattr(ballot, cell)) for cell in layout.cells]
        answers = ["" if code is None else str(code) for code in ballot.answers]
        lines.append([str(getattr(ballot, layout.target)), *mode, *cells, *answers])
    return csv_bytes([header, *sorted(lines)])
