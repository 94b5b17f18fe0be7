"""What becomes of ballots: codes, cells, registers, one vote per household, a sealed snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from minping_engine.snapshot import check_snapshot
from minping_engine.snapshot.importing import (
    AskedItem,
    ImportMap,
    ImportReport,
    Questionnaire,
    import_files,
)
from minping_engine.terms import AssesseeKind, Mode, PeriodKind
from tests.engine.snapshot.factory import (
    HEADER,
    MAP,
    ROWS,
    STEPS,
    answers,
    ballots,
    changed,
    imported,
    make_map,
    write_csv,
)

TWICE = (
    ("甲片", "H1", "2019-01-05 10:00", "入户", "是", "满意"),
    ("甲片", "H1", "2019-02-05 10:00", "入户", "否", "非常满意"),
    ("乙片", "H1", "2019-01-07 12:00", "短信", "是", "一般"),
)


def small_questionnaire(**changes: Any) -> Questionnaire:
    labels = (*((text, code) for text, code in STEPS.items()), ("very satisfied", 5))
    values: dict[str, Any] = {
        "key": "small@1",
        "assessee_kind": AssesseeKind.COMMUNITY_WORKER,
        "period_kind": PeriodKind.QUARTER,
        "items": (AskedItem("q2", "您对态度满意吗？", labels),),
    }
    return Questionnaire(**{**values, **changes})


def test_the_snapshot_keeps_its_contract(tmp_path: Path) -> None:
    assert check_snapshot(imported(write_csv(tmp_path / "a.csv")).folder) == ()


def test_modes_are_understood_in_chinese(tmp_path: Path) -> None:
    modes = sorted(row["mode"] for row in ballots(imported(write_csv(tmp_path / "a.csv"))))
    assert modes == [Mode.VISIT, Mode.VISIT, Mode.PHONE, Mode.SMS]


@pytest.mark.parametrize(
    "written", ["5", "５", "5.0", " 5 ", "5分", "非常满意", "A.非常满意", "非常满意（5分）"]
)
def test_an_answer_may_be_written_in_many_ways(tmp_path: Path, written: str) -> None:
    snapshot = imported(write_csv(tmp_path / "a.csv", changed(0, "态度", written)))
    assert ("甲片", 1, 5) in answers(snapshot, "q1", "q2")


@pytest.mark.parametrize("written", ["", "(空)", "（跳过）", "N/A", "拒答"])
def test_texts_that_mean_no_answer_give_null(tmp_path: Path, written: str) -> None:
    path = write_csv(tmp_path / "a.csv", changed(0, "态度", written))
    codes = [row["item_q2"] for row in ballots(imported(path, make_map(missing=["拒答"])))]
    assert codes.count(None) == 1


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("latest", [("乙片", 1), ("甲片", 2)]),
        ("first", [("乙片", 1), ("甲片", 1)]),
        ("reject", [("乙片", 1)]),
    ],
)
def test_the_rule_decides_between_ballots_of_one_household(
    tmp_path: Path, rule: str, kept: list[tuple[str, int]]
) -> None:
    assert answers(imported(write_csv(tmp_path / "a.csv", TWICE), make_map(rule=rule)), "q1") == kept


def test_the_report_names_dropped_rows_without_answers_or_households(tmp_path: Path) -> None:
    imported(write_csv(tmp_path / "a.csv", TWICE))
    book = load_workbook(tmp_path / "snapshot.import-report.xlsx")
    lines = [tuple(cell.value for cell in row) for row in book["未计入答卷 Dropped"].iter_rows(min_row=2)]
    assert [(line[0], line[2], line[4]) for line in lines] == [("a.csv", 2, "3")]
    texts = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert not texts & {"H1", *STEPS, "是", "否"}


def test_the_seal_records_the_rule_and_what_it_dropped(tmp_path: Path) -> None:
    rule = imported(write_csv(tmp_path / "a.csv", TWICE)).manifest["import_rule"]
    assert (rule["rule"], rule["rows_read"], rule["ballots"]) == ("latest", 3, 2)
    assert rule["dropped"]["second_ballot"] == 1
    assert rule["files"][0]["name"] == "a.csv"


def test_no_time_and_no_household_reaches_the_snapshot(tmp_path: Path) -> None:
    snapshot = imported(write_csv(tmp_path / "a.csv"))
    written = b"".join(path.read_bytes() for path in snapshot.folder.rglob("*.parquet"))
    assert b"H1" not in written
    assert set(snapshot.ballot_columns()) == {
        "ballot_id", "target", "stratum", "mode", "randomised", "item_q1", "item_q2",
    }  # fmt: skip


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", TWICE)
    seen = []
    for name in ("one", "two"):
        report = import_files([path], make_map(), tmp_path / name)
        seen.append((report.snapshot_sha256, report.report_file.read_bytes()))
    assert seen[0] == seen[1]


def test_a_folder_that_holds_something_is_not_overwritten(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv")
    imported(path)
    with pytest.raises(FileExistsError):
        import_files([path], make_map(), tmp_path / "snapshot")


def test_the_long_form_gives_the_same_ballots_as_the_wide_form(tmp_path: Path) -> None:
    long = [
        (*row[:4], item, row[column])
        for row in ROWS
        for item, column in (("服务", 4), ("态度", 5))
        if row[column]
    ]
    columns = {**MAP["columns"], "item": "题目", "answer": "答案"}
    items = {"q1": {"value": "服务", **MAP["items"]["q1"]}, "q2": {"value": "态度", **MAP["items"]["q2"]}}
    path = write_csv(tmp_path / "long.csv", long, (*HEADER[:4], "题目", "答案"))
    from_long = ballots(imported(path, make_map(layout="long", columns=columns, items=items)))
    assert from_long == ballots(imported(write_csv(tmp_path / "wide.csv")))


def test_a_scheme_gives_labels_codes_and_instrument(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", header=(*HEADER[:-1], "q2"))
    map_ = make_map(instrument=None, items=None)
    report = import_files([path], map_, tmp_path / "s", scheme=small_questionnaire())
    assert (report.instrument, report.ballots) == ("small@1", 4)


@pytest.mark.parametrize(
    ("code", "scheme"),
    [
        ("other_instrument", {"key": "small@2"}),
        ("item_unmapped", {"items": (AskedItem("q9", "?", (("是", 1), ("否", 2))),)}),
        ("codes_not_asked", {"items": (AskedItem("q2", "?", (("满意", 4), ("一般", 3))),)}),
    ],
)
def test_a_map_must_agree_with_the_scheme(tmp_path: Path, code: str, scheme: dict[str, Any]) -> None:
    from minping_engine.snapshot.importing import find_faults

    found = find_faults([write_csv(tmp_path / "a.csv")], make_map(), small_questionnaire(**scheme))
    assert f"importing.{code}" in {problem.code for problem in found.problems}


@pytest.mark.parametrize(
    ("changes", "is_refused"),
    [
        ({"period": "banana"}, True),
        ({"period": "2019-01"}, True),
        ({"period": "2019Q1"}, False),
        ({"period": "春季", "period_kind": "quarter"}, False),
    ],
)
def test_a_period_is_named_as_the_scheme_counts(
    tmp_path: Path, changes: dict[str, Any], is_refused: bool
) -> None:
    from minping_engine.snapshot.importing import find_faults

    found = find_faults([write_csv(tmp_path / "a.csv")], make_map(**changes), small_questionnaire())
    assert ("importing.period_name" in {problem.code for problem in found.problems}) is is_refused


@pytest.mark.parametrize(("period", "outside"), [("2019Q1", 0), ("2019Q2", 4), ("2019-02", 4), ("x", 0)])
def test_answers_from_outside_the_period_are_counted_and_noted(
    tmp_path: Path, period: str, outside: int
) -> None:
    report = imported_report(tmp_path, period=period)
    noted = [problem.count for problem in report.problems if problem.code == "importing.other_days"]
    assert sum(noted) == outside
    assert report.ballots == len(ROWS)


def imported_report(folder: Path, **changes: Any) -> ImportReport:
    return import_files([write_csv(folder / "a.csv")], make_map(**changes), folder / "snapshot")


def test_only_rows_that_the_filter_names_are_taken(tmp_path: Path) -> None:
    map_ = make_map(where=[{"column": "方式", "is": ["入户"]}])
    snapshot = imported(write_csv(tmp_path / "a.csv"), map_)
    assert len(ballots(snapshot)) == 2
    assert snapshot.manifest["import_rule"]["dropped"]["where"] == 2


def test_cells_without_a_level_get_the_level_not_given(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", changed(0, "方式", ""))
    snapshot = imported(path, make_map(mode="paper", cells={"way": {"column": "方式"}}))
    levels = {row["level"]: row["label_zh"] for row in snapshot.table("cell_variables").to_pylist()}
    assert levels[3] == "未填"
    assert sorted(row["cell_way"] for row in ballots(snapshot)) == [0, 1, 2, 3]


def test_places_are_made_from_columns(tmp_path: Path) -> None:
    places = {"甲片": "东街", "乙片": "南街"}
    path = write_csv(tmp_path / "a.csv", [(*row, places[row[0]]) for row in ROWS], (*HEADER, "社区"))
    register = {"district": {"code": 350102, "name": "示范区"}, "community": {"column": "社区"}}
    snapshot = imported(path, make_map(register=register))
    parents = {row["area_id"]: row["parent_id"] for row in snapshot.table("areas").to_pylist()}
    assert parents["350102-东街-甲片"] == "350102-东街"
    assert [part.district for part in snapshot.parts] == ["350102"]


def test_a_place_whose_number_begins_like_its_parents_does_not_take_its_id(tmp_path: Path) -> None:
    rows = [("15", "H1", "", "", "是", ""), ("7", "H2", "", "", "是", "")]
    communities = {"15": "1", "7": "15"}
    path = write_csv(tmp_path / "a.csv", [(*row, communities[row[0]]) for row in rows], (*HEADER, "社区"))
    snapshot = imported(path, make_map(register={"community": {"column": "社区"}}))
    assert {"1", "15", "1-15", "15-7"} <= set(snapshot.table("areas")["area_id"].to_pylist())


def test_eligible_households_become_margins(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [(*row, "400户") for row in ROWS], (*HEADER, "户数"))
    margins = imported(path, make_map(register={"eligible_column": "户数"})).table("margins")
    assert margins["eligible"].to_pylist() == [400, 400]


def test_the_more_frequent_place_holds_where_the_map_says_so(tmp_path: Path) -> None:
    places = ("东街", "东街", "南街", "南街")
    path = write_csv(tmp_path / "a.csv", [("甲片", *row[1:], p) for row, p in zip(ROWS, places, strict=True)]
                     [:3], (*HEADER, "社区"))  # fmt: skip
    snapshot = imported(path, make_map(register={"community": {"column": "社区"}, "spread": "most"}))
    assert snapshot.table("assessees")["area_id"].to_pylist() == ["东街"]


def register_map(folder: Path, **more: str) -> ImportMap:
    (folder / "areas.csv").write_text(
        "区划代码,上级代码,级别,名称\n350102,,区,示范区\nC1,350102,社区,东街社区\nA1,C1,责任片,一片\nA2,C1,责任片,二片\n",
        "utf-8",
    )
    (folder / "targets.csv").write_text(
        "责任片,区划代码,户数,抽中户数\n甲片,A1,400,300\n乙片,A2,380,300\n", "utf-8"
    )
    return make_map(folder, registers={"areas": "areas.csv", "targets": "targets.csv", **more})


def test_registers_in_chinese_give_areas_and_the_frame(tmp_path: Path) -> None:
    snapshot = imported(write_csv(tmp_path / "a.csv"), register_map(tmp_path))
    assert snapshot.table("sample").select(["eligible", "drawn"]).to_pylist() == [
        {"eligible": 380, "drawn": 300},
        {"eligible": 400, "drawn": 300},
    ]
    assert [part.district for part in snapshot.parts] == ["350102"]


def test_postings_tell_who_answered_for_a_target_when(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("工号,姓名,所属社区代码\nW1,林甲,C1\nW2,陈乙,C1\n", "utf-8")
    (tmp_path / "postings.csv").write_text(
        "责任片,工号,起始日期,结束日期,份额\n甲片,W1,2019-01-01,2019-02-15,500\n甲片,W2,2019-02-16,,500\n乙片,W2,,,1000\n",
        "utf-8",
    )
    map_ = register_map(tmp_path, assessees="people.csv", postings="postings.csv")
    postings = imported(write_csv(tmp_path / "a.csv"), map_).table("postings").to_pylist()
    assert [(row["target"], row["assessee_id"], str(row["from_day"]), row["share"]) for row in postings] == [
        (0, "W2", "2019-01-01", 1000),
        (1, "W1", "2019-01-01", 500),
        (1, "W2", "2019-02-16", 500),
    ]


def test_several_files_make_one_snapshot(tmp_path: Path) -> None:
    one = write_csv(tmp_path / "a.csv", ROWS[:2])
    two = write_csv(tmp_path / "b.csv", ROWS[2:], encoding="gb18030")
    report = import_files([one, two], make_map(), tmp_path / "s")
    assert report.ballots == 4


def test_ballots_are_written_by_district(tmp_path: Path) -> None:
    districts = {"甲片": "350102", "乙片": "350103"}
    path = write_csv(tmp_path / "a.csv", [(*row, districts[row[0]]) for row in ROWS], (*HEADER, "区"))
    snapshot = imported(path, make_map(register={"district": {"column": "区"}}))
    assert [(part.district, part.rows) for part in snapshot.parts] == [("350102", 2), ("350103", 2)]
    assert pq.read_schema(snapshot.parts[0].path).field("item_q1").type == "int16"
