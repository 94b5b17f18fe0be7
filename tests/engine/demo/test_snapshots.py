"""Sealed quarters, the truth beside them, and the copied districts for measuring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from minping_engine.demo import DemoParameters, District, seal_many_districts, seal_quarter, write_truth
from minping_engine.demo.many import district_name
from minping_engine.demo.parameters import QUARTERS
from minping_engine.snapshot import TABLES, arrow_schema, check_snapshot, open_snapshot

TELLING = {
    "worker_effect", "expected_direct", "true_score", "predictor", "posted_effect", "difficulty",
    "community_effect", "area_effect", "latent", "all", "willing", "balanced_draw",
}  # fmt: skip


@pytest.fixture(scope="module")
def sealed(little: District, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    seal_quarter(little, "2020Q4", folder / "snapshot", truth=folder / "truth")
    write_truth(little, folder / "truth")
    return folder


def truth(folder: Path, name: str) -> dict[str, np.ndarray]:
    table = pq.read_table(folder / "truth" / f"{name}.parquet")
    return {column: table[column].to_numpy() for column in table.column_names}


def test_a_sealed_quarter_opens_and_says_that_it_is_synthetic(sealed: Path):
    manifest = open_snapshot(sealed / "snapshot").manifest
    assert (manifest["synthetic"], manifest["period"], manifest["period_kind"]) == (True, "2020Q4", "quarter")


def test_a_sealed_quarter_brings_every_table_but_the_history_it_was_not_given(sealed: Path):
    snapshot = open_snapshot(sealed / "snapshot")
    missing = [table.name for table in TABLES if table.name != "ballots" and not snapshot.has(table.name)]
    beside = ["appraisals", "facts", "cases", "earlier_outcomes"]
    assert missing == ["costs", "history", "earlier_cells", *beside]


def test_every_level_of_a_cell_variable_that_ballots_carry_has_a_label(sealed: Path):
    snapshot = open_snapshot(sealed / "snapshot")
    labelled = {(row["variable"], row["level"]) for row in snapshot.table("cell_variables").to_pylist()}
    ballots = pq.read_table(snapshot.parts[0].path, partitioning=None)
    names = [name for name in ballots.column_names if name.startswith("cell_")]
    used = {(name.removeprefix("cell_"), level) for name in names for level in ballots[name].to_pylist()}
    assert used == labelled


def test_the_sealed_quarter_keeps_the_contract(sealed: Path):
    assert check_snapshot(sealed / "snapshot") == ()


def test_history_is_passed_on(little: District, tmp_path: Path):
    table = next(table for table in TABLES if table.name == "history")
    row = {
        "period": "2019Q1", "level": "district", "subject_id": "320106", "variable": "total", "n": 1,
        "estimate": 90.2, "se": 0.1, "se_fpc": 0.1, "scheme": "gulou-worker@2019.1",
    }  # fmt: skip
    history = arrow_schema(table).empty_table().from_pylist([row], schema=arrow_schema(table))
    seal_quarter(little, "2019Q2", tmp_path / "s", {"history": history})
    assert open_snapshot(tmp_path / "s").table("history").to_pylist() == [row]


def test_one_seed_seals_the_same_snapshot(little: District, tmp_path: Path):
    assert seal_quarter(little, "2019Q1", tmp_path / "a") == seal_quarter(little, "2019Q1", tmp_path / "b")


def test_every_posting_names_an_assessee_and_a_target_of_the_snapshot(sealed: Path):
    snapshot = open_snapshot(sealed / "snapshot")
    people = set(snapshot.table("assessees")["assessee_id"].to_pylist())
    targets = set(snapshot.table("targets")["target"].to_pylist())
    assert set(snapshot.table("postings")["assessee_id"].to_pylist()) == people
    assert set(snapshot.table("postings")["target"].to_pylist()) == targets


def test_the_snapshot_holds_nothing_of_the_truth(sealed: Path):
    told = {name for path in (sealed / "truth").glob("*.parquet") for name in pq.read_schema(path).names}
    snapshot = open_snapshot(sealed / "snapshot")
    seen = {name for table in TABLES for name in snapshot.table(table.name).column_names}
    assert told >= TELLING
    assert not TELLING & seen


def test_ballots_carry_no_household_and_no_time(sealed: Path):
    columns = open_snapshot(sealed / "snapshot").ballot_columns()
    assert [name for name in columns if not name.startswith(("cell_", "item_"))] == [
        "ballot_id", "target", "stratum", "mode", "randomised",
    ]  # fmt: skip


def test_the_truth_tells_every_worker_of_every_quarter(sealed: Path, little: District):
    workers = truth(sealed, "workers")
    posted = [len({row.person for row in quarter}) for quarter in little.staff.postings]
    assert [int((workers["period"] == quarter).sum()) for quarter in QUARTERS] == posted


def test_the_truth_marks_the_one_balanced_draw(sealed: Path, little: District):
    workers = truth(sealed, "workers")
    assert set(workers["assessee_id"][workers["balanced_draw"]]) == {
        little.staff.person_id(little.staff.story)
    }


def test_the_truth_tells_every_parameter_with_unit_and_meaning(sealed: Path):
    knobs = truth(sealed, "parameters")
    assert set(DemoParameters.__dataclass_fields__) | {"seed"} == set(knobs["name"])
    assert (knobs["unit"] != "").all()
    assert (knobs["about"] != "").all()


def test_the_predictor_is_the_sum_of_its_parts(sealed: Path):
    targets = truth(sealed, "targets")
    parts = sum(targets[f"{name}_effect"] for name in ("posted", "community", "area"))
    assert np.allclose(parts + targets["level"] + targets["difficulty"], targets["predictor"])


def test_realised_scores_lie_near_the_expected_ones(sealed: Path):
    realised = truth(sealed, "realised-2020Q4")
    targets = truth(sealed, "targets")
    expected = targets["expected_direct"][targets["period"] == "2020Q4"]
    assert np.abs(realised["willing"] - expected).max() < 4 * 12 / np.sqrt(300)


def test_copied_districts_have_the_same_ballots_under_their_own_numbers(tmp_path: Path):
    seal_many_districts(tmp_path / "many", 3, DemoParameters.small(), seed=2)
    snapshot = open_snapshot(tmp_path / "many")
    parts = [pq.read_table(part.path, partitioning=None) for part in snapshot.parts]
    assert [part.district for part in snapshot.parts] == [district_name(number) for number in range(3)]
    sizes = [np.unique(part["target"].to_numpy(), return_counts=True)[1] for part in parts]
    assert [set(size.tolist()) for size in sizes] == [{300}] * 3
    ids = np.concatenate([part["ballot_id"].to_numpy() for part in parts])
    assert np.unique(ids).size == ids.size
    assert parts[0]["item_q1"].equals(parts[2]["item_q1"])


def test_copied_districts_share_no_area_and_no_person(tmp_path: Path):
    seal_many_districts(tmp_path / "many", 2, DemoParameters.small(), seed=2)
    snapshot = open_snapshot(tmp_path / "many")
    for table, column in (("areas", "area_id"), ("assessees", "assessee_id"), ("targets", "target")):
        values = snapshot.table(table)[column].to_pylist()
        assert len(set(values)) == len(values)
