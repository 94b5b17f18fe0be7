"""From a filled workbook to a snapshot: what is read, and every fault with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from minping_engine.assessment.evidence_book import MadeSnapshot, make_snapshot
from minping_engine.errors import ImportRefusedError, Problem
from minping_engine.evidence.measures import fact_values
from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import Snapshot, open_snapshot
from tests.engine.snapshot.workbook_filling import filled_book

GRID = load_scheme("baotaqiao-grid", demo=True)
CASES = load_scheme("three-rates-huairou", demo=True)
PERIOD = "2020-11"
AREAS = [
    {"area_id": "320106", "level": "区", "name": "例区"},
    {"area_id": "g1", "parent_id": "320106", "level": "网格", "name": "一网格", "area_class": "A"},
    {"area_id": "g2", "parent_id": "320106", "level": "grid", "name": "二网格", "area_class": "B"},
]
PEOPLE = [
    {"assessee_id": "W1", "name": "一网格", "area_id": "g1"},
    {"assessee_id": "W2", "name": "二网格", "area_id": "g2"},
]
ROWS: dict[str, list[dict[str, Any]]] = {
    "areas": AREAS,
    "assessees": PEOPLE,
    "facts": [
        {"assessee_id": "W1", "tasks_due": 20, "tasks_done": 19, "requests_due": 10.5},
        {"assessee_id": "W2", "tasks_due": 10, "tasks_done": 10},
    ],
    "marks:representatives": [
        {"rater": 1, "assessee_id": "W1", "satisfaction": 90},
        {"rater": 2, "assessee_id": "W1", "satisfaction": 80.5},
        {"rater": 1, "assessee_id": "W2", "satisfaction": 70},
    ],
    "earlier": [
        {"period": "2020-10", "assessee_id": "W1", "score": 92.5, "grade": "tier_2"},
        {"period": "2020-09", "assessee_id": "W1"},
    ],
}
NOON, OCTOBER = datetime.fromisoformat("2020-11-03 12:00"), datetime.fromisoformat("2020-10-01")
FACTS, MARKS = "事实", "评分-居民代表"
CASE_ROWS: dict[str, list[dict[str, Any]]] = {
    "areas": AREAS,
    "assessees": PEOPLE,
    "cases": [
        {"case_no": "G1", "assessee_id": "W1", "callback_valid": "是", "resolved": "否"},
        {"case_no": "G2", "assessee_id": "W1", "callback_valid": 1, "resolved": True},
        {"case_no": "G3", "assessee_id": "W2", "callback_valid": "TRUE", "resolved": "0"},
        {"case_no": "G4", "assessee_id": "W2"},
    ],
}


def _make(tmp_path: Path, book: Path, loaded: LoadedScheme = GRID, period: str = PERIOD) -> MadeSnapshot:
    return make_snapshot(book, loaded, period, tmp_path / "snapshot", replace=True)


def _snapshot(tmp_path: Path, rows: Mapping[str, Any] = ROWS, loaded: LoadedScheme = GRID) -> Snapshot:
    _make(tmp_path, filled_book(tmp_path / "b.xlsx", loaded, rows), loaded)
    return open_snapshot(tmp_path / "snapshot")


def _changed(tmp_path: Path, change: Callable[[openpyxl.Workbook], object]) -> Path:
    path = filled_book(tmp_path / "b.xlsx", GRID, ROWS)
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def _refused(tmp_path: Path, book: Path, **options: Any) -> tuple[Problem, ...]:
    with pytest.raises(ImportRefusedError) as caught:
        _make(tmp_path, book, **options)
    assert not (tmp_path / "snapshot").exists(), "nothing is half-written"
    return caught.value.problems


def _put(
    sheet: str, cell: str, value: object, form: str | None = None
) -> Callable[[openpyxl.Workbook], None]:
    def put(book: openpyxl.Workbook) -> None:
        book[sheet][cell] = value
        if form:
            book[sheet][cell].number_format = form

    return put


def test_facts_marks_and_results_stand_in_the_snapshot_as_written(tmp_path: Path) -> None:
    snapshot = _snapshot(tmp_path)

    assert fact_values(snapshot)["W1"] == {"tasks_due": 20, "tasks_done": 19, "requests_due": 10.5}
    assert sorted(snapshot.table("appraisals")["marks_milli"].to_pylist()) == [70000, 80500, 90000]
    earlier = {row["period"]: row for row in snapshot.table("earlier_outcomes").to_pylist()}
    assert earlier["2020-10"]["score_micro"] == 92_500_000
    assert (earlier["2020-10"]["grade"], earlier["2020-10"]["grade_step"]) == ("tier_2", 2)
    assert (earlier["2020-10"]["scheme"], earlier["2020-10"]["status"]) == (GRID.key, "assessed")
    assert earlier["2020-09"]["status"] == "not_assessed"
    assert {row["level"] for row in snapshot.table("areas").to_pylist()} == {"district", "grid"}
    assert snapshot.manifest["synthetic"] is False
    assert snapshot.parts == ()


def test_an_empty_fact_is_absent_and_no_zero(tmp_path: Path) -> None:
    assert "requests_due" not in fact_values(_snapshot(tmp_path))["W2"]


@pytest.mark.parametrize(
    ("value", "form", "fact"),
    [
        (0.1 + 0.2, None, 0.3),
        (19.999999999999996, None, 20),
        ("１２．５", None, 12.5),
        ("1,200", None, 1200),
        (" 7 ", None, 7),
    ],
)
def test_a_number_is_the_decimal_that_is_shown(
    value: object, form: str | None, fact: float, tmp_path: Path
) -> None:
    _make(tmp_path, _changed(tmp_path, _put(FACTS, "B3", value, form)))

    milli = {
        (row["assessee_id"], row["fact"]): row["value_milli"]
        for row in open_snapshot(tmp_path / "snapshot").table("facts").to_pylist()
    }
    assert milli["W1", "tasks_due"] == round(fact * 1000)


@pytest.mark.parametrize("written", ["是", "1", 1, True, "true", "yes", "YES", "√"])
def test_yes_may_be_written_in_many_ways(written: object, tmp_path: Path) -> None:
    rows = {**CASE_ROWS, "cases": [{"case_no": "G1", "assessee_id": "W1", "resolved": written}]}

    assert _snapshot(tmp_path, rows, CASES).table("cases")["resolved"].to_pylist() == [1]


def test_cases_are_sealed_without_their_numbers(tmp_path: Path) -> None:
    cases = _snapshot(tmp_path, CASE_ROWS, CASES).table("cases").to_pylist()

    assert [row["case_id"] for row in cases] == [0, 1, 2, 3]
    assert sorted((row["assessee_id"], row["resolved"]) for row in cases if row["resolved"] is not None) == [
        ("W1", 0),
        ("W1", 1),
        ("W2", 0),
    ]
    assert b"G1" not in (tmp_path / "snapshot" / "cases.parquet").read_bytes()


def test_times_of_cases_are_read_as_dates_and_as_texts(tmp_path: Path) -> None:
    times = [NOON, "2020-11-03 12:00", "2020/11/3 12:00", "2020年11月3日 12:00:00"]
    lines = [
        {"case_no": number, "assessee_id": "W1", "called_back_at": when} for number, when in enumerate(times)
    ]
    cases = _snapshot(tmp_path, {**CASE_ROWS, "cases": lines}, CASES).table("cases")

    assert set(cases["called_back_at"].to_pylist()) == {NOON}


def test_a_period_that_excel_made_a_day_is_a_month_again(tmp_path: Path) -> None:
    rows = {**ROWS, "earlier": [{"period": OCTOBER, "assessee_id": "W1", "score": 90}]}

    assert _snapshot(tmp_path, rows).table("earlier_outcomes")["period"].to_pylist() == ["2020-10"]


def test_a_grade_may_be_written_by_its_label(tmp_path: Path) -> None:
    label = GRID.scheme.grading.bands["A"][0].label.zh
    rows = {**ROWS, "earlier": [{"period": "2020-10", "assessee_id": "W1", "score": 95, "grade": label}]}

    assert _snapshot(tmp_path, rows).table("earlier_outcomes")["grade"].to_pylist() == ["tier_1"]


def test_a_title_above_the_headings_does_no_harm(tmp_path: Path) -> None:
    _make(tmp_path, filled_book(tmp_path / "b.xlsx", GRID, ROWS))
    before = open_snapshot(tmp_path / "snapshot").sha256
    moved = _changed(tmp_path, lambda book: book[FACTS].insert_rows(1))

    assert _make(tmp_path, moved).sha256 == before


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), cases=st.booleans())
def test_the_order_of_rows_changes_nothing(seed: int, cases: bool, tmp_path: Path) -> None:
    loaded, rows = (CASES, CASE_ROWS) if cases else (GRID, ROWS)
    plain = filled_book(tmp_path / "plain.xlsx", loaded, rows)
    mixed = filled_book(tmp_path / "mixed.xlsx", loaded, rows, shuffle=seed)

    assert _make(tmp_path, mixed, loaded).sha256 == _make(tmp_path, plain, loaded).sha256


def _merge(book: openpyxl.Workbook) -> None:
    book[FACTS].merge_cells("B3:B4")


def _append(sheet: str, *rows: list[object]) -> Callable[[openpyxl.Workbook], None]:
    def append(book: openpyxl.Workbook) -> None:
        for row in rows:
            book[sheet].append(row)

    return append


def _rename(book: openpyxl.Workbook) -> None:
    book[FACTS].title = "事实表"


def _delete_column(book: openpyxl.Workbook) -> None:
    book[FACTS].delete_cols(2)


def _extra_column(page: Worksheet, name: str) -> None:
    page.cell(2, page.max_column + 1).value = name


BROKEN: dict[str, tuple[Callable[[openpyxl.Workbook], object], str, str, int, str]] = {
    "a word where a number is needed": (_put(FACTS, "B3", "无"), "not_a_number", FACTS, 3, "tasks_due"),
    "four decimals": (_put(FACTS, "C4", 1.2345), "too_fine", FACTS, 4, "tasks_done"),
    "a formula": (_put(FACTS, "B3", "=1+1"), "formula", FACTS, 3, "tasks_due"),
    "an error value": (_put(FACTS, "B3", "#N/A"), "error_value", FACTS, 3, "tasks_due"),
    "a percentage of a count": (_put(FACTS, "B3", 0.95, "0%"), "percentage", FACTS, 3, "tasks_due"),
    "a day where a number is needed": (
        _put(FACTS, "B3", OCTOBER),
        "not_a_number",
        FACTS,
        3,
        "tasks_due",
    ),
    "somebody unknown": (_put(FACTS, "A4", "W3"), "unknown_id", FACTS, 4, "assessee_id"),
    "an unknown area": (_put("对象", "C3", "g9"), "unknown_id", "对象", 3, "area_id"),
    "an unknown area above": (_put("地区", "B4", "320199"), "unknown_id", "地区", 4, "parent_id"),
    "a row twice": (_append(FACTS, ["W1", 3]), "row_twice", FACTS, 5, ""),
    "a rater twice for one": (_append(MARKS, [1, "W1", 90]), "row_twice", MARKS, 6, ""),
    "a telephone number for a rater": (_put(MARKS, "A3", 13900000000), "whole_number", MARKS, 3, "rater"),
    "half a rater": (_put(MARKS, "A3", 1.5), "whole_number", MARKS, 3, "rater"),
    "an unknown level": (_put("地区", "C4", "网络"), "word", "地区", 4, "level"),
    "an unknown grade": (_put("往期", "E3", "八档"), "word", "往期", 3, "grade"),
    "results of this period": (_put("往期", "A3", "2020-11"), "not_earlier", "往期", 3, "period"),
    "results of another scheme": (_put("往期", "B3", "gulou-worker"), "other_scheme", "往期", 3, "scheme"),
    "nobody named": (_append(FACTS, [None, 3]), "empty", FACTS, 5, "assessee_id"),
    "a name missing": (_put("对象", "B3", None), "empty", "对象", 3, "name"),
    "a column missing": (_delete_column, "column_missing", FACTS, 2, "tasks_due"),
    "an unknown column": (_put(FACTS, "I2", "task_done"), "column_unknown", FACTS, 2, "task_done"),
    "a column without an id": (_put(FACTS, "I4", 3), "column_unknown", FACTS, 2, "I"),
    "a column twice": (_put(FACTS, "I2", "tasks_done"), "column_twice", FACTS, 2, "tasks_done"),
    "merged cells": (_merge, "merged", FACTS, 3, ""),
    "no ids": (lambda book: book[FACTS].delete_rows(2), "no_ids", FACTS, 0, ""),
    "a sheet renamed": (_rename, "sheet_missing", "", 0, ""),
    "an id that Excel has cut": (_put(FACTS, "A3", 12345678901234567890), "id_cut", FACTS, 3, "assessee_id"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_is_named_with_its_place(name: str, tmp_path: Path) -> None:
    change, code, sheet, row, column = BROKEN[name]
    problems = _refused(tmp_path, _changed(tmp_path, change))

    places = {problem.code: problem.place for problem in problems}
    place = places[f"snapshot.book_{code}"]
    assert (place.file, place.sheet, place.row, place.column) == ("b.xlsx", sheet, row, column)


def test_an_unknown_name_comes_with_the_nearest_known_one(tmp_path: Path) -> None:
    def break_three(book: openpyxl.Workbook) -> None:
        book[FACTS]["A4"] = "w2"
        book[FACTS]["I2"] = "task_done"
        book["地区"]["C4"] = "网络"

    near = {p.code: p.params["near"] for p in _refused(tmp_path, _changed(tmp_path, break_three))}
    assert near["snapshot.book_unknown_id"] == "W2"
    assert near["snapshot.book_column_unknown"] == "tasks_done"
    assert near["snapshot.book_word"] == "网格"


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    def break_much(book: openpyxl.Workbook) -> None:
        book[FACTS]["B3"] = "无"
        book[FACTS]["C4"] = 1.2345
        book[MARKS]["B3"] = "W9"
        book["往期"]["E3"] = "八档"

    codes = {
        problem.code.removeprefix("snapshot.book_")
        for problem in _refused(tmp_path, _changed(tmp_path, break_much))
    }
    assert codes == {"not_a_number", "too_fine", "unknown_id", "word"}


def test_a_sheet_that_nobody_reads_is_only_a_note(tmp_path: Path) -> None:
    made = _make(tmp_path, _changed(tmp_path, lambda book: book.create_sheet("备注")))

    assert [problem.code for problem in made.problems] == ["snapshot.book_sheet_unused"]


def test_areas_that_lie_in_each_other_are_refused(tmp_path: Path) -> None:
    problems = _refused(tmp_path, _changed(tmp_path, _put("地区", "B3", "g1")))

    assert all(problem.place.file.startswith("areas") for problem in problems)


def test_a_workbook_without_assessees_is_refused(tmp_path: Path) -> None:
    book = filled_book(tmp_path / "b.xlsx", GRID, {"areas": AREAS})

    assert [problem.code for problem in _refused(tmp_path, book)] == ["snapshot.book_nobody"]


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.xlsx").write_bytes(b"no workbook")

    assert [problem.code for problem in _refused(tmp_path, tmp_path / "b.xlsx")] == [
        "snapshot.book_unreadable"
    ]


def test_a_period_of_another_kind_is_refused(tmp_path: Path) -> None:
    book = filled_book(tmp_path / "b.xlsx", GRID, {**ROWS, "earlier": []})

    assert "snapshot.book_period" in {p.code for p in _refused(tmp_path, book, period="2020Q4")}


def test_a_rater_has_one_kind(tmp_path: Path) -> None:
    loaded = load_scheme("nanhu-2014", demo=True)
    marks = [
        {"rater": 1, "rater_kind": "ordinary_resident", "assessee_id": "W1", "satisfaction": 90},
        {"rater": 1, "rater_kind": "其他", "assessee_id": "W2", "satisfaction": 90},
        {"rater": 2, "rater_kind": "普通居民", "assessee_id": "W2", "satisfaction": 90},
    ]
    rows = {"areas": AREAS, "assessees": PEOPLE, "marks:residents": marks}
    book = filled_book(tmp_path / "b.xlsx", loaded, rows)
    found = {p.code: p.place.row for p in _refused(tmp_path, book, loaded=loaded, period="2020")}

    assert found == {"snapshot.book_two_kinds": 4, "snapshot.book_word": 5}
