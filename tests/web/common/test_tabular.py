"""Tables in and out: headings are told apart, cells keep their values, a template is empty."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_web.common.problems import lines
from minping_web.common.tabular import (
    Column,
    TableSpec,
    choice,
    day,
    decimal_number,
    export_csv,
    export_xlsx,
    read_table,
    template_xlsx,
    text,
    whole,
)
from minping_web.common.tabular.columns import CellError, fold

SPEC = TableSpec(
    "things",
    "物件",
    "Things",
    (
        Column("code", "编号", "Code", text(20), required=True, example="A1"),
        Column("first", "开始日期", "Valid from", day()),
        Column("last", "结束日期", "Valid to", day()),
        Column("count", "数量", "Count", whole(0, 100), secret=True),
        Column("share", "比例", "Share", decimal_number("0", "1", places=2), options=("0.1", "0.2")),
    ),
)


def written(folder: Path, content: bytes, name: str = "things.csv") -> Path:
    """A file."""
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("Valid from", "Valid to", False),
        ("编号 *", "编号", True),
        ("编号（必填）", "编号", True),
        ("Parent code", "parent_code", True),
        ("Parent", "Parent code", False),
    ],
)
def test_headings_are_equal_but_for_marks_and_spaces(one: str, other: str, equal: bool) -> None:
    assert (fold(one) == fold(other)) is equal


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("write", "name"), [(export_csv, "t.csv"), (export_xlsx, "t.xlsx")])
def test_what_goes_out_comes_back(tmp_path: Path, language: str, write, name: str) -> None:  # type: ignore[no-untyped-def]
    rows = [{"code": "=1+1", "count": 7, "share": Decimal("0.25")}, {"code": "-𠮷", "count": None}]
    table = read_table(written(tmp_path, write(SPEC, rows, language), name), SPEC)
    assert table.problems == []
    assert [row.values["code"] for row in table.rows] == ["=1+1", "-𠮷"]
    assert [row.values["share"] for row in table.rows] == [Decimal("0.25"), None]


def test_a_template_has_headings_and_no_row(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, template_xlsx(SPEC), "t.xlsx"), SPEC)
    assert [problem.code for problem in table.problems] == ["importing.no_rows"]
    assert table.rows == []
    assert table.columns == ("code", "first", "last", "count", "share")


def test_a_csv_export_cannot_run_a_formula() -> None:
    out = export_csv(SPEC, [{"code": "=cmd|'/c calc'!A0"}]).decode("utf-8-sig")
    assert "\r\n'=cmd" in out


def test_a_formula_in_a_workbook_is_a_fault(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["编号", "数量"])
        sheet.write_string(1, 0, "A")
        sheet.write_formula(1, 1, "=1+1", value=2)
    assert read_table(tmp_path / "f.xlsx", SPEC).refused


def test_a_secret_cell_does_not_stand_in_a_problem(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "编号,数量\nA,13800000000x\n".encode()), SPEC)
    (problem,) = table.problems
    assert "13800000000" not in str(problem.params)
    assert problem.place.row == 2


def test_labels_that_begin_alike_are_told_apart() -> None:
    read = choice(
        {"Low-income households": 1, "Low-income persons": 2, "甲类（商品房）": 3, "A (one)": 4, "A (two)": 5}
    )
    assert [read("low-income persons"), read("甲类"), read("甲类（商品房）"), read("A (two)")] == [2, 3, 3, 5]
    with pytest.raises(CellError):
        read("A")


@pytest.mark.parametrize("cell", ["a\x00b", "a\x07b", "a\ud800b"])
def test_characters_that_no_database_holds_are_refused(cell: str) -> None:
    with pytest.raises(CellError):
        text(20)(cell)


@pytest.mark.parametrize("cell", ["1e5", "NaN", "0.123", "2", "1,5.5.", "--1"])
def test_numbers_that_are_none_or_too_fine_are_refused(cell: str) -> None:
    with pytest.raises(CellError):
        decimal_number("0", "1", places=2)(cell)


@given(st.text(max_size=30))
def test_readers_return_a_value_or_a_cell_error(cell: str) -> None:
    for read in (text(10), whole(), decimal_number(), day(), choice({"是": True})):
        try:
            read(cell)
        except CellError as error:
            assert error.code.startswith("table.")  # noqa: PT017  (a value is as good)


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 50, b"PK\x03\x04broken", "编号\n".encode("utf-16"), b"\xff\xff\xff"]
)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_broken_files_have_problems_or_no_rows(tmp_path: Path, content: bytes, name: str) -> None:
    table = read_table(written(tmp_path, content, name), SPEC)
    assert table.refused or table.rows == []


def test_a_problem_names_columns_and_choices_in_the_language_of_the_reader(tmp_path: Path) -> None:
    spec = TableSpec("t", "表", "T", (
        Column("code", "编号", "Code", text(9), required=True),
        Column("kind", "类别", "Kind", choice({"片": 1, "Piece": 1, "田": 1, "piece_key": 1})),
    ))  # fmt: skip
    table = read_table(written(tmp_path, "编号,类别\nA,园\nA,片\n".encode()), spec)
    english, chinese = ([line.what for line in lines(table.problems, spoken)] for spoken in ("en", "zh"))
    assert english == ["“园” is not one of: Piece.", "The same Code stands already in row 2."]
    assert chinese == ["“园”不在可选范围内：片。", "编号与第 2 行重复。"]


def test_a_column_is_found_by_its_aliases(tmp_path: Path) -> None:
    spec = TableSpec("t", "表", "T", (Column("area", "责任片编号", "Area", aliases=("责任田编号",)),), key=())
    table = read_table(written(tmp_path, "责任田编号\nA\n".encode()), spec)
    assert [row.values for row in table.rows] == [{"area": "A"}]
