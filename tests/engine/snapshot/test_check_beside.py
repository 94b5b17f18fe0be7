"""Tables beside ballots that break their contract are told everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from minping_engine.errors import Problem
from minping_engine.snapshot import check_tables
from minping_engine.snapshot.schema import BY_NAME, arrow_schema

Row = dict[str, Any]
MORNING, NOON = (datetime(2020, 3, 1, hour) for hour in (8, 12))  # noqa: DTZ001 - local time by contract
MARK: Row = {
    "assessee_id": "W1",
    "rater_group": "residents",
    "rater": 7,
    "item": "duty",
    "marks_milli": 9_500,
}
FACT: Row = {"assessee_id": "W1", "fact": "visits", "value_milli": 12_000}
CASE: Row = {
    "case_id": 1,
    "assessee_id": "W1",
    "source": "hotline",
    "attributed_to": "community",
    "created_at": MORNING,
    "closed_at": NOON,
    "called_back_at": NOON,
    "closed": 1,
    "reworked": 0,
    "satisfaction": "满意",
}
OUTCOME: Row = {
    "period": "2020Q1",
    "scheme": "grid@2",
    "assessee_id": "A1",
    "score_micro": 92_000_000,
    "grade": "good",
    "grade_step": 2,
    "status": "assessed",
    "events": "yellow veto",
}
SOUND: Mapping[str, Row] = {"appraisals": MARK, "facts": FACT, "cases": CASE, "earlier_outcomes": OUTCOME}
FLAGS = [column.name for column in BY_NAME["cases"].columns if column.type == pa.int8()]


def table_of(name: str, rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), arrow_schema(BY_NAME[name]))


def checked(**rows: Sequence[Row]) -> tuple[Problem, ...]:
    """Faults of the sound tables with some of them replaced."""
    worker = {"assessee_id": "W1", "kind": "community_worker", "name": "测试", "area_id": "A1"}
    every = {name: [row] for name, row in SOUND.items()} | {"assessees": [worker]} | rows
    return check_tables({name: table_of(name, of_table) for name, of_table in every.items()})


def found(problems: Sequence[Problem]) -> list[tuple[str, str, str]]:
    return [
        (problem.code.removeprefix("snapshot."), problem.place.file, problem.place.column)
        for problem in problems
    ]


def test_sound_tables_beside_ballots_have_no_faults() -> None:
    assert checked() == ()


@pytest.mark.parametrize("name", SOUND)
def test_tables_beside_ballots_are_optional(name: str) -> None:
    assert not BY_NAME[name].required


@pytest.mark.parametrize(
    ("code", "table", "column", "changes"),
    [
        ("unknown_reference", "appraisals", "assessee_id", {"assessee_id": "nobody"}),
        ("unknown_reference", "facts", "assessee_id", {"assessee_id": "nobody"}),
        ("unknown_reference", "cases", "assessee_id", {"assessee_id": "nobody"}),
        ("unknown_word", "cases", "attributed_to", {"attributed_to": "nobody"}),
        ("unknown_word", "earlier_outcomes", "status", {"status": "perhaps"}),
        ("out_of_range", "appraisals", "marks_milli", {"marks_milli": -1}),
        ("out_of_range", "appraisals", "marks_milli", {"marks_milli": 10**9 + 1}),
        ("out_of_range", "cases", "reworked", {"reworked": -1}),
        ("out_of_range", "earlier_outcomes", "grade_step", {"grade_step": 0}),
        ("loose_text", "appraisals", "item", {"item": "duty "}),
        ("loose_text", "facts", "fact", {"fact": "　visits"}),
        ("loose_text", "cases", "satisfaction", {"satisfaction": ""}),
        ("loose_text", "earlier_outcomes", "events", {"events": " yellow"}),
        ("case_before_intake", "cases", "closed_at", {"created_at": NOON, "closed_at": MORNING}),
        ("case_before_intake", "cases", "called_back_at", {"created_at": NOON, "called_back_at": MORNING}),
        ("no_scheme_version", "earlier_outcomes", "scheme", {"scheme": "grid"}),
        ("fact_not_one", "facts", "", {"text": "市级"}),
        ("fact_not_one", "facts", "", {"value_milli": None}),
    ],
)
def test_a_fault_is_named_with_its_table_and_column(code: str, table: str, column: str, changes: Row) -> None:
    assert found(checked(**{table: [SOUND[table] | changes]})) == [(code, f"{table}.parquet", column)]


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("value", [2, -1])
def test_a_flag_is_yes_no_or_not_known(flag: str, value: int) -> None:
    assert found(checked(cases=[CASE | {flag: value}])) == [("out_of_range", "cases.parquet", flag)]
    assert checked(cases=[CASE | {flag: None}]) == ()


@pytest.mark.parametrize(
    ("table", "column", "limit"),
    [
        ("appraisals", "marks_milli", 0),
        ("appraisals", "marks_milli", 10**9),
        ("facts", "value_milli", -1),
        ("earlier_outcomes", "grade_step", 1),
    ],
)
def test_a_value_at_its_limit_is_allowed(table: str, column: str, limit: int) -> None:
    assert checked(**{table: [SOUND[table] | {column: limit}]}) == ()


@pytest.mark.parametrize("table", SOUND)
def test_a_key_stands_once(table: str) -> None:
    problems = checked(**{table: [SOUND[table], SOUND[table]]})
    assert [problem.code for problem in problems] == ["snapshot.duplicate_key"]


def test_a_rater_is_of_one_kind_whoever_is_marked() -> None:
    other = MARK | {"item": "care", "rater_kind": "unit"}
    assert found(checked(appraisals=[MARK, other])) == [
        ("rater_of_two_kinds", "appraisals.parquet", "rater_kind")
    ]
    assert checked(appraisals=[MARK | {"rater_kind": "unit"}, other]) == ()


def test_the_same_number_in_another_group_is_another_rater() -> None:
    other = MARK | {"rater_group": "street", "rater_kind": "unit"}
    assert checked(appraisals=[MARK, other]) == ()


def test_all_faults_of_all_tables_are_told_at_once_with_their_number() -> None:
    problems = checked(
        appraisals=[MARK | {"marks_milli": -5, "rater": rater} for rater in (1, 2)],
        facts=[FACT | {"value_milli": None}],
        cases=[CASE | {"urgent": 9, "source": " ", "assessee_id": "nobody"}],
        earlier_outcomes=[OUTCOME | {"scheme": "x", "status": "y"}],
    )
    assert sorted((problem.code.removeprefix("snapshot."), problem.count) for problem in problems) == [
        ("fact_not_one", 1),
        ("loose_text", 1),
        ("no_scheme_version", 1),
        ("out_of_range", 1),
        ("out_of_range", 2),
        ("unknown_reference", 1),
        ("unknown_word", 1),
    ]


def test_an_earlier_outcome_may_be_of_an_area_that_nobody_here_answers_for() -> None:
    """Schemes of other levels assess communities and streets."""
    assert checked(earlier_outcomes=[OUTCOME | {"assessee_id": "990101001"}]) == ()


def test_optional_columns_may_be_left_out() -> None:
    tables = {
        name: table_of(name, [row]).select([c.name for c in BY_NAME[name].columns if not c.nullable])
        for name, row in SOUND.items()
    }
    assert [problem.code for problem in check_tables(tables)] == ["snapshot.fact_not_one"]


def test_times_keep_their_type_in_a_file_and_zones_are_refused(tmp_path: Path) -> None:
    """Parquet knows no seconds, so times come back finer than they were written."""
    cases = table_of("cases", [CASE])
    pq.write_table(cases, tmp_path / "cases.parquet")
    again = pq.read_table(tmp_path / "cases.parquet")
    assert check_tables({"cases": again}) == ()
    zoned = again["created_at"].cast(pa.timestamp("ms", "Asia/Shanghai"))
    changed = again.set_column(again.column_names.index("created_at"), "created_at", zoned)
    assert [problem.code for problem in check_tables({"cases": changed})] == ["snapshot.column_type"]


@pytest.mark.parametrize("cells", [[[1]], [1.5], [True]], ids=str)
@pytest.mark.parametrize("table", SOUND)
def test_columns_of_wrong_types_are_faults_and_no_crash(table: str, cells: list[Any]) -> None:
    for number, column in enumerate(BY_NAME[table].columns):
        wrong = table_of(table, [SOUND[table]]).set_column(number, column.name, pa.array(cells))
        faults = found(check_tables({table: wrong}))
        assert ("column_type", f"{table}.parquet", column.name) in faults
