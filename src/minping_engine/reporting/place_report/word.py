"""The report as a Word file in the form of official papers (GB/T 9704): A4, margins, fonts, centred title.

Fonts are named, not embedded: every Chinese office machine has them. Pictures are drawn as tables of bars,
so that the file stays text. Equal input gives equal content; dates inside are fixed.
"""

from __future__ import annotations

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
from minping_engine.reporting.place_report.model import Block, Chart, Grid, Heading, PlaceReport, Points
from minping_engine.reporting.texts import texts
from minping_engine.reporting.word_file import field, keep_whole, repeat_head, set_font, timeless

TITLE, BODY, HEAD, PART, TABLE = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
"""Title, text, headings of chapters and of parts, tables, as GB/T 9704 and its customs have them."""
WIDTH = Mm(156)
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)
STEPS = 14
"""Squares of a bar's whole length."""


def write_place_report_docx(report: PlaceReport, path: Path) -> None:
    """Write the file."""
    document = Document()
    _set_up(document, report)
    _front(document, report)
    for chapter in report.chapters:
        document.add_heading(chapter.title, level=1)
        for block in chapter.blocks:
            _block(document, block)
    _signature(document, report)
    made = BytesIO()
    document.save(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(timeless(made))


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
    _row(table, block.head, block, is_head=True)
    repeat_head(table.rows[0])
    for row in block.rows:
        _row(table, row, block)
    _gap(document)


def _row(table: Any, cells: tuple[str, ...], block: Grid, *, is_head: bool = False) -> None:
    row = table.add_row()
    keep_whole(row)
    for number, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
        cell.width = int(WIDTH * block.widths[number] / sum(block.widths))
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
    """Each value as a line of squares from the left end of the axis, its number beside."""
    _caption(document, f"{chart.title}　{chart.mark_label}".strip())
    table = document.add_table(rows=0, cols=3)
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    span = chart.axis.high - chart.axis.low or 1.0
    for bar in chart.bars:
        row = table.add_row()
        keep_whole(row)
        share = 0.0 if bar.value is None else (bar.value - chart.axis.low) / span
        squares = "█" * max(0, round(STEPS * share))
        number = bar.text if bar.low is None else f"{bar.text}（{interval_text(bar.low, bar.high)}）"
        for cell, text, width in zip(row.cells, (bar.name, squares, number), (4, 6, 5), strict=True):
            cell.width = int(WIDTH * width / 15)
            _tight(cell.paragraphs[0])
            run = cell.paragraphs[0].add_run(text)
            _run_font(run, TABLE, 10.5)
            if text == squares:
                run.font.color.rgb = RGBColor(0x2F, 0x6F, 0x8F)
    _gap(document)


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
