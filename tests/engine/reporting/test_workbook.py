"""The workbook opens in a spreadsheet program and holds what an office needs, no formula."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from minping_engine.reporting import write_workbook
from tests.engine.reporting.factory import Worker, make_round

HIDDEN = Worker(n=7, status="not_assessed", reason="too_few", grade=None)


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Workbook]:
    def write(*workers: Worker, language: str = "zh") -> Workbook:
        made = make_round(tmp_path, [[*workers, *[Worker()] * 3]])
        write_workbook(made.result, made.scheme, made.snapshot, tmp_path / "report.xlsx", language=language)
        return openpyxl.load_workbook(tmp_path / "report.xlsx")

    return write


def test_the_sheets_stand_in_reading_order(book: Callable[..., Workbook]) -> None:
    assert book().sheetnames == [
        "阅读说明",
        "得分",
        "各题得分",
        "区街道社区",
        "调查方式",
        "不予评定",
        "提示",
    ]
    assert book(language="en").sheetnames[1] == "Scores"


def test_scores_are_numbers_with_two_decimals(book: Callable[..., Workbook]) -> None:
    cell = book()["得分"]["E2"]
    assert isinstance(cell.value, float)
    assert cell.number_format == "0.00"


def test_a_score_below_the_threshold_is_an_empty_cell(book: Callable[..., Workbook]) -> None:
    loaded = book(HIDDEN)
    assert loaded["得分"]["E2"].value is None
    assert loaded["调查方式"]["E2"].value is None


def test_those_not_assessed_are_listed_with_the_reason(book: Callable[..., Workbook]) -> None:
    rows = list(book(HIDDEN)["不予评定"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == 1
    assert rows[0][-1] == "有效答卷 7 份，少于评定所需的 30 份"


def test_headings_are_frozen_and_filtered(book: Callable[..., Workbook]) -> None:
    sheet = book()["得分"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", "A1:S4")


def test_a_name_that_looks_like_a_formula_stays_text(book: Callable[..., Workbook]) -> None:
    cell = book(Worker(name="=1+1"))["得分"]["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_the_guide_says_that_demonstration_data_are_invented(book: Callable[..., Workbook]) -> None:
    texts = [cell for row in book()["阅读说明"].iter_rows(values_only=True) for cell in row if cell]
    assert any("演示数据" in str(text) for text in texts)


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    made = make_round(tmp_path)
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(made.result, made.scheme, made.snapshot, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
