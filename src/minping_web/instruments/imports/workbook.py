"""The sheets of an XLSForm as rows of texts, each with its row number; nothing is interpreted here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from openpyxl import load_workbook

from minping_engine.errors import Place
from minping_web.common.problems import RefusedError

MOST_BYTES = 5_000_000
MOST_UNPACKED_BYTES = 60_000_000
MOST_ROWS = 3_000
MOST_COLUMNS = 60
LONGEST_CELL = 2_000
SHEETS = ("survey", "choices", "settings")


@dataclass(frozen=True)
class SheetRow:
    """One row: its number in the sheet, cells by heading (empty ones left out)."""

    number: int
    cells: dict[str, str]

    def get(self, name: str) -> str:
        """A cell, empty where there is none."""
        return self.cells.get(name, "")


@dataclass(frozen=True)
class Sheets:
    """The three sheets; those that are missing are empty."""

    name: str
    survey: list[SheetRow] = field(default_factory=list)
    choices: list[SheetRow] = field(default_factory=list)
    settings: list[SheetRow] = field(default_factory=list)
    headings: dict[str, list[str]] = field(default_factory=dict)


def read_workbook(content: bytes, name: str) -> Sheets:
    """Read it; raises `RefusedError` for what is no workbook or too large to be a questionnaire."""
    if len(content) > MOST_BYTES:
        raise RefusedError.of("instruments.file_too_large", Place(file=name), most=MOST_BYTES // 10**6)
    try:
        found = _sheets(content)
    except RefusedError:
        raise
    except Exception:  # a damaged file may break any layer of the reader
        raise RefusedError.of("instruments.file_not_readable", Place(file=name)) from None
    if "survey" not in found:
        raise RefusedError.of("instruments.no_survey", Place(file=name))
    survey, choices, settings = (found.get(sheet, ([], []))[1] for sheet in SHEETS)
    headings = {sheet: names for sheet, (names, _rows) in found.items()}
    return Sheets(name, survey, choices, settings, headings)


def _sheets(content: bytes) -> dict[str, tuple[list[str], list[SheetRow]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED_BYTES:
            raise ValueError("too large")
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        return {
            sheet.title.strip().lower(): _rows(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS))
            for sheet in book.worksheets
            if sheet.title.strip().lower() in SHEETS
        }
    finally:
        book.close()


def _rows(lines: Iterator[tuple[object, ...]]) -> tuple[list[str], list[SheetRow]]:
    headings: list[str] = []
    rows: list[SheetRow] = []
    for number, line in enumerate(lines, start=1):
        if number > MOST_ROWS:
            raise ValueError("too many rows")
        texts = [_text(cell) for cell in line]
        if not headings:
            headings = [" ".join(text.split()) for text in texts] if any(texts) else []
            continue
        cells = {name: text for name, text in zip(headings, texts, strict=False) if name and text}
        if cells:
            rows.append(SheetRow(number, cells))
    return [name for name in headings if name], rows


def _text(cell: object) -> str:
    """What the cell says; a whole number without a decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "".join(sign for sign in str(cell) if sign >= " " or sign == "\n").strip()[:LONGEST_CELL]
