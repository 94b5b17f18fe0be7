"""Every fault of a spreadsheet is named with file, row and column, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from minping_engine.snapshot.importing import ImportMap
from tests.engine.snapshot.factory import (
    HEADER,
    MAP,
    ROWS,
    STEPS,
    changed,
    faults,
    make_map,
    write_csv,
    write_xlsx,
)

AREAS = "area_id,level,name\n350102,district,示范区\nA1,责任片,甲片\n"


@dataclass(frozen=True)
class Broken:
    """A broken input: how to write it, with which map, and what must be said of it."""

    write: Callable[[Path], Path]
    row: int
    column: str = ""
    params: tuple[tuple[str, object], ...] = ()
    map: dict[str, Any] | None = None


def csv(*args: Any, **options: Any) -> Callable[[Path], Path]:
    return lambda folder: write_csv(folder / "a.csv", *args, **options)


def raw(data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "a.csv").write_bytes(data)
        return folder / "a.csv"

    return write


def workbook(change: Callable[[Any], None]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with xlsxwriter.Workbook(str(folder / "a.xlsx")) as book:
            sheet = book.add_worksheet("答卷")
            for number, cells in enumerate((HEADER, *ROWS)):
                sheet.write_row(number, 0, cells)
            change(sheet)
        return folder / "a.xlsx"

    return write


def with_register(folder: Path) -> Path:
    (folder / "areas.csv").write_text(AREAS, "utf-8")
    (folder / "targets.csv").write_text("target,area_id\n甲片,A1\n", "utf-8")
    return write_csv(folder / "a.csv")


BROKEN = {
    "unknown_target": Broken(
        with_register,
        4,
        "责任片",
        (("value", "乙片"), ("near", "甲片")),
        {"registers": {"areas": "areas.csv", "targets": "targets.csv"}},
    ),
    "unknown_answer": Broken(
        csv(changed(2, "态度", "满意度高")), 4, "态度", (("item", "q2"), ("near", "满意"))
    ),
    "out_of_range": Broken(csv(changed(1, "态度", "7")), 3, "态度", (("value", "7"),)),
    "missing_column": Broken(csv(header=(*HEADER[:-1], "态  度2")), 0, "态度", (("near", "态 度2"),)),
    "bad_date": Broken(csv(changed(3, "提交时间", "1/8/2019")), 5, "提交时间", (("value", "1/8/2019"),)),
    "household_missing": Broken(csv(changed(0, "户号", "")), 2, "户号"),
    "target_missing": Broken(csv(changed(1, "责任片", " ")), 3, "责任片"),
    "unknown_mode": Broken(csv(changed(0, "方式", "飞鸽")), 2, "方式", (("value", "飞鸽"),)),
    "duplicate_header": Broken(csv(header=(*HEADER[:-2], "态度", "态度")), 0, "态度"),
    "empty_file": Broken(raw(b" \n"), 0),
    "no_rows": Broken(csv(()), 0),
    "mixed_encodings": Broken(
        raw("责任片,户号\n甲片,H1\n乙片,H2\n".encode() + "甲片,H3\n".encode("gb18030")), 4
    ),
    "formula_cells": Broken(
        workbook(lambda sheet: sheet.write_formula("F4", "=F3", value="满意")), 4, "态度", (("cell", "F4"),)
    ),
    "merged_cells": Broken(
        workbook(lambda sheet: sheet.merge_range("A2:A3", "甲片")), 2, "责任片", (("cells", "A2:A3"),)
    ),
    "ragged_rows": Broken(
        raw(("责任片,户号\n" + "甲片,H1\n" * 30 + "甲片,H2,多\n").encode()), 32, params=(("columns", 2),)
    ),
    "no_sheet": Broken(lambda folder: write_xlsx(folder / "a.xlsx"), 0, map={"reading": {"sheet": "汇总"}}),
    "wrong_encoding": Broken(
        csv(encoding="gb18030"), 1, params=(("encoding", "utf-8"),), map={"reading": {"encoding": "utf-8"}}
    ),
    "unknown_level": Broken(
        csv(),
        3,
        "方式",
        (("value", "电话"),),
        {"cells": {"way": {"column": "方式", "levels": {"入户": 1, "短信": 2}}}},
    ),
    "target_spread": Broken(
        csv(), 2, "服务", (("target", "甲片"),), {"register": {"community": {"column": "服务"}}}
    ),
    "not_a_count": Broken(
        csv(tuple((*row, "很多") for row in ROWS), (*HEADER, "户数")),
        2,
        "户数",
        (("value", "很多"),),
        {"register": {"eligible_column": "户数"}},
    ),
    "where_leaves_nothing": Broken(csv(), 0, map={"where": [{"column": "方式", "is": "信鸽"}]}),
    "bad_district": Broken(
        csv(), 0, params=(("value", "a/b"),), map={"register": {"district": {"code": "a/b", "name": "区"}}}
    ),
    "no_period": Broken(csv(), 0, map={"period": None}),
    "no_instrument": Broken(csv(), 0, map={"instrument": None}),
    "item_without_codes": Broken(csv(), 0, map={"items": {"q1": {"column": "服务"}}}),
    "no_ballot_column": Broken(
        csv(),
        0,
        map={
            "layout": "long",
            "columns": {"target": "责任片", "item": "服务", "answer": "态度"},
            "items": {"q1": {"value": "是", "labels": STEPS}},
        },
    ),
    "unknown_item": Broken(
        csv(),
        3,
        "服务",
        (("value", "否"),),
        {
            "layout": "long",
            "columns": {"target": "责任片", "household": "户号", "item": "服务", "answer": "态度"},
            "items": {"q1": {"value": "是", "labels": STEPS}},
        },
    ),
}


def map_of(broken: Broken, folder: Path) -> ImportMap:
    return make_map(folder, **(broken.map or {}))


@pytest.mark.parametrize("fault", sorted(BROKEN))
def test_the_fault_is_named_with_its_place_and_nothing_is_written(fault: str, tmp_path: Path) -> None:
    broken = BROKEN[fault]
    path = broken.write(tmp_path)
    problem = faults(path, map_of(broken, tmp_path))[f"importing.{fault}"]
    assert (problem.place.row, problem.place.column) == (broken.row, broken.column)
    assert dict(broken.params).items() <= problem.params.items()


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    rows = changed(0, "态度", "9")
    rows = (*rows[:1], ("甲片", "", "昨天", "飞鸽", "也许", "满意"), *rows[2:])
    assert set(faults(write_csv(tmp_path / "a.csv", rows))) == {
        "importing.out_of_range",
        "importing.household_missing",
        "importing.bad_date",
        "importing.unknown_mode",
        "importing.unknown_answer",
    }


def test_a_fault_that_repeats_is_told_once_with_its_count(tmp_path: Path) -> None:
    rows = tuple((*row[:5], "超好") for row in ROWS)
    problem = faults(write_csv(tmp_path / "a.csv", rows))["importing.unknown_answer"]
    assert (problem.place.row, problem.count) == (2, len(ROWS))


def test_a_formula_in_a_column_that_is_not_used_stops_nothing(tmp_path: Path) -> None:
    from tests.engine.snapshot.factory import answers, imported

    path = workbook(lambda sheet: (sheet.write("G1", "备注"), sheet.write_formula("G2", "=1+1", value=2)))(
        tmp_path
    )
    assert len(answers(imported(path), "q1")) == len(ROWS)


def test_an_answer_twice_in_one_ballot_of_the_long_form_is_a_fault(tmp_path: Path) -> None:
    rows = [("甲片", "H1", "q1", "是"), ("甲片", "H1", "q1", "否")]
    map_ = make_map(
        layout="long",
        columns={"target": "片", "household": "户", "item": "题", "answer": "答"},
        mode=None,
        items={"q1": MAP["items"]["q1"]},
    )
    path = write_csv(tmp_path / "a.csv", rows, ("片", "户", "题", "答"))
    assert faults(path, map_)["importing.answered_twice"].place.row == 3


def test_a_register_reference_that_leads_nowhere_is_a_fault(tmp_path: Path) -> None:
    path = with_register(tmp_path)
    (tmp_path / "targets.csv").write_text("target,area_id\n甲片,A1\n乙片,A9\n", "utf-8")
    map_ = make_map(tmp_path, registers={"areas": "areas.csv", "targets": "targets.csv"})
    assert faults(path, map_)["snapshot.unknown_reference"].params["value"] == "A9"
