"""What a worked example says, written into a workbook, comes to the same result."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_engine.assessment import assess
from minping_engine.assessment.evidence_book import make_snapshot
from minping_engine.assessment.examples import example_result, read_example
from minping_engine.assessment.examples.tables import example_ballots, example_period, example_tables
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import library_folder, load_scheme, scheme_ids
from minping_engine.snapshot import SnapshotHead, check_snapshot, open_snapshot, seal_snapshot
from tests.engine.snapshot.workbook_filling import filled_book, rows_of_tables

COMPARED = ("outcomes", "nodes", "measures", "bonus_and_deductions", "proposals")
READY = [name for name in scheme_ids() if not load_scheme(name, demo=True).scheme.disabled]
EVERY = [
    pytest.param(name, path.stem, id=f"{name}-{path.stem}")
    for name in ("baotaqiao-grid",)
    for path in sorted((library_folder() / name / "examples").glob("*.yaml"))
]
FIRST = [
    pytest.param(name, sorted((library_folder() / name / "examples").glob("*.yaml"))[0].stem, id=name)
    for name in READY
    if name != "baotaqiao-grid"
]


@pytest.mark.parametrize(("scheme", "example"), EVERY + FIRST)
def test_a_workbook_with_an_examples_facts_brings_the_examples_scores(
    scheme: str, example: str, tmp_path: Path
) -> None:
    loaded = load_scheme(scheme, demo=True)
    told = read_example(loaded.folder / "examples" / f"{example}.yaml")
    period, tables = example_period(told, loaded), example_tables(told, loaded)
    book = filled_book(tmp_path / "book.xlsx", loaded, rows_of_tables(tables, loaded, period))
    ballots = None
    if loaded.scheme.instruments:
        ballots = tmp_path / "ballots"
        head = SnapshotHead(period, loaded.scheme.period.kind.value, "test", synthetic=True)
        asked = ("areas", "assessees", "targets", "postings", "item_codes", "sample")
        known = {name: tables[name] for name in asked if name in tables}
        seal_snapshot(ballots, head, known, example_ballots(told, loaded, "test"))

    make_snapshot(book, loaded, period, tmp_path / "snapshot", ballots=ballots)

    assert check_snapshot(tmp_path / "snapshot") == (check_snapshot(ballots) if ballots else ())
    snapshot = open_snapshot(tmp_path / "snapshot")
    made = assess(snapshot, loaded, tmp_path / "out", scheduler_named("serial"))
    expected = example_result(told, loaded, "test")
    for table in COMPARED:
        assert made[table].to_pylist() == expected[table].to_pylist(), table
