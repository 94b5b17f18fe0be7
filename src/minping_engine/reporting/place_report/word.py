"""The report as a Word file in the form of official papers (GB/T 9704): A4, margins, fonts, centred title.

Fonts are named, not embedded: every Chinese office machine has them. Pictures are drawn with signs along a
common axis, value and interval, so that the file stays text and no length lies. Tables and pictures are
numbered. Equal input gives equal content; dates inside are fixed.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from minping_engine.reporting.numbers import interval_text
from minping_engine.reporting.place_report.model import Bar, Block, Chart, Grid, Heading, PlaceReport, Points
from minping_engine.reporting.texts import texts
from minping_engine.reporting.word_file import field, keep_whole, repeat_head, set_font, timeless

TITLE, BODY, HEAD, PART, TABLE = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
"""Title, text, headings of chapters and of parts, tables, as GB/T 9704 and its customs have them."""
WIDTH = Mm(156)
MOST_TOGETHER = 10
"""Rows of a table that stays on one page."""
TITLED = re.compile("(表|图|Table|Figure)")
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)
STEPS = 23
"""Signs of the whole axis; each is as wide as a Chinese letter."""
BLANK, LINE, VALUE, MARK = "　", "─", "●", "┊"
CHART_WIDTHS = (3, 7, 5)


def write_place_report_docx(report: PlaceReport, path: Path) -> None:
    """Write the file."""
    document = Document()
    _set_up(document, report)
    _front(document, report)
    numbers: Counter[str] = Counter()
    for chapter in report.chapters:
        document.add_heading(chapter.title, level=1)
        for block in chapter.blocks:
            _block(document, _numbered(block, numbers))
    _signature(document, report)
    made = BytesIO()
    document.save(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(timeless(made))


def _numbered(block: Block, numbers: Counter[str]) -> Block:
    """The block with its number in the title: 表1, Figure 2."""
    found = TITLED.match(block.title) if isinstance(block, Grid | Chart) else None
    if found is None or not isinstance(block, Grid | Chart):
        return block
    numbers[found[1]] += 1
    gap = " " if found[1].isascii() else ""
    rest = block.title[found.end(1) :]
    return replace(block, title=f"{found[1]}{gap}{numbers[found[1]]}{rest}")


def _set_up(document: Any, report: PlaceReport) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    styles = document.styles
    for name, font, size in (
        ("Normal", BODY, 16), ("Title", TITLE, 22), ("Heading 1", HEAD, 16), ("Heading 2", PART, 16),
    ):  # fmt: skip
        set_font(styles[name], font, size)
    for name in ("Heading 1", "Heading 2"):
        styles[name].font.bold = False
        styles[name].paragraph_format.space_before = Pt(6)
        styles[name].paragraph_format.space_after = Pt(0)
        styles[name].paragraph_format.first_line_indent = Pt(32)
    normal = styles["Normal"].paragraph_format
    normal.line_spacing_rule, normal.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
    normal.space_after = Pt(0)
    core = document.core_properties
    core.title, core.author = f"{report.title} {report.subtitle}", "Minping"
    core.created = core.modified = BEFORE_ALL
    core.language = "zh-CN" if report.language == "zh" else "en-GB"
    _footer(section, report)


def _footer(section: Any, report: PlaceReport) -> None:
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, _, after = texts("place_report", report.language)["page"].partition("{page}")
    paragraph.add_run(before)
    field(paragraph, "PAGE")
    paragraph.add_run(after)
    for run in paragraph.runs:
        _run_font(run, TABLE, 14)


def _run_font(run: Any, chinese: str, size: float) -> None:
    run.font.size = Pt(size)
    run.font.name = "Times New Roman"
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), chinese)


def _front(document: Any, report: PlaceReport) -> None:
    title = document.add_paragraph(report.title, style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _unframed(title)
    subtitle = document.add_paragraph()
    subtitle.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run_font(subtitle.add_run(report.subtitle), PART, 16)
    for notice in report.notices:
        paragraph = _indented(document)
        _run_font(paragraph.add_run(notice), PART, 14)


def _unframed(paragraph: Any) -> None:
    """Word's own title style draws a line below, which official papers do not have."""
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    bottom.set(qn("w:val"), "nil")
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)


