"""Files of units: what is refused, what is noticed, what becomes of odd encodings and of garbage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minping_web.frames.imports import CheckContext, Checked, check_file, rows_of
from tests.web.frames import factory

CODES = ("A001", "A002")
CONTEXT = CheckContext(frozenset(CODES), frozenset({*CODES, "C900"}), frozenset({factory.phone(77)}))
HOUSE = {
    "area": "A001", "house": "和平里1号", "building": "1号楼", "kind": "家庭户", "instrument": "中青年居民",
    "rater": "业主", "special": "", "phone": factory.phone(1), "address": "和平里1号",
}  # fmt: skip


def line(**values: str) -> list[str]:
    return list((HOUSE | values).values())


def check(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig") -> Checked:
    file = path / "units.csv"
    file.write_bytes(factory.csv_bytes(rows, encoding))
    return check_file(file, CONTEXT, name="住户.csv")


def codes(checked: Checked) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for problem in checked.findings.first():
        found.setdefault(problem.code, []).append(problem.place.row)
    return found


def test_a_clean_file_becomes_units_with_normal_phones(tmp_path: Path) -> None:
    checked = check(tmp_path, [line(phone="+86 100-0000-0001"), line(house="乙", phone="（025）83230000")])
    assert not checked.findings.refused
    assert [unit.phone for unit in rows_of(checked)] == ["10000000001", "02583230000"]


def test_every_fault_is_named_with_row_and_column_at_once(tmp_path: Path) -> None:
    faults = [
        line(),
        line(house="b", area="X999"),
        line(house="c", area="C900"),
        line(house="d", phone="12345"),
        line(house="e", kind="宠物"),
        line(),
        line(house="", phone=""),
        line(house="f", instrument="驻区单位"),
        line(house="长" * 61),
    ]
    checked = check(tmp_path, faults)
    assert codes(checked) == {
        "frame.area_unknown": [3], "frame.area_not_open": [4], "frame.phone_invalid": [5],
        "table.not_in_list": [6], "frame.house_twice": [7], "table.cell_empty": [8],
        "frame.kind_mismatch": [9], "table.too_long": [10],
        "frame.phone_shared": [2, 3, 4, 6, 7, 9, 10],
    }  # fmt: skip
    assert {
        problem.place.column for problem in checked.findings.first() if problem.code == "frame.phone_invalid"
    } == {"联系电话"}


def test_identity_numbers_are_refused_wherever_they_stand(tmp_path: Path) -> None:
    checked = check(
        tmp_path, [line(address="和平里 11010519491231002X 张"), line(house="b", phone="110105194912310021")]
    )
    assert codes(checked)["frame.id_number"] == [2]
    assert "11010519491231002X" not in str(checked.report())


def test_a_column_of_birth_dates_is_refused_by_its_heading(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("责任片编号,门牌编号,出生日期\nA001,1号,1950-01-01\n", encoding="utf-8")
    assert "frame.column_forbidden" in check_file(file, CONTEXT, name="x.csv").findings.errors


def test_shared_phones_and_phones_of_staff_are_notices_not_errors(tmp_path: Path) -> None:
    shared = [line(house=f"h{n}", phone=factory.phone(5)) for n in range(4)]
    three = [line(house=f"t{n}", phone=factory.phone(6)) for n in range(3)]
    checked = check(tmp_path, [*shared, *three, line(house="staff", phone=factory.phone(77))])
    assert not checked.findings.refused
    assert checked.findings.counts == {"frame.phone_shared": 4, "frame.phone_of_staff": 1}


def test_problems_hold_no_phone_and_no_address(tmp_path: Path) -> None:
    checked = check(tmp_path, [line(phone="1381234", address="秘" * 201)])
    said = str(checked.report())
    assert "1381234" not in said
    assert "秘" not in said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_rare_characters_survive_every_encoding(tmp_path: Path, encoding: str) -> None:
    checked = check(tmp_path, [line(house="𠮷𣲗里8号", address="㙍头巷㛃号")], encoding)
    (unit,) = rows_of(checked)
    assert (unit.house_code, unit.address) == ("𠮷𣲗里8号", "㙍头巷㛃号")


def test_all_faults_are_counted_while_five_hundred_are_listed(tmp_path: Path) -> None:
    checked = check(tmp_path, [line(house=f"h{n}", area="X1") for n in range(700)])
    assert checked.findings.counts["frame.area_unknown"] == 700
    assert len(checked.report()["problems"]) == 500


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400), ending=st.sampled_from([".csv", ".xlsx", ".txt"]))
def test_garbage_is_refused_and_never_crashes(tmp_path: Path, content: bytes, ending: str) -> None:
    file = tmp_path / f"garbage{ending}"
    file.write_bytes(content)
    assert check_file(file, CONTEXT, name="garbage").findings.refused


CELL = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELL, min_size=9, max_size=9), max_size=6))
def test_any_cells_give_a_report_and_only_clean_rows_come_through(
    tmp_path: Path, rows: list[list[str]]
) -> None:
    checked = check(tmp_path, [line(house="anchor"), *rows])
    if not checked.findings.refused:
        assert all(unit.area_code in CODES and unit.house_code for unit in rows_of(checked))
