"""A snapshot that breaks its contract is told everything that is wrong with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from minping_engine.errors import Problem
from minping_engine.snapshot import (
    BallotPart,
    SnapshotHead,
    arrow_schema,
    check_snapshot,
    open_snapshot,
    put_in_place,
    seal_snapshot,
)
from minping_engine.snapshot.check import check_tables
from minping_engine.snapshot.schema import BY_NAME
from tests.engine.snapshot.factory import imported, make_map, write_csv

Change = Callable[[pa.Table], pa.Table]


def sound(folder: Path) -> Path:
    map_ = make_map(cells={"way": {"column": "方式"}})
    return imported(write_csv(folder / "a.csv"), map_).folder


def resealed(folder: Path, table: str, change: Change) -> tuple[Problem, ...]:
    """Check a snapshot like the sound one, but with one table changed before sealing."""
    snapshot = open_snapshot(sound(folder))
    names = [path.stem for path in snapshot.folder.glob("*.parquet")]
    tables = {name: snapshot.table(name) for name in names}
    part = snapshot.parts[0]
    ballots = pq.read_table(part.path, partitioning=None)
    if table == "ballots":
        ballots = change(ballots)
    else:
        tables[table] = change(tables.get(table, arrow_schema(BY_NAME[table]).empty_table()))
    parts = [BallotPart(part.instrument, part.district, ballots)]
    seal_snapshot(folder / "changed", SnapshotHead("2019Q1", "quarter", "test"), tables, parts)
    return check_snapshot(folder / "changed")


def put(name: str, value: object) -> Change:
    """Change the first row's cell of a column."""

    def change(table: pa.Table) -> pa.Table:
        cells = [value, *table[name].to_pylist()[1:]]
        field = table.schema.field(name)
        return table.set_column(table.column_names.index(name), field, pa.array(cells, field.type))

    return change


def twice(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table.slice(0, 1)])


def frame(eligible: int, drawn: int) -> Change:
    row = {"target": 0, "stratum": 0, "eligible": eligible, "drawn": drawn}
    return lambda table: pa.Table.from_pylist([row], table.schema)


@pytest.mark.parametrize(
    ("code", "table", "change"),
    [
        ("unknown_target", "ballots", put("target", 99)),
        ("unknown_code", "ballots", put("item_q1", 9)),
        ("unknown_level", "ballots", put("cell_way", 77)),
        ("unknown_mode", "ballots", put("mode", 42)),
        ("duplicate_ballot", "ballots", twice),
        ("unknown_reference", "targets", put("area_id", "nowhere")),
        ("duplicate_key", "assessees", twice),
        ("unknown_word", "areas", put("level", "kingdom")),
        ("bad_share", "postings", put("share", 1001)),
        ("drawn_exceeds", "sample", frame(10, 11)),
    ],
)
def test_a_broken_table_is_named(tmp_path: Path, code: str, table: str, change: Change) -> None:
    assert [problem.code for problem in resealed(tmp_path, table, change)] == [f"snapshot.{code}"]


def test_a_sound_snapshot_has_no_faults(tmp_path: Path) -> None:
    assert check_snapshot(sound(tmp_path)) == ()


def test_bytes_changed_after_sealing_are_found(tmp_path: Path) -> None:
    folder = sound(tmp_path)
    (folder / "extra.txt").write_text("x")
    pq.write_table(pq.read_table(folder / "areas.parquet").slice(0, 1), folder / "areas.parquet")
    (folder / "item_codes.parquet").unlink()
    codes = {problem.code for problem in check_snapshot(folder)}
    assert {"snapshot.file_changed", "snapshot.file_extra", "snapshot.file_missing"} <= codes


def test_a_folder_without_a_seal_is_no_snapshot(tmp_path: Path) -> None:
    folder = sound(tmp_path)
    shutil.move(folder / "snapshot.json", tmp_path)
    assert [problem.code for problem in check_snapshot(folder)] == ["snapshot.not_a_snapshot"]


def test_missing_and_mistyped_columns_are_both_told(tmp_path: Path) -> None:
    targets = open_snapshot(sound(tmp_path)).table("targets")
    broken = targets.drop_columns(["subject"]).set_column(0, "target", pc.cast(targets["target"], pa.int64()))
    codes = [problem.code for problem in check_tables({"targets": broken})]
    assert codes == ["snapshot.column_missing", "snapshot.column_type"]


def test_areas_that_lie_in_each_other_are_found() -> None:
    rows = [
        {"area_id": "a", "parent_id": "b", "level": "grid", "name": "a"},
        {"area_id": "b", "parent_id": "a", "level": "grid", "name": "b"},
    ]
    areas = pa.Table.from_pylist(rows, arrow_schema(BY_NAME["areas"]))
    assert [problem.code for problem in check_tables({"areas": areas})] == ["snapshot.area_circle"]


def test_shares_of_one_person_at_one_target_add_up_to_the_whole_at_most(tmp_path: Path) -> None:
    def twice(postings: pa.Table) -> pa.Table:
        again = postings.to_pylist()[0] | {"from_day": date(2019, 2, 1), "share": 1}
        return pa.concat_tables([postings, pa.Table.from_pylist([again], schema=postings.schema)])

    assert {problem.code for problem in resealed(tmp_path, "postings", twice)} == {"snapshot.bad_share"}


@pytest.mark.parametrize("key", ["period", "period_kind", "synthetic", "files"])
def test_a_manifest_that_lacks_a_part_is_broken_not_a_crash(tmp_path: Path, key: str) -> None:
    folder = sound(tmp_path)
    manifest = json.loads((folder / "snapshot.json").read_text("utf-8"))
    del manifest[key]
    (folder / "snapshot.json").write_text(json.dumps(manifest), "utf-8")
    assert [problem.code for problem in check_snapshot(folder)] == ["snapshot.broken_manifest"]


def test_a_folder_that_is_replaced_is_never_deleted_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is killed while deleting must not leave half a result under its name."""
    for name in ("out", "partial"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    standing: list[str] = []

    def deleted(path: Path, **_: object) -> None:
        standing.append((tmp_path / "out" / "file").read_text())
        assert path != tmp_path / "out"

    monkeypatch.setattr("minping_engine.snapshot.seal.shutil.rmtree", deleted)
    put_in_place(tmp_path / "partial", tmp_path / "out")
    assert standing == ["out", "partial"]
