"""The manual as a Word file: A4, Chinese fonts by name, heads of tables repeated, pages numbered.

Written with python-docx from its plain default, without a template of our own. Equal input gives equal
content; the file's dates are fixed, so that its bytes do not move either.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt, RGBColor

from minping_engine.reporting.texts import texts
from minping_engine.reporting.word_file import field, keep_whole, repeat_head, set_font, timeless
from minping_engine.scheme.describe import Block, Heading, Line, Lines, Manual, Table

BODY, HEAD = "宋体", "黑体"
"""Fonts that every Chinese office machine has."""
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)
TEXT_WIDTH = Mm(166)
SOFT = RGBColor(0x59, 0x59, 0x59)


def write_manual_docx(manual: Manual, path: Path) -> None:
    """Write the file."""
    document = Document()
    _set_up(document, manual)
    _front(document, manual)
    for chapter in manual.chapters:
        document.add_heading(chapter.title, level=1)
        for block in chapter.blocks:
            _block(document, block)
    made = BytesIO()
    document.save(made)
    path.write_bytes(timeless(made))


def _set_up(document: Any, manual: Manual) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(22)
    set_font(document.styles["Normal"], BODY, 10.5)
    for name, size in (("Title", 24), ("Subtitle", 15), ("Heading 1", 15), ("Heading 2", 12)):
        set_font(document.styles[name], HEAD, size)
    core = document.core_properties
    core.title, core.author = f"{manual.title} {manual.subtitle}", "Minping"
    core.created = core.modified = BEFORE_ALL
    core.language = "zh-CN" if manual.language == "zh" else "en-GB"
    _footer(section, manual)


def _footer(section: Any, manual: Manual) -> None:
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, _, rest = texts("manual", manual.language)["page"].partition("{page}")
    middle, _, after = rest.partition("{pages}")
    paragraph.add_run(f"{manual.footer}　{before}")
    field(paragraph, "PAGE")
    paragraph.add_run(middle)
    field(paragraph, "NUMPAGES")
    paragraph.add_run(after)
    for run in paragraph.runs:
        run.font.size = Pt(8)


def _front(document: Any, manual: Manual) -> None:
    document.add_paragraph(manual.title, style="Title").alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(manual.subtitle, style="Subtitle").alignment = WD_ALIGN_PARAGRAPH.CENTER
    for notice in manual.notices:
        document.add_paragraph().add_run(notice).bold = True
    rows = tuple((Line(name), Line(value)) for name, value in manual.head)
    _table(document, Table((), rows, (32, 68)))


def _block(document: Any, block: Block) -> None:
    if isinstance(block, Heading):
        document.add_heading(block.text, level=2)
    elif isinstance(block, Line):
        _write(document.add_paragraph(), block)
    elif isinstance(block, Lines):
        for item in block.items:
            _write(document.add_paragraph(style="List Bullet"), item)
    else:
        _table(document, block)


def _write(paragraph: Any, line: Line, size: float | None = None) -> None:
    run = paragraph.add_run(line.text)
    if size:
        run.font.size = Pt(size)
    if line.small:
        run.add_break()
        small = paragraph.add_run(line.small)
        small.font.size, small.font.color.rgb = Pt(7.5), SOFT


def _table(document: Any, block: Table) -> None:
    table = document.add_table(rows=0, cols=len(block.widths))
    table.style, table.autofit = "Table Grid", False
    if block.head:
        _row(table, [Line(cell) for cell in block.head], block.widths, bold=True)
        repeat_head(table.rows[0])
    for row in block.rows:
        _row(table, row, block.widths)
    document.add_paragraph()


def _row(table: Any, lines: Sequence[Line], widths: Sequence[int], *, bold: bool = False) -> None:
    row = table.add_row()
    keep_whole(row)
    for cell, line, width in zip(row.cells, lines, widths, strict=True):
        cell.width = int(TEXT_WIDTH * width / sum(widths))
        _write(cell.paragraphs[0], line, 9)
        for run in cell.paragraphs[0].runs:
            run.bold = bold
