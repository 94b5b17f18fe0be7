"""Writing sheets as an xlsx file: guide page, headings, filters, number formats, print set-up.

In: what the book is about and sheets as data. Out: a file without formulas and links. The creation date
is a constant, so that equal input gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minping_engine.reporting.sheet_model import COUNT, ERROR, ITEM_POINTS, POINTS, SHARE, TEXT, Sheet

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

CREATED = datetime(2019, 1, 1, tzinfo=UTC)
"""Written into every file instead of the clock."""
FONT = "Microsoft YaHei"
ACCENT = "#14395B"
NUMBER_FORMATS = {
    TEXT: "@",
    COUNT: "#,##0",
    POINTS: "0.00",
    ITEM_POINTS: "0.0",
    ERROR: "0.000",
    SHARE: "0.0%",
}
A4 = 9


@dataclass(frozen=True)
class BookAbout:
    """Title, first page and footer of a book."""

    title: str
    heading: str
    guide_title: str
    demo_lines: tuple[str, ...]
    guide: tuple[tuple[str, str], ...]
    footer: str


def write_book(path: Path, about: BookAbout, sheets: Sequence[Sheet]) -> None:
    """Write the book to `path`."""
    with _book(path, about) as book:
        formats = _formats(book)
        _write_guide(book, about, formats)
        for sheet in sheets:
            _write_sheet(book, about, sheet, formats)


@contextmanager
def _book(path: Path, about: BookAbout) -> Iterator[Workbook]:
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    # Names or ids that start with = or http must stay text.
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": about.title, "created": CREATED})
    yield book
    book.close()


def _formats(book: Workbook) -> dict[str, Any]:
    base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
    formats = {
        kind: book.add_format({**base, "num_format": number, "align": "left" if kind == TEXT else "right"})
        for kind, number in NUMBER_FORMATS.items()
    }
    heading = {"bold": True, "font_color": "#FFFFFF", "bg_color": ACCENT, "text_wrap": True}
    formats["heading"] = book.add_format({**base, **heading, "align": "center", "border": 1})
    formats["title"] = book.add_format({**base, "font_size": 16, "bold": True, "font_color": ACCENT})
    formats["label"] = book.add_format({**base, "bold": True, "valign": "top"})
    formats["body"] = book.add_format({**base, "text_wrap": True, "valign": "top"})
    formats["demo"] = book.add_format({**base, "bold": True, "font_color": "#FFFFFF", "bg_color": "#000000"})
    return formats


def _write_guide(book: Workbook, about: BookAbout, formats: dict[str, Any]) -> None:
    page = book.add_worksheet(about.guide_title)
    page.hide_gridlines(2)
    page.set_column(0, 0, 14)
    page.set_column(1, 1, 92)
    page.write_string(0, 0, about.heading, formats["title"])
    page.set_row(0, 30)
    row = 1
    for line in about.demo_lines:
        page.merge_range(row, 0, row, 1, line, formats["demo"])
        row += 1
    for number, (heading, text) in enumerate(about.guide, start=row + 1):
        page.write_string(number, 0, heading, formats["label"])
        page.write_string(number, 1, text, formats["body"])
    _set_up_print(page, about, 0)


def _write_sheet(book: Workbook, about: BookAbout, sheet: Sheet, formats: dict[str, Any]) -> None:
    from minping_engine.reporting.sheet_rows import RowSheet

    page = book.add_worksheet(sheet.title, RowSheet)
    for number, field in enumerate(sheet.fields):
        page.set_column(number, number, field.width, formats[field.kind])
        page.write_string(0, number, field.title, formats["heading"])
    page.set_row(0, 32)
    kinds = [field.kind for field in sheet.fields]
    page.set_body(sheet.rows, [formats[kind] for kind in kinds], [kind == TEXT for kind in kinds])
    page.freeze_panes(1, 2)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.fields) - 1)
    page.repeat_rows(0)
    _set_up_print(page, about, len(sheet.fields))


def _set_up_print(page: Worksheet, about: BookAbout, columns: int) -> None:
    page.set_paper(A4)
    if columns > 6:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    page.set_footer(about.footer)
