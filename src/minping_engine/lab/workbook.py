"""The workbook of a trial: `trial.xlsx`, a sheet per question.

In: a trial. Out: a file with frozen headings, filters and number formats; no formulas, no links. The
creation date is a constant, so that equal input gives equal bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from minping_engine.lab.model import Trial
from minping_engine.lab.sheets import MONEY, scheme_line, trial_sheets
from minping_engine.lab.words import demo_sentences
from minping_engine.reporting.sheet_model import COUNT, POINTS, SHARE, TEXT, Sheet
from minping_engine.reporting.texts import texts

CREATED = datetime(2019, 1, 1, tzinfo=UTC)
FORMATS = {TEXT: "@", COUNT: "0", POINTS: "0.00", SHARE: "0.0%", MONEY: "#,##0.00"}
BASE = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
ACCENT = "#14395B"


def write_trial_workbook(trial: Trial, path: Path, *, language: str = "zh") -> None:
    """Write `trial.xlsx` to `path`."""
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    # Names or ids that start with = or http must stay text.
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    words = texts("lab", language)
    book.set_properties({"title": words["t_title"], "created": CREATED})
    formats = _formats(book)
    above = _above(trial, language)
    for number, sheet in enumerate(trial_sheets(trial, language)):
        _write(book, sheet, formats, above if number == 0 else [])
    book.close()


def _above(trial: Trial, language: str) -> list[str]:
    """Lines above the summary: which schemes, whether this is a demonstration, what a trial is."""
    words = texts("lab", language)
    return [
        f"{words['t_base']}: {scheme_line(trial.base, language)}",
        f"{words['t_changed']}: {scheme_line(trial.changed, language)}",
        *demo_sentences(trial, language),
        words["t_signed"],
    ]


def _formats(book: Any) -> dict[str, Any]:
    formats = {
        kind: book.add_format({**BASE, "num_format": number, "align": "left" if kind == TEXT else "right"})
        for kind, number in FORMATS.items()
    }
    heading = {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": ACCENT,
        "text_wrap": True,
        "align": "center",
    }
    formats["heading"] = book.add_format({**BASE, **heading, "border": 1})
    formats["line"] = book.add_format({**BASE, "bold": True})
    return formats


def _write(book: Any, sheet: Sheet, formats: dict[str, Any], above: list[str]) -> None:
    page = book.add_worksheet(sheet.title)
    for number, text in enumerate(above):
        page.write_string(number, 0, text, formats["line"])
    top = len(above) + 1 if above else 0
    for column, field in enumerate(sheet.fields):
        page.set_column(column, column, field.width)
        page.write_string(top, column, field.title, formats["heading"])
    page.set_row(top, 32)
    for number, row in enumerate(sheet.rows, start=top + 1):
        for column, (cell, field) in enumerate(zip(row, sheet.fields, strict=True)):
            _write_cell(page, (number, column), cell, formats[field.kind])
    page.freeze_panes(top + 1, 0)
    page.autofilter(top, 0, top + max(len(sheet.rows), 1), len(sheet.fields) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _write_cell(page: Any, place: tuple[int, int], cell: object, look: Any) -> None:
    if isinstance(cell, str):
        page.write_string(*place, cell, look)
    elif cell is not None:
        page.write_number(*place, cell, look)
