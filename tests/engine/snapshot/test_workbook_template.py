"""The empty workbook: sheets only for what a scheme asks, headings, widths, lists of choices."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from minping_engine.assessment.evidence_book import make_snapshot, write_template
from minping_engine.assessment.evidence_book.plan import book_plan
from minping_engine.scheme import LoadedScheme, load_scheme, scheme_ids
from minping_engine.snapshot import open_snapshot

SURVEYED = "gulou-worker"


def _template(tmp_path: Path, scheme: str, language: str = "zh") -> openpyxl.Workbook:
    write_template(load_scheme(scheme, demo=True), tmp_path / "t.xlsx", language=language)
    return openpyxl.load_workbook(tmp_path / "t.xlsx")


def _lists(page: Worksheet) -> dict[str, str]:
    """Id of a column -> its rule."""
    ids = {get_column_letter(cell.column): str(cell.value) for cell in page[2]}
    return {
        ids[str(rule.sqref).split(":")[0].rstrip("0123456789")]: f"{rule.type} {rule.formula1}"
        for rule in page.data_validations.dataValidation
    }


FREE_ITEMS = """
minping_scheme: 1
id: free-items
version: "1"
title: {zh: 自拟评分项, en: Items of one's own}
assessee_kind: person
period: {kind: year}
raters: [{id: peers, title: {zh: 同事, en: peers}, source: peers}]
measures: [{id: marks, title: {zh: 分, en: marks}, of: appraisals.mean, raters: peers}]
indicators:
  - {id: whole, title: {zh: 总分, en: whole}, points: 100, measure: marks, criterion: {kind: linear, to: 100}}
"""


def _free_items(folder: Path) -> LoadedScheme:
    folder.mkdir()
    (folder / "scheme.yaml").write_text(FREE_ITEMS, "utf-8")
    return load_scheme(folder)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scheme", scheme_ids())
def test_every_scheme_of_the_library_has_a_template(scheme: str, language: str, tmp_path: Path) -> None:
    book = _template(tmp_path, scheme, language)
    plan = book_plan(load_scheme(scheme, demo=True))

    assert book.sheetnames[1:] == [sheet.name(language) for sheet in plan.sheets]
    for sheet in plan.sheets:
        page = book[sheet.name(language)]
        columns = (*sheet.columns, *sheet.item_places)
        assert [cell.value for cell in page[2]] == [column.id for column in columns]
        assert all(cell.value for cell in page[1])
        assert page.freeze_panes == "B3"
        assert all(page.column_dimensions[get_column_letter(cell.column)].width > 10 for cell in page[1])


def test_a_scheme_gets_sheets_only_for_what_it_asks(tmp_path: Path) -> None:
    grid = _template(tmp_path, "baotaqiao-grid").sheetnames
    cases = _template(tmp_path, "three-rates-huairou").sheetnames
    visits = _template(tmp_path, SURVEYED).sheetnames

    assert grid == ["说明", "地区", "对象", "事实", "评分-居民代表", "往期"]
    assert cases == ["说明", "地区", "对象", "工单"]
    assert "走访" in visits
    assert "事实" not in visits


def test_cases_have_the_columns_that_rules_name_exclusions_and_the_time_of_the_cut(tmp_path: Path) -> None:
    page = _template(tmp_path, "three-rates-huairou")["工单"]
    ids = [cell.value for cell in page[2]]

    assert ids[:2] == ["case_no", "assessee_id"]
    assert {"resolved", "excluded", "called_back_at"} <= set(ids)
    assert "urgent" not in ids
    assert "created_at" not in ids


def test_headings_tell_title_and_unit_and_required_ones_are_red(tmp_path: Path) -> None:
    page = _template(tmp_path, "baotaqiao-grid")["事实"]

    assert page["B1"].value == "应完成的网格任务（件（个））"
    assert page["B2"].value == "tasks_due"
    assert page["A1"].fill.fgColor.rgb == "FFB3261E"
    assert page["B1"].fill.fgColor.rgb != "FFB3261E"


def test_lists_of_choices_stand_in_the_cells(tmp_path: Path) -> None:
    book = _template(tmp_path, "baotaqiao-grid")
    areas, cases = _lists(book["地区"]), _lists(_template(tmp_path, "three-rates-huairou")["工单"])

    assert areas["level"] == 'list "区,街道,社区,网格,责任片"'
    assert areas["area_class"] == 'list "A,B,C"'
    assert areas["urban_rural"] == 'list "城市,农村"'
    assert cases["resolved"] == 'list "是,否"'
    assert _lists(book["事实"])["assessee_id"] == "list '对象'!$A$3:$A$50000"
    assert _lists(book["事实"])["tasks_due"].startswith("decimal")


def test_kinds_of_raters_are_asked_where_the_scheme_wants_shares(tmp_path: Path) -> None:
    with_shares = _lists(_template(tmp_path, "nanhu-2014")["评分-居民"])
    without = _lists(_template(tmp_path, "baotaqiao-grid")["评分-居民代表"])

    assert with_shares["rater_kind"] == 'list "ordinary_resident,其他"'
    assert "rater_kind" not in without


def test_the_guide_says_of_each_fact_where_it_comes_from_and_whether_it_may_be_empty(tmp_path: Path) -> None:
    guide = _template(tmp_path, "baotaqiao-grid")["说明"]
    lines = {str(row[0]).strip(): str(row[1]) for row in guide.iter_rows(values_only=True)}

    assert lines["应完成的网格任务（件（个））"] == "来自服务记录；留空表示没有数据，不是 0"
    assert lines["查实的投诉（次）"] == "来自检查核实；可以留空，按 0 算"


def test_where_the_scheme_names_no_items_the_district_names_them(tmp_path: Path) -> None:
    loaded = _free_items(tmp_path / "free-items")
    write_template(loaded, tmp_path / "t.xlsx")
    page = openpyxl.load_workbook(tmp_path / "t.xlsx")["评分-同事"]

    assert [cell.value for cell in page[2]] == ["rater", "assessee_id", "item_1", "item_2", "item_3"]
    assert "改名" in str(page["C1"].value)


def test_items_that_the_district_named_become_marks(tmp_path: Path) -> None:
    loaded = _free_items(tmp_path / "free-items")
    write_template(loaded, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    book["地区"].append(["g1", None, "区", "例区"])
    book["对象"].append(["W1", "某人", "g1"])
    book["评分-同事"]["C2"] = "manner"
    book["评分-同事"].append([1, "W1", 61, 30])
    book.save(tmp_path / "t.xlsx")
    make_snapshot(tmp_path / "t.xlsx", loaded, "2020", tmp_path / "s")
    marks = open_snapshot(tmp_path / "s").table("appraisals").to_pylist()

    assert {row["item"]: row["marks_milli"] for row in marks} == {"manner": 61000, "item_2": 30000}


def test_equal_schemes_make_equal_bytes(tmp_path: Path) -> None:
    loaded = load_scheme("baotaqiao-grid", demo=True)
    for name in ("a", "b"):
        write_template(loaded, tmp_path / f"{name}.xlsx")

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
