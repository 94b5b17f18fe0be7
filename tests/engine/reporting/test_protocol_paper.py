"""A protocol as PDF/A: the same for the same input, whatever stands in it."""

from __future__ import annotations

from dataclasses import replace

from minping_engine.reporting import ProtocolSheet, SheetTable, protocol_pdf
from minping_engine.reporting.protocol_paper import WIDEST, _widths

SHEET = ProtocolSheet(
    "zh",
    "双向选择记录",
    "秋季双向选择",
    (("街道或区", "东街道"), ("记录的哈希", "ab" * 32)),
    (
        SheetTable("结果", ("岗位", "人员"), (("一号片 #x *y* $z$ \\u{1}", "安"),)),
        SheetTable("原因", ("人员",), ()),
    ),
    ("主办单位：姓名、日期",),
    "记录的哈希 " + "ab" * 32,
    (2026, 11, 22),
)


def test_a_protocol_is_pdf_a_and_equal_input_gives_equal_bytes() -> None:
    """Signs that mean something to the typesetter are only text; another word is another file."""
    made = protocol_pdf(SHEET)
    assert made.startswith(b"%PDF-")
    assert b"pdfaid:part>2<" in made
    assert protocol_pdf(SHEET) == made
    assert protocol_pdf(replace(SHEET, subtitle="冬季双向选择")) != made


def test_columns_are_as_wide_as_their_longest_cell_within_limits() -> None:
    """A Chinese character counts as two letters; a sentence does not squeeze the others out."""
    table = SheetTable("", ("a", "b"), (("一二三四", "x" * 200),))
    assert _widths(table) == [12, WIDEST]
