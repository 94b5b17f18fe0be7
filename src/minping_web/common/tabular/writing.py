"""Rows -> CSV or XLSX, and the empty template that an import understands.

Cells that begin like a formula are written as text: a spreadsheet must not run what somebody typed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

from minping_web.common.tabular.columns import FORMULA_STARTS, Column, TableSpec

MOST_OPTIONS_TEXT = 255
"""A spreadsheet's list to pick from holds no longer text."""
LAST_LISTED_ROW = 5000


def cell_text(value: object, language: str) -> str:
    """A value as exports show it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("yes" if value else "no") if language == "en" else ("是" if value else "否")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def export_csv(spec: TableSpec, rows: Iterable[Mapping[str, object]], language: str = "zh") -> bytes:
    """CSV in UTF-8 with a mark, as spreadsheets in China need it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.title(language) for column in spec.columns])
    for row in rows:
        writer.writerow([_harmless(cell_text(row.get(column.key), language)) for column in spec.columns])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    starts = cell.startswith(FORMULA_STARTS) and not cell.lstrip("+-").replace(".", "", 1).isdigit()
    return "'" + cell if starts else cell


def export_xlsx(spec: TableSpec, rows: Iterable[Mapping[str, object]], language: str = "zh") -> bytes:
    """A workbook with one sheet; every cell is text or a number, never a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(spec.title(language)[:31])
        _head(book, sheet, spec, language)
        for number, row in enumerate(rows, 1):
            for place, column in enumerate(spec.columns):
                _write(sheet, number, place, row.get(column.key), language)
    return out.getvalue()


def template_xlsx(spec: TableSpec, language: str = "zh") -> bytes:
    """The file to fill in: headings (required ones starred), lists to pick from, a sheet of notes.

    The example stands among the notes, not in the table: a row that somebody forgot to delete would be
    imported.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(spec.title(language)[:31])
        _head(book, sheet, spec, language)
        for place, column in enumerate(spec.columns):
            _offer_options(sheet, place, column)
        _write_notes(book, spec, language)
    return out.getvalue()


def _offer_options(sheet: Any, place: int, column: Column) -> None:
    if column.options and len(",".join(column.options)) <= MOST_OPTIONS_TEXT:
        rule = {"validate": "list", "source": list(column.options), "error_type": "warning"}
        sheet.data_validation(1, place, LAST_LISTED_ROW, place, rule)


def _write_notes(book: Any, spec: TableSpec, language: str) -> None:
    heads = ("Column", "Meaning", "Example") if language == "en" else ("栏目", "说明", "示例")
    notes = book.add_worksheet("Notes" if language == "en" else "填写说明")
    bold = book.add_format({"bold": True, "bottom": 1})
    for place, (head, width) in enumerate(zip(heads, (24, 90, 24), strict=True)):
        notes.write_string(0, place, head, bold)
        notes.set_column(place, place, width)
    for number, column in enumerate(spec.columns, 1):
        notes.write_string(number, 0, column.title(language) + (" *" if column.required else ""))
        notes.write_string(number, 1, column.help(language))
        notes.write_string(number, 2, column.example)


def _head(book: Any, sheet: Any, spec: TableSpec, language: str) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF0", "bottom": 1})
    for place, column in enumerate(spec.columns):
        sheet.write_string(0, place, column.title(language) + (" *" if column.required else ""), bold)
        sheet.set_column(place, place, 18)
    sheet.freeze_panes(1, 0)


def _write(sheet: Any, row: int, place: int, value: object, language: str) -> None:
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and -(10**12) < value < 10**12:
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, cell_text(value, language))
