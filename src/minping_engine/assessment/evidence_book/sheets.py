"""A filled workbook as rows of cells with their places; what no cell may be is found here.

In: an xlsx file and the plan. Out: for each sheet of the plan its columns and rows. Faults: sheets and
columns missing or unknown, merged cells. openpyxl reads, because it alone tells formulas, error values
and the format of a number (95 % is stored as 0.95) apart.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from minping_engine.assessment.evidence_book.layout import BookPlan, Column, Kind, SheetPlan, two
from minping_engine.errors import ImportRefusedError, Place
from minping_engine.scheme import Unit
from minping_engine.snapshot.importing.faults import Faults, shown, suggestion

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SEARCHED_ROWS = 8
"""How far down the row of ids may have moved, e.g. under a title that somebody added."""
GUIDE_NAMES = ("说明", "Guide")


@dataclass(frozen=True)
class Cell:
    """What stands in a cell: a value as Excel keeps it, its type (`f` formula, `e` error), its format."""

    value: Any
    data_type: str
    is_percent: bool
    place: Place


@dataclass(frozen=True)
class Line:
    """One row: cells that are filled, by id of their column."""

    place: Place
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class SheetLines:
    """One sheet: its plan, its columns (items of the district included) and its rows."""

    plan: SheetPlan
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


def read_sheets(path: Path, plan: BookPlan, faults: Faults) -> dict[str, SheetLines]:
    """All sheets of the plan that the workbook has, by key. Raises `ImportRefusedError` for no workbook."""
    pages = _opened(path).worksheets
    made: dict[str, SheetLines] = {}
    for page in pages:
        sheet = plan.named(page.title)
        if sheet is not None:
            made[sheet.key] = _Page(page, sheet, path.name, faults).read()
    _other_sheets(path.name, plan, [page.title for page in pages], faults)
    return made


def _opened(path: Path) -> Any:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    broken = (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, ElementTree.ParseError)
    try:
        with warnings.catch_warnings(), path.open("rb") as stream:
            warnings.simplefilter("ignore")  # it warns of print settings and lists that it does not know
            return openpyxl.load_workbook(stream)
    except (*broken, InvalidFileException) as error:
        reason = str(error) or type(error).__name__
        raise ImportRefusedError.of(
            "snapshot.book_unreadable", Place(file=path.name), reason=reason
        ) from error


def _other_sheets(file: str, plan: BookPlan, titles: Sequence[str], faults: Faults) -> None:
    """Sheets that nobody reads are named; sheets that are lacking stop the run."""
    names = [sheet.name(language) for sheet in plan.sheets for language in ("zh", "en")]
    for title in titles:
        if title not in names and title not in GUIDE_NAMES:
            place = Place(file=file, sheet=title)
            faults.warn("snapshot.book_sheet_unused", place, near=suggestion(title, names))
    for sheet in plan.sheets:
        zh, en = sheet.name("zh"), sheet.name("en")
        if not sheet.optional and not {zh, en} & set(titles):
            place = Place(file=file)
            faults.add("snapshot.book_sheet_missing", place, name=zh, name_en=en)


@dataclass(frozen=True)
class _Page:
    """One sheet of the workbook on its way to lines."""

    page: Worksheet
    plan: SheetPlan
    file: str
    faults: Faults

    def place(self, row: int = 0, column: str = "") -> Place:
        """Where something stands on this sheet."""
        return Place(file=self.file, sheet=self.page.title, row=row, column=column)

    def read(self) -> SheetLines:
        """Columns by the row of ids, then every row below that holds anything."""
        first = self.plan.columns[0].id
        row = next(
            (
                number
                for number, cells in enumerate(self.page.iter_rows(max_row=SEARCHED_ROWS), start=1)
                if first in {_plain(cell.value) for cell in cells}
            ),
            None,
        )
        if row is None:
            self.faults.add("snapshot.book_no_ids", self.place(), first=first)
            return SheetLines(self.plan, (), ())
        columns = self._columns(row)
        self._note_missing(columns.values(), row)
        self._note_merged(row)
        return SheetLines(self.plan, tuple(columns.values()), tuple(self._lines(row, columns)))

    def _columns(self, row: int) -> dict[int, Column]:
        """Known columns by their number; every other one that holds something is a fault."""
        made: dict[int, Column] = {}
        for number, cell in enumerate(self.page[row], start=1):
            name = _plain(cell.value)
            column = self.plan.column(name) or self._item(name)
            here = self.place(row, shown(name) or _letter(number))
            if column is not None and column in made.values():
                self.faults.add("snapshot.book_column_twice", here)
            elif column is not None:
                made[number] = column
            elif name or self._holds_data(row, number):
                near = suggestion(name, [one.id for one in self.plan.columns])
                self.faults.add("snapshot.book_column_unknown", here, near=near)
        return made

    def _item(self, name: str) -> Column | None:
        """A column that the district named, where the scheme leaves items to it."""
        if not self.plan.open_items or not name.isidentifier() or not name.isascii():
            return None
        return Column(name, two(name, name), Kind.NUMBER, unit=Unit.POINTS)

    def _holds_data(self, row: int, column: int) -> bool:
        below = self.page.iter_rows(min_row=row + 1, min_col=column, max_col=column, values_only=True)
        return any(_plain(value) for (value,) in below)

    def _note_missing(self, columns: Iterable[Column], row: int) -> None:
        there = {column.id for column in columns}
        for column in self.plan.columns:
            if column.id not in there:
                title, title_en = column.title.zh, column.title.en
                place = self.place(row, column.id)
                self.faults.add("snapshot.book_column_missing", place, title=title, title_en=title_en)

    def _note_merged(self, row: int) -> None:
        """Of merged cells only the first holds the value: the others would be read as empty."""
        for area in self.page.merged_cells.ranges:
            if area.max_row > row:
                self.faults.add(
                    "snapshot.book_merged", self.place(max(area.min_row, row + 1)), cells=area.coord
                )

    def _lines(self, row: int, columns: Mapping[int, Column]) -> Iterator[Line]:
        for number, cells in enumerate(self.page.iter_rows(min_row=row + 1), start=row + 1):
            filled = {
                columns[place].id: self._cell(cell, number, columns[place])
                for place, cell in enumerate(cells, start=1)
                if place in columns and _plain(cell.value)
            }
            if filled:
                yield Line(self.place(number), filled)

    def _cell(self, cell: Any, row: int, column: Column) -> Cell:
        is_percent = "%" in str(cell.number_format)
        return Cell(cell.value, cell.data_type, is_percent, self.place(row, column.id))


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column))


def _plain(value: object) -> str:
    return str(value).strip() if value is not None else ""
