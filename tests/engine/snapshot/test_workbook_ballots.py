"""A scheme with a questionnaire: the ballots' snapshot is taken over, the workbook adds the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minping_engine.assessment.evidence_book import make_snapshot
from minping_engine.assessment.examples import read_example
from minping_engine.assessment.examples.tables import example_ballots, example_period, example_tables
from minping_engine.errors import ImportRefusedError
from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import SnapshotHead, open_snapshot, seal_snapshot
from tests.engine.snapshot.workbook_filling import filled_book

LOADED = load_scheme("gulou-worker", demo=True)
EXAMPLE = read_example(sorted((LOADED.folder / "examples").glob("*.yaml"))[0])
PERIOD = example_period(EXAMPLE, LOADED)
SOMEBODY = next(iter(EXAMPLE.assessees))


def _ballots(folder: Path, *, shared: bool = False) -> Path:
    tables: dict[str, Any] = {
        name: table for name, table in example_tables(EXAMPLE, LOADED).items() if name != "visits"
    }
    if shared:
        postings = tables["postings"]
        rows = postings.to_pylist()
        rows += [{**row, "assessee_id": SOMEBODY} for row in rows if row["assessee_id"] != SOMEBODY]
        rows += [{**row, "assessee_id": list(EXAMPLE.assessees)[1]} for row in rows[:1]]
        tables["postings"] = type(postings).from_pylist(rows, schema=postings.schema)
    head = SnapshotHead(PERIOD, "quarter", "imported", synthetic=True, import_rule={"rule": "first"})
    seal_snapshot(folder, head, tables, example_ballots(EXAMPLE, LOADED, "test"))
    return folder


def _book(tmp_path: Path, rows: dict[str, Any], loaded: LoadedScheme = LOADED) -> Path:
    return filled_book(tmp_path / "b.xlsx", loaded, rows)


def test_ballots_registers_and_what_was_done_to_them_are_taken_over(tmp_path: Path) -> None:
    base = open_snapshot(_ballots(tmp_path / "ballots"))
    visits = [{"assessee_id": SOMEBODY, "households_period": 77}]
    make_snapshot(
        _book(tmp_path, {"visits": visits}), LOADED, PERIOD, tmp_path / "made", ballots=tmp_path / "ballots"
    )
    made = open_snapshot(tmp_path / "made")

    assert [part.sha256 for part in made.parts] == [part.sha256 for part in base.parts]
    for name in ("areas", "assessees", "targets", "postings", "item_codes"):
        assert made.table(name).to_pylist() == base.table(name).to_pylist()
    assert made.table("visits").to_pylist() == [{"target": 0, "period": PERIOD, "households": 77}]
    assert made.manifest["synthetic"] is True
    assert made.manifest["import_rule"] == {"rule": "first"}


def test_a_questionnaire_without_ballots_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        make_snapshot(_book(tmp_path, {}), LOADED, PERIOD, tmp_path / "made")

    assert "snapshot.book_needs_ballots" in {problem.code for problem in caught.value.problems}


def test_ballots_of_another_period_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        make_snapshot(
            _book(tmp_path, {}), LOADED, "1999Q1", tmp_path / "made", ballots=_ballots(tmp_path / "ballots")
        )

    assert [problem.code for problem in caught.value.problems] == ["snapshot.book_other_period"]


def test_visits_of_somebody_who_shares_every_target_are_refused(tmp_path: Path) -> None:
    ballots = _ballots(tmp_path / "ballots", shared=True)
    visits = [{"assessee_id": SOMEBODY, "households_period": 77}]
    with pytest.raises(ImportRefusedError) as caught:
        make_snapshot(_book(tmp_path, {"visits": visits}), LOADED, PERIOD, tmp_path / "made", ballots=ballots)

    (problem,) = caught.value.problems
    assert (problem.code, problem.place.row) == ("snapshot.book_no_own_target", 3)


def test_a_row_of_the_workbook_completes_an_area_that_came_with_the_ballots(tmp_path: Path) -> None:
    ballots = _ballots(tmp_path / "ballots")
    (area, *_) = [
        row for row in open_snapshot(ballots).table("areas").to_pylist() if row["area_id"] == SOMEBODY
    ]
    book = _book(tmp_path, {"areas": [{**area, "area_class": "B"}]})
    make_snapshot(book, LOADED, PERIOD, tmp_path / "made", ballots=ballots)
    classes = {
        row["area_id"]: row["area_class"]
        for row in open_snapshot(tmp_path / "made").table("areas").to_pylist()
    }

    assert classes[SOMEBODY] == "B"
    assert len(classes) == open_snapshot(ballots).table("areas").num_rows
