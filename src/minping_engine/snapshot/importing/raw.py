"""A spreadsheet as it stands: texts in columns, with the places that faults are reported by.

In: CSV (also .csv.gz), XLSX or Parquet, UTF-8 (with or without BOM), UTF-16 with BOM or GB18030.
Out: one `RawTable` per sheet, every cell a text, empty cells null. First step of importing;
the bodies stand in `reading_*.py`. Nothing here knows what a column means: that is the map's
part (`mapping.py`), and faults are collected, not raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from minping_engine.errors import Place, Problem

if TYPE_CHECKING:
    import pyarrow as pa

HEADER_JOINT = " / "
"""Stands between the texts of two header rows in a column's name."""


@dataclass(frozen=True)
class ReadingOptions:
    """How to read a file; what is None is found out from the file itself.

    `skip_rows` counts title rows above the header, `header_rows` the rows of the header (1 or 2).
    `sheet` picks one sheet of a workbook by name.
    """

    sheet: str | None = None
    skip_rows: int | None = None
    header_rows: int | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class RawTable:
    """One sheet. `cells` holds large_string columns with unique names; null is an empty cell.

    `first_row` is the spreadsheet's row number (from 1) of the first data row, so data row `i`
    stands in row `first_row + i`. Rows that are empty throughout stay where they are, except at
    the end. Header texts are trimmed; texts in cells are as written.
    """

    file: str
    sheet: str
    cells: pa.Table
    first_row: int
    header_rows: int
    skipped_rows: int
    encoding: str
    problems: tuple[Problem, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, from left to right."""
        return tuple(self.cells.column_names)

    def row_number(self, index: int) -> int:
        """Spreadsheet row of data row `index` (from 0)."""
        return self.first_row + index

    def place(self, index: int | None = None, column: str = "") -> Place:
        """Where data row `index` and `column` stand."""
        row = 0 if index is None else self.row_number(index)
        return Place(file=self.file, sheet=self.sheet, row=row, column=column)


def read_raw(path: Path, options: ReadingOptions | None = None) -> list[RawTable]:
    """All sheets of a file (of CSV and Parquet: the one there is).

    An unreadable or empty file gives a table without columns whose `problems` say why.
    """
    chosen = options or ReadingOptions()
    name = path.name.lower()
    if name.endswith((".xlsx", ".xlsm")):
        from minping_engine.snapshot.importing.reading_xlsx import read_xlsx

        return read_xlsx(path, chosen)
    if name.endswith(".parquet"):
        from minping_engine.snapshot.importing.reading_parquet import read_parquet

        return read_parquet(path)
    from minping_engine.snapshot.importing.reading_csv import read_csv

    return read_csv(path, chosen)


def unreadable(path: Path, code: str, sheet: str = "", **params: object) -> RawTable:
    """A table without columns that carries one problem."""
    import pyarrow as pa

    problem = Problem(code, Place(file=path.name, sheet=sheet), params)
    return RawTable(path.name, sheet, pa.table({}), 1, 0, 0, "", (problem,))
