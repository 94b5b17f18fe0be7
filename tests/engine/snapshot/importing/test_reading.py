"""Files as firms send them are read alike, whatever their kind and encoding."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from minping_engine.snapshot.importing import RawTable, read_raw
from minping_engine.snapshot.importing.raw import ReadingOptions
from tests.engine.snapshot.factory import HEADER, ROWS, answers, imported, write_csv, write_xlsx

EXPECTED = [("乙片", 1, 3), ("乙片", 3, 2), ("甲片", 1, 4), ("甲片", 2, 5)]


def one(path: Path, **options: object) -> RawTable:
    tables = read_raw(path, ReadingOptions(**options))  # type: ignore[arg-type]
    assert len(tables) == 1
    return tables[0]


def codes(table: RawTable) -> list[str]:
    return [problem.code for problem in table.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_gives_the_same_ballots_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert answers(imported(write_csv(tmp_path / "a.csv", encoding=encoding)), "q1", "q2") == EXPECTED


def test_a_workbook_gives_the_same_ballots(tmp_path: Path) -> None:
    assert answers(imported(write_xlsx(tmp_path / "a.xlsx")), "q1", "q2") == EXPECTED


def test_parquet_gives_the_same_ballots(tmp_path: Path) -> None:
    columns = dict(zip(HEADER, (list(column) for column in zip(*ROWS, strict=True)), strict=True))
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    assert answers(imported(tmp_path / "a.parquet"), "q1", "q2") == EXPECTED


def test_a_gzipped_csv_gives_the_same_ballots(tmp_path: Path) -> None:
    plain = write_csv(tmp_path / "a.csv")
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert answers(imported(packed), "q1", "q2") == EXPECTED


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    path = write_csv(tmp_path / "a.csv")
    path.write_text(path.read_text("utf-8").replace(",", delimiter), "utf-8")
    assert one(path).names == HEADER


def test_a_title_row_is_skipped_and_rows_keep_their_spreadsheet_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "2019年第一季度居民满意度调查\n\n" + write_csv(tmp_path / "b.csv").read_text("utf-8"), "utf-8"
    )
    table = one(path)
    assert (table.skipped_rows, table.header_rows, table.first_row) == (2, 1, 4)


def test_blank_lines_between_rows_do_not_shift_row_numbers(tmp_path: Path) -> None:
    lines = write_csv(tmp_path / "b.csv").read_text("utf-8").splitlines()
    path = tmp_path / "a.csv"
    path.write_text("\n".join([*lines[:2], "", *lines[2:]]), "utf-8")
    table = one(path)
    assert table.cells.column("户号").to_pylist() == ["H1", None, "H2", "H3", "H4"]
    assert table.row_number(2) == 4


def test_two_header_rows_of_a_csv_are_joined(tmp_path: Path) -> None:
    rows = [("", "", "服务", "态度"), *[("甲片", f"H{n}", "满意", str(n % 5 + 1)) for n in range(9)]]
    table = one(write_csv(tmp_path / "a.csv", rows, ("责任片", "户号", "满意度", "")))
    assert table.names == ("责任片", "户号", "满意度 / 服务", "满意度 / 态度")


def test_question_texts_below_item_codes_belong_to_the_header(tmp_path: Path) -> None:
    rows = [("您满意服务吗", "您满意态度吗"), *[("5", str(n % 5 + 1)) for n in range(9)]]
    assert one(write_csv(tmp_path / "a.csv", rows, ("q1", "q2"))).header_rows == 2


def test_the_first_data_row_is_not_taken_for_a_header(tmp_path: Path) -> None:
    rows = [("KC", "", "district", "City"), *[(f"K{n}", "KC", "community", f"Place {n}") for n in range(6)]]
    assert one(write_csv(tmp_path / "a.csv", rows, ("id", "parent", "level", "name"))).cells.num_rows == 7


def test_merged_header_cells_of_a_workbook_name_their_group(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:D1", "满意度调查汇总")
        sheet.merge_range("A2:A3", "责任片")
        sheet.merge_range("B2:B3", "户号")
        sheet.merge_range("C2:D2", "满意度")
        sheet.write_row("C3", ["服务", "态度"])
        for row in range(4):
            sheet.write_row(3 + row, 0, ["甲片", f"H{row}", "满意", 5])
    table = one(path)
    assert table.names == ("责任片", "户号", "满意度 / 服务", "满意度 / 态度")
    assert table.first_row == 4
    assert codes(table) == []


def test_what_the_options_fix_is_not_guessed(tmp_path: Path) -> None:
    table = one(write_csv(tmp_path / "a.csv"), skip_rows=1, header_rows=1)
    assert table.names[0] == "甲片"


def test_empty_rows_at_the_end_are_no_data(tmp_path: Path) -> None:
    table = one(write_csv(tmp_path / "a.csv", [*ROWS, ("",) * 6, ("  ",) * 6]))
    assert table.cells.num_rows == len(ROWS)


def test_whole_numbers_of_a_workbook_have_no_decimal_point(tmp_path: Path) -> None:
    table = one(write_xlsx(tmp_path / "a.xlsx", [(1, 5.0), (2, 4)], ("户号", "q1")))
    assert table.cells.column("q1").to_pylist() == ["5", "4"]


def test_a_file_that_is_no_workbook_is_named_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("no workbook")
    assert codes(one(path)) == ["importing.unreadable"]


def test_a_line_break_inside_quotes_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('户号,备注\n1,"第一行\n第二行"\n2,好\n', "utf-8")
    assert one(path).cells.num_rows == 2


def test_rows_of_mixed_encoding_are_counted_with_their_first_place(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", encoding="gb18030")
    path.write_bytes(path.read_bytes() + "甲片,H9,,入户,是,满意\r\n".encode() * 2)
    (problem,) = one(path).problems
    assert (problem.code, problem.place.row, problem.count) == ("importing.mixed_encodings", 6, 2)
