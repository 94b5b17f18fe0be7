"""The workbook opens in a spreadsheet program and holds what an office needs, no formula.

S12, D1: adjusted scores stand beside plain ones, rankings are refused in words; S33: progress with its
uncertainty.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from minping_engine.reporting import write_workbook
from tests.engine.reporting.factory import Worker, make_round
from tests.engine.reporting.fair_factory import counting, make_fair

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
        "可比组",
        "调整幅度",
        "影响因素",
        "公平检查",
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
    assert rows[0][-1] == "有效答卷7份，少于30份；这么少的答卷多半靠运气，所以不评。"


def test_headings_are_frozen_and_filtered(book: Callable[..., Workbook]) -> None:
    sheet = book()["得分"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", "A1:AD4")


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


def fair_book(folder: Path, **options: Any) -> Workbook:
    made = make_fair(folder, **options)
    write_workbook(made.result, made.scheme, made.snapshot, folder / "report.xlsx")
    return openpyxl.load_workbook(folder / "report.xlsx")


def columns(sheet: Any) -> dict[str, list[Any]]:
    """Heading -> cells below."""
    return {str(cells[0]): list(cells[1:]) for cells in zip(*sheet.values, strict=True)}


def test_scores_show_adjusted_values_with_half_their_interval(tmp_path: Path) -> None:
    shown = columns(fair_book(tmp_path)["得分"])
    assert shown["调整后得分"][0] == pytest.approx(shown["得分"][0] + 1.1)
    assert shown["调整后得分 ±"][0] == pytest.approx(1.959963984540054 * 0.5)
    assert (shown["可比组"][0], shown["名次范围从"][0], shown["名次范围到"][0]) == ("甲", 2, 9)
    assert (shown["能否比较"][0], shown["等次的把握"][0]) == ("可比较", 0.8)


def counted_book(folder: Path, counts: str) -> Workbook:
    made = counting(make_fair(folder), counts)
    write_workbook(made.result, made.scheme, made.snapshot, folder / "report.xlsx")
    return openpyxl.load_workbook(folder / "report.xlsx")


@pytest.mark.parametrize("counts", ["adjusted", "shrunken"])
def test_the_score_that_counts_comes_first_and_the_plain_one_beside_it(tmp_path: Path, counts: str) -> None:
    shown = columns(counted_book(tmp_path, counts)["得分"])
    headings = list(shown)
    assert headings[4:9] == ["得分", "区间下限", "区间上限", "与均值之差", "等次"]
    assert headings[9:12] == ["原得分", "原得分区间下限", "原得分区间上限"]
    assert (shown["区间下限"][0], shown["区间上限"][0]) == (shown["得分"][0] - 1, shown["得分"][0] + 1)
    moved = 1.1 if counts == "adjusted" else 1.0
    assert shown["得分"][0] - shown["原得分"][0] == pytest.approx(moved)


def test_a_plain_score_that_counts_is_not_told_twice(tmp_path: Path) -> None:
    assert "原得分" not in columns(fair_book(tmp_path)["得分"])


def test_progress_stands_with_half_its_interval(tmp_path: Path) -> None:
    shown = columns(fair_book(tmp_path)["得分"])
    assert (shown["进步（分）"][0], shown["进步 ±"][0]) == (0.7, pytest.approx(1.959963984540054 * 0.4))


def test_grades_are_told_by_their_labels(book: Callable[..., Workbook]) -> None:
    assert columns(book()["得分"])["等次"][0] == "良好"


def test_spread_is_told_by_the_level_it_lies_at(tmp_path: Path) -> None:
    rows = list(fair_book(tmp_path)["公平检查"].iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in rows if row[1] == "真实差异（分）"] == ["街道之间", "片区之间", "答卷之间"]


def test_no_field_of_an_item_is_told_where_intervals_meet(tmp_path: Path) -> None:
    assert columns(fair_book(tmp_path)["影响因素"])["位置"][0] == "先改进"
    untold = fair_book(tmp_path / "meet", driver_error=0.006)
    assert set(columns(untold["影响因素"])["位置"]) == {"分不出"}


@pytest.mark.parametrize("ranking", ["too_wide", "carried"])
def test_scores_never_stand_in_order_of_the_score(tmp_path: Path, ranking: str) -> None:
    shown = columns(fair_book(tmp_path, ranking=ranking)["得分"])
    assert shown["编号"] == sorted(shown["编号"])
    assert shown["调整后得分"] != sorted(shown["调整后得分"], reverse=True)


def test_a_refused_ranking_is_told_with_its_width_on_guide_and_sheet(tmp_path: Path) -> None:
    made = fair_book(tmp_path)
    refusal = "16人的名次范围多半宽达13名，分不出先后，不排名次。"
    assert columns(made["可比组"])["能否排名次"] == [refusal, refusal]
    assert ("名次：甲", refusal) in list(made["阅读说明"].values)


def test_steps_lead_from_the_weighted_score_to_the_last_one(tmp_path: Path) -> None:
    shown = columns(fair_book(tmp_path)["调整幅度"])
    steps = [shown[name][0] for name in ("答卷人年龄", "调查方式", "辖区租户比例")]
    assert shown["加权得分"][0] + sum(steps) == pytest.approx(shown["调整后得分"][0])
    assert shown["调整后得分"][0] + shown["按可靠程度靠拢"][0] == pytest.approx(shown["靠拢后得分"][0])


def test_checks_are_told_in_words(tmp_path: Path) -> None:
    shown = columns(fair_book(tmp_path)["公平检查"])
    assert shown["对象"][0] == "辖区租户比例"
    assert (shown["指标"][0], shown["判断"][0]) == ("调整前", "超出容许范围")
    assert None not in shown["检查"]


def test_an_empty_sheet_says_that_there_is_nothing(book: Callable[..., Workbook]) -> None:
    assert book()["可比组"]["A2"].value == "没有可列的内容"


def test_strings_that_a_spreadsheet_could_misread_come_back_as_they_were(
    book: Callable[..., Workbook],
) -> None:
    odd = ["a&b<c>", ' "x" ', "_x0041_", "-1", "00123"]
    names = [row[1] for row in list(book(*[Worker(name=name) for name in odd])["得分"].values)[1:]]
    assert names[: len(odd)] == odd