def _indented(document: Any) -> Any:
    """A paragraph whose first line begins two signs in."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.first_line_indent = Pt(32)
    return paragraph


def _block(document: Any, block: Block) -> None:
    if isinstance(block, Heading):
        document.add_heading(block.text, level=2)
    elif isinstance(block, Grid):
        _grid(document, block)
    elif isinstance(block, Chart):
        _chart(document, block)
    elif isinstance(block, Points):
        for number, item in enumerate(block.items, 1):
            _indented(document).add_run(f"{number}. {item}")
    else:
        _indented(document).add_run(block.text)


def _caption(document: Any, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    _run_font(paragraph.add_run(text), HEAD, 12)


def _grid(document: Any, block: Grid) -> None:
    if block.title:
        _caption(document, block.title)
    table = document.add_table(rows=0, cols=len(block.head))
    table.style, table.autofit, table.alignment = "Table Grid", False, WD_TABLE_ALIGNMENT.CENTER
    _columns(table, block.widths)
    _row(table, block.head, block, is_head=True)
    repeat_head(table.rows[0])
    for row in block.rows:
        _row(table, row, block)
    if len(block.rows) <= MOST_TOGETHER:
        _keep_together(table)
    _gap(document)


def _keep_together(table: Any) -> None:
    """No page ends within a short table or a picture."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _row(table: Any, cells: tuple[str, ...], block: Grid, *, is_head: bool = False) -> None:
    row = table.add_row()
    keep_whole(row)
    for number, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
        cell.width = _width(block.widths, number)
        paragraph = cell.paragraphs[0]
        _tight(paragraph)
        centred = is_head or (number >= block.first_number and len(text) < 16)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.LEFT
        run = paragraph.add_run(text)
        _run_font(run, HEAD if is_head else TABLE, 10.5)


def _tight(paragraph: Any) -> None:
    layout = paragraph.paragraph_format
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(15)


def _gap(document: Any) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.line_spacing = Pt(10)


def _chart(document: Any, chart: Chart) -> None:
    """Each value as a dot on its interval along a common axis, its number beside; ends of the axis below."""
    _caption(document, chart.title)
    table = document.add_table(rows=0, cols=3)
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    _columns(table, CHART_WIDTHS)
    for bar in chart.bars:
        number = bar.text if bar.low is None else f"{bar.text}（{interval_text(bar.low, bar.high)}）"
        _chart_row(table, (bar.name, axis_line(chart, bar), number))
    low, high = f"{chart.axis.low:g}", f"{chart.axis.high:g}"
    ends = low + BLANK * (STEPS - 1 - (len(low) + len(high)) // 2) + high
    _chart_row(table, ("", ends, f"{MARK} {chart.mark_label}" if chart.mark is not None else ""))
    _keep_together(table)
    _gap(document)


def _chart_row(table: Any, texts_: tuple[str, str, str]) -> None:
    row = table.add_row()
    keep_whole(row)
    for number, (cell, text) in enumerate(zip(row.cells, texts_, strict=True)):
        cell.width = _width(CHART_WIDTHS, number)
        _tight(cell.paragraphs[0])
        run = cell.paragraphs[0].add_run(text)
        _run_font(run, TABLE, 8 if number == 1 else 10.5)
        if number == 1:
            run.font.name = TABLE
            run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:hint"), "eastAsia")  # signs of full width
            run.font.color.rgb = RGBColor(0x2F, 0x6F, 0x8F)


def axis_line(chart: Chart, bar: Bar) -> str:
    """A value with its interval as signs along the axis; the mark stands where nothing else does."""
    signs = [BLANK] * STEPS
    for place in _places(chart, chart.mark, chart.mark):
        signs[place] = MARK
    for place in _places(chart, bar.low, bar.high):
        signs[place] = LINE
    for place in _places(chart, bar.value, bar.value):
        signs[place] = VALUE
    return "".join(signs).rstrip(BLANK) or BLANK


def _places(chart: Chart, low: float | None, high: float | None) -> range:
    """Which signs lie between two values; none where they are not known."""
    if low is None or high is None:
        return range(0)
    span = chart.axis.high - chart.axis.low or 1.0
    first, last = (
        min(max(round((end - chart.axis.low) / span * (STEPS - 1)), 0), STEPS - 1) for end in (low, high)
    )
    return range(first, last + 1)


def _width(shares: tuple[int, ...], number: int) -> int:
    return int(WIDTH * shares[number] / sum(shares))


def _columns(table: Any, shares: tuple[int, ...]) -> None:
    """Widths of the grid: Word reads those of cells, other programs these."""
    for number, column in enumerate(table.columns):
        column.width = _width(shares, number)


def _signature(document: Any, report: PlaceReport) -> None:
    """Who and when, at the right, four signs in."""
    document.add_paragraph()
    for text in (report.issuer, report.day):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(64)
        paragraph.add_run(text)
    basis = document.add_paragraph()
    _run_font(basis.add_run(report.footer), TABLE, 9)
