"""Measures beside ballots are exact, complete and deaf to the order of rows (ADR 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.evidence import (
    EarlierOutcome,
    GroupMarks,
    MarkSums,
    appraisal_sums,
    case_groups,
    earlier_outcomes,
    fact_values,
)
from minping_engine.snapshot import Snapshot, SnapshotHead, open_snapshot, seal_snapshot, write_parquet
from minping_engine.snapshot.schema import BY_NAME, arrow_schema
from minping_engine.terms import Status

Rows = Sequence[Mapping[str, Any]]


def table_of(name: str, rows: Rows) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], arrow_schema(BY_NAME[name]))


def as_written(folder: Path, name: str, table: pa.Table) -> Snapshot:
    """A snapshot whose file has the rows in the order given: sealing would sort them."""
    write_parquet(table, folder / f"{name}.parquet")
    return Snapshot(folder, {"files": [{"path": f"{name}.parquet"}]})


def snapshot_of(folder: Path, name: str, rows: Rows) -> Snapshot:
    return as_written(folder, name, table_of(name, rows))


def mark(assessee: str, rater: int, item: str, marks_milli: int, **other: str) -> dict[str, Any]:
    row = {"assessee_id": assessee, "rater": rater, "item": item, "marks_milli": marks_milli}
    return row | {"rater_group": "residents"} | other


def case(number: int, assessee: str = "W1", **other: Any) -> dict[str, Any]:
    return {"case_id": number, "assessee_id": assessee} | other


# Appraisals


def test_marks_are_summed_by_assessee_group_and_item(tmp_path: Path) -> None:
    rows = [
        mark("W2", 1, "duty", 9_500),
        mark("W1", 1, "duty", 10_000, rater_kind="party_member"),
        mark("W1", 2, "duty", 8_000, rater_kind="ordinary_resident"),
        mark("W1", 3, "duty", 8_000, rater_kind="ordinary_resident"),
        mark("W1", 1, "care", 500, rater_kind="party_member"),
        mark("W1", 1, "duty", 7_000, rater_group="street"),
    ]
    made = appraisal_sums(snapshot_of(tmp_path, "appraisals", rows))
    assert made["W1"]["residents"] == GroupMarks(
        raters=3,
        by_kind={"ordinary_resident": 2, "party_member": 1},
        items={
            "care": MarkSums(1, 1, 500, ((500, 1),)),
            "duty": MarkSums(3, 3, 26_000, ((8_000, 2), (10_000, 1))),
        },
    )
    assert made["W1"]["street"] == GroupMarks(1, {}, {"duty": MarkSums(1, 1, 7_000, ((7_000, 1),))})
    assert [*made] == ["W1", "W2"]


def test_raters_of_unknown_kind_are_raters_without_a_kind(tmp_path: Path) -> None:
    rows = [mark("W1", 1, "duty", 1), mark("W1", 2, "duty", 2, rater_kind="unit")]
    group = appraisal_sums(snapshot_of(tmp_path, "appraisals", rows))["W1"]["residents"]
    assert (group.raters, group.by_kind) == (2, {"unit": 1})


def test_sums_do_not_run_over_64_bits(tmp_path: Path) -> None:
    rows = [mark("W1", rater, "duty", 2**62) for rater in range(3)]
    group = appraisal_sums(snapshot_of(tmp_path, "appraisals", rows))["W1"]["residents"]
    assert group.items["duty"].s_milli == 3 * 2**62


# Facts


def test_facts_are_exact_numbers_or_texts(tmp_path: Path) -> None:
    rows = [
        {"assessee_id": "W1", "fact": "visits", "value_milli": 12_333},
        {"assessee_id": "W1", "fact": "honour", "text": "市级"},
        {"assessee_id": "W0", "fact": "change", "value_milli": -1},
    ]
    made = fact_values(snapshot_of(tmp_path, "facts", rows))
    assert made == {
        "W0": {"change": Fraction(-1, 1000)},
        "W1": {"honour": "市级", "visits": Fraction(12_333, 1000)},
    }
    assert [*made] == ["W0", "W1"]


# Earlier outcomes


def outcome(period: str, scheme: str = "a@1", **other: Any) -> dict[str, Any]:
    return {"period": period, "scheme": scheme, "assessee_id": "W1", "status": "assessed"} | other


def test_earlier_outcomes_come_in_the_order_of_time(tmp_path: Path) -> None:
    periods = ["2020Q1", "2019-12", "2020", "2019Q4", "pilot"]
    snapshot = snapshot_of(tmp_path, "earlier_outcomes", [outcome(period) for period in periods])
    found = [one.period for one in earlier_outcomes(snapshot, None)]
    assert found == ["pilot", "2019-12", "2019Q4", "2020Q1", "2020"]


def test_an_earlier_outcome_brings_score_grade_and_events_as_sealed(tmp_path: Path) -> None:
    row = outcome("2020Q1", score_micro=92_500_000, grade="good", grade_step=2, events="yellow late_report")
    made = earlier_outcomes(snapshot_of(tmp_path, "earlier_outcomes", [row]), None)
    events = ("yellow", "late_report")
    assert made == [EarlierOutcome("2020Q1", "a@1", "W1", 92_500_000, "good", 2, Status.ASSESSED, events)]


@pytest.mark.parametrize(
    ("asked", "found"),
    [(["a@1"], ["a@1"]), (["a"], ["a@1", "a@2"]), ([], []), (None, ["a@1", "a@2", "ab@1"])],
)
def test_outcomes_are_chosen_by_version_or_by_scheme(
    tmp_path: Path, asked: list[str] | None, found: list[str]
) -> None:
    rows = [outcome("2020Q1", scheme) for scheme in ("ab@1", "a@2", "a@1")]
    made = earlier_outcomes(snapshot_of(tmp_path, "earlier_outcomes", rows), asked)
    assert [one.scheme for one in made] == found


# All of them


def every_table() -> dict[str, list[dict[str, Any]]]:
    """A few rows of each table, with ties and empty cells."""
    kinds = ("unit", None, "party_member")
    marks = [
        mark(
            f"W{number % 2}", number % 5, f"i{number % 3}", number % 4 * 500, rater_group=f"g{number % 7 % 2}"
        )
        | {"rater_kind": kinds[number % 5 % 3]}
        for number in range(12)
    ]
    cases = [
        case(number, f"W{number % 3}", closed=(0, 1, None)[number % 3], source=("a", None)[number % 2])
        for number in range(12)
    ]
    facts = [{"assessee_id": f"W{n % 2}", "fact": f"f{n}", "value_milli": n * 7} for n in range(6)]
    earlier = [outcome(f"2020-{1 + n % 4:02d}", f"s{n}@1", score_micro=n) for n in range(8)]
    return {"appraisals": marks, "cases": cases, "facts": facts, "earlier_outcomes": earlier}


def all_measures(snapshots: Mapping[str, Snapshot]) -> str:
    """As text, so that the order inside the structures counts too."""
    made: tuple[object, ...] = (
        appraisal_sums(snapshots["appraisals"]),
        case_groups(snapshots["cases"], ["source", "closed"], None),
        fact_values(snapshots["facts"]),
        earlier_outcomes(snapshots["earlier_outcomes"], None),
    )
    return repr(made)


def _measured(tables: Mapping[str, Rows]) -> str:
    with TemporaryDirectory() as folder:
        return all_measures({name: snapshot_of(Path(folder), name, rows) for name, rows in tables.items()})


STRAIGHT = _measured(every_table())


@settings(max_examples=30, deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(chance: Any) -> None:
    tables = every_table()
    for rows in tables.values():
        chance.shuffle(rows)
    assert _measured(tables) == STRAIGHT


def test_a_snapshot_without_these_tables_measures_nothing(tmp_path: Path) -> None:
    empty = Snapshot(tmp_path, {"files": []})
    assert all_measures(dict.fromkeys(every_table(), empty)) == "({}, {}, {}, [])"


def test_sealing_and_opening_changes_no_measure(tmp_path: Path) -> None:
    tables = {name: table_of(name, rows) for name, rows in every_table().items()}
    seal_snapshot(tmp_path / "sealed", SnapshotHead("2020Q4", "quarter", "test"), tables, [])
    assert all_measures(dict.fromkeys(tables, open_snapshot(tmp_path / "sealed"))) == STRAIGHT
