"""A protocol as PDF/A-2b: facts, tables one under the other, lines to sign; equal bytes for equal input.

In: `ProtocolSheet`, whose texts are ready to print. Out: bytes. It does not know what the protocol is about:
two-way choice takes its tables from `matching`. Text stays data; nothing of it is read as markup.
"""

from __future__ import annotations

import json
import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import cast

from minping_engine.errors import Language, MinpingError, Place
from minping_engine.reporting.fonts import font_folders
from minping_engine.reporting.papers.write import PDF_A
from minping_engine.reporting.texts import texts

TEMPLATE = "protocol.typ"
NARROWEST, WIDEST, AROUND = 10, 44, 4
"""Widths of columns go with their longest cell and the room around it between these, in letters."""


@dataclass(frozen=True)
class SheetTable:
    """A table with its heading; where it has no rows, a dash stands there."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ProtocolSheet:
    """All that is printed. `day` is (year, month, day) of the sealing; `seal` stands on each page."""

    language: Language
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[SheetTable, ...]
    signers: tuple[str, ...]
    seal: str
    day: tuple[int, int, int]


def protocol_pdf(sheet: ProtocolSheet) -> bytes:
    """The bytes of the paper. Raises `MinpingError` where setting fails."""
    import typst

    data = json.dumps(_data(sheet), ensure_ascii=False)
    fonts = [str(path) for path in font_folders([data]).folders]
    opened = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=fonts)
    with tempfile.TemporaryDirectory(prefix="minping-protocol-") as folder:
        work = Path(folder)
        template = resources.files(__package__) / "templates" / TEMPLATE
        (work / TEMPLATE).write_text(template.read_text("utf-8"), "utf-8")
        (work / "protocol.json").write_text(data, "utf-8")
        compiler = typst.Compiler(input=str(work / TEMPLATE), root=folder, font_paths=opened)
        try:
            return cast(bytes, compiler.compile(pdf_tags=False, pdf_standards=[PDF_A]))
        except RuntimeError as error:
            raise MinpingError.of("reporting.paper_failed", Place(key=TEMPLATE), reason=str(error)) from error


def _data(sheet: ProtocolSheet) -> dict[str, object]:
    page = texts("manual", sheet.language)["page"]
    tables = [{**asdict(table), "widths": _widths(table)} for table in sheet.tables]
    return {**asdict(sheet), "tables": tables, "page": page}


def _widths(table: SheetTable) -> list[int]:
    columns: Iterable[tuple[str, ...]] = zip(table.head, *table.rows, strict=True)
    return [min(WIDEST, max(NARROWEST, AROUND + max(map(_width, cells)))) for cells in columns]


def _width(text: str) -> int:
    """In letters: a Chinese character takes the room of two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
