"""The kernel against a slow, exact oracle, and what must never change its sums."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import RefusedError, SnapshotError
from minping_engine.evidence import collect_evidence, evidence_spec, scheduler_named
from minping_engine.evidence.kernel import Task, reduce_part
from minping_engine.evidence.spec import CellSpec, EvidenceSpec, ItemSpec
from minping_engine.evidence.sql import layout_for
from minping_engine.scheme import load_scheme
from tests.oracle import Sums, sums_of
from tests.rounds import GOOD, Ballot, Round, ballots_table, seal

SCHEME = load_scheme("gulou-worker")
SPEC = evidence_spec(SCHEME)

codes = {
    "q1": [1, 2, 3, None, 9],
    "q2": [1, 2, 3, None],
    "q3": [1, 2, 3, 4, 5, None, 0],
    "q4": [1, 5, None],
    "q5": [5, None],
}
ballots = st.builds(
    Ballot,
    target=st.integers(0, 3),
    answers=st.fixed_dictionaries({item: st.sampled_from(values) for item, values in codes.items()}),
    mode=st.sampled_from([0, 1, 2, 3, 7]),
    stratum=st.integers(0, 2),
    randomised=st.integers(0, 1),
    cells=st.fixed_dictionaries({"tenure": st.integers(0, 1), "age": st.integers(0, 3)}),
)


def reduced(folder: Path, round_: Round, spec: EvidenceSpec = SPEC) -> Sums:
    """Evidence of a round, keyed as the oracle's."""
    snapshot = seal(round_, folder / "snapshot")
    part = snapshot.parts[0]
    home = reduce_part(Task(part.path, part.sha256, spec, folder / "evidence"))
    sums: Sums = {}
    for row in pq.read_table(home / "cells.parquet").to_pylist():
        key = (row["target"], row["stratum"], row["mode"], spec.variables[row["variable"]])
        n, s, ss = sums.get(key, (0, 0, 0))
        sums[key] = (n + row["n"], s + row["s"], ss + row["ss"])
    return sums


@settings(max_examples=25, deadline=None)
@given(st.lists(ballots, min_size=1, max_size=60))
def test_sums_equal_those_of_an_exact_scorer(
    tmp_path_factory: pytest.TempPathFactory, given_ballots: list[Ballot]
) -> None:
    round_ = Round(given_ballots, cells={"tenure": 2, "age": 4})
    assert reduced(tmp_path_factory.mktemp("kernel"), round_) == sums_of(given_ballots, SCHEME)


@settings(max_examples=10, deadline=None)
@given(st.lists(ballots, min_size=1, max_size=60))
def test_cells_divide_the_same_sums(
    tmp_path_factory: pytest.TempPathFactory, given_ballots: list[Ballot]
) -> None:
    divided = replace(SPEC, frame_cells=(CellSpec("tenure", 2),), ballot_cells=(CellSpec("age", 4),))
    round_ = Round(given_ballots, cells={"tenure": 2, "age": 4})
    assert reduced(tmp_path_factory.mktemp("kernel"), round_, divided) == sums_of(given_ballots, SCHEME)


def test_each_cell_is_found_again_by_its_levels(tmp_path: Path) -> None:
    spec = replace(
        SPEC, frame_cells=(CellSpec("tenure", 2),), ballot_cells=(CellSpec("age", 4), CellSpec("sex", 2))
    )
    cells = {"tenure": 2, "age": 4, "sex": 2}
    ballot = Ballot(cells={"tenure": 1, "age": 3, "sex": 0}, stratum=5, mode=3, randomised=1)
    snapshot = seal(Round([ballot], cells=cells), tmp_path / "s")
    part = snapshot.parts[0]
    home = reduce_part(Task(part.path, part.sha256, spec, tmp_path / "e"))
    row = pq.read_table(home / "cells.parquet").to_pylist()[0]
    levels = (row["stratum"], row["frame_cell"], row["calib_cell"], row["mode"], row["randomised"])
    assert levels == (5, 1, 3 * 2 + 0, 3, 1)


@settings(max_examples=10, deadline=None)
@given(st.lists(ballots, min_size=1, max_size=60))
def test_evidence_is_sorted_by_key_and_each_key_stands_once(
    tmp_path_factory: pytest.TempPathFactory, given_ballots: list[Ballot]
) -> None:
    spec = replace(SPEC, frame_cells=(CellSpec("tenure", 2),), ballot_cells=(CellSpec("age", 4),))
    folder = tmp_path_factory.mktemp("sorted")
    part = seal(Round(given_ballots, cells={"tenure": 2, "age": 4}), folder / "s").parts[0]
    home = reduce_part(Task(part.path, part.sha256, spec, folder / "e"))
    keys = [tuple(row.values())[:7] for row in pq.read_table(home / "cells.parquet").to_pylist()]
    assert keys == sorted(set(keys))


def test_a_ballot_out_of_range_is_counted_with_its_reason(tmp_path: Path) -> None:
    given_ballots = [Ballot(answers={**GOOD, "q1": 9}), Ballot(answers={"q1": 1}), Ballot(mode=7), Ballot()]
    snapshot = seal(Round(given_ballots), tmp_path / "s")
    part = snapshot.parts[0]
    home = reduce_part(Task(part.path, part.sha256, SPEC, tmp_path / "e"))
    rejected = {row["reason"]: row["n"] for row in pq.read_table(home / "rejected.parquet").to_pylist()}
    assert rejected == {1: 1, 2: 1, 3: 1}


def test_a_ballot_without_a_single_answer_is_incomplete(tmp_path: Path) -> None:
    empty = Ballot(answers=dict.fromkeys(GOOD))
    assert reduced(tmp_path, Round([empty, Ballot()] * 3000)) == sums_of([Ballot()] * 3000, SCHEME)


def test_prorating_rounds_half_up_in_thousandths(tmp_path: Path) -> None:
    """Three unequal items: 20 of 70 possible points, of 90 in all, are 25.7142857."""
    spec = EvidenceSpec(
        "gulou-worker@1",
        (
            ItemSpec("q1", ((1, 20000), (2, 0))),
            ItemSpec("q2", ((1, 50000), (2, 0))),
            ItemSpec("q3", ((5, 20000),)),
        ),
        2,
        (1,),
    )
    sums = reduced(tmp_path, Round([Ballot(answers={"q1": 1, "q2": 2})]), spec)
    assert sums[(0, 0, 1, "total")] == (1, 25714, 25714**2)


def test_points_with_three_decimals_get_a_number_of_their_own_for_squares(tmp_path: Path) -> None:
    spec = replace(SPEC, items=(ItemSpec("q1", ((1, 19999), (2, 1), (3, 7))), *SPEC.items[1:]))
    assert not layout_for(spec, 1000).joined
    given_ballots = [Ballot(answers={**GOOD, "q1": code}) for code in (1, 2, 3, 1)]
    sums = reduced(tmp_path, Round(given_ballots), spec)
    values = [19999, 1, 7, 19999]
    assert sums[(0, 0, 1, "q1")] == (4, sum(values), sum(value * value for value in values))


def test_sums_that_could_overflow_are_refused_with_the_remedy() -> None:
    with pytest.raises(RefusedError, match="Split the district"):
        layout_for(SPEC, 10**12)


def test_a_missing_item_column_is_named(tmp_path: Path) -> None:
    snapshot = seal(Round([Ballot()]), tmp_path / "s")
    part = snapshot.parts[0]
    spec = replace(SPEC, items=(*SPEC.items, ItemSpec("q6", ((1, 20000),))))
    with pytest.raises(SnapshotError, match="item_q6"):
        reduce_part(Task(part.path, part.sha256, spec, tmp_path / "e"))


@pytest.mark.parametrize(
    ("ballot", "column"),
    [
        (Ballot(mode=-1), "mode"),
        (Ballot(stratum=-1), "stratum"),
        (Ballot(target=-1), "target"),
        (Ballot(randomised=2), "randomised"),
        (Ballot(cells={"tenure": 2}), "cell_tenure"),
    ],
)
def test_values_that_would_run_into_the_next_field_are_refused(
    tmp_path: Path, ballot: Ballot, column: str
) -> None:
    spec = replace(SPEC, frame_cells=(CellSpec("tenure", 2),))
    part = seal(Round([Ballot(), ballot], cells={"tenure": 2}), tmp_path / "s").parts[0]
    with pytest.raises(SnapshotError, match=f"column {column}"):
        reduce_part(Task(part.path, part.sha256, spec, tmp_path / "e"))


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("item_q1", pa.array(["好"])),
        ("item_q1", pa.array([1.4])),
        ("mode", pa.array(["1"])),
        ("mode", pa.array([None], pa.int8())),
        ("target", pa.array([None], pa.int32())),
        ("stratum", None),
    ],
)
def test_columns_that_are_no_whole_codes_are_refused_not_dropped(
    tmp_path: Path, column: str, cells: pa.Array | None
) -> None:
    table = ballots_table(Round([Ballot()]), SCHEME).drop_columns([column])
    if cells is not None:
        table = table.append_column(column, cells)
    pq.write_table(table, tmp_path / "part-0.parquet")
    with pytest.raises(SnapshotError, match=column):
        reduce_part(Task(tmp_path / "part-0.parquet", "", SPEC, tmp_path / "e"))


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.null()])
def test_row_groups_odd_paths_and_widths_of_columns_change_no_sum(tmp_path: Path, kind: pa.DataType) -> None:
    given_ballots = [Ballot(answers={**GOOD, "q1": None if pa.types.is_null(kind) else 2})] * 50
    table = ballots_table(Round(given_ballots), SCHEME)
    number = table.schema.get_field_index("item_q1")
    table = table.set_column(number, "item_q1", pa.array(table["item_q1"].to_pylist(), kind))
    path = tmp_path / "a[1] *?'" / "part-0.parquet"
    path.parent.mkdir()
    pq.write_table(table, path, row_group_size=7)
    home = reduce_part(Task(path, "", SPEC, tmp_path / "e"))
    made = {
        (0, 0, 1, SPEC.variables[row["variable"]]): (row["n"], row["s"], row["ss"])
        for row in pq.read_table(home / "cells.parquet").to_pylist()
    }
    assert made == sums_of(given_ballots, SCHEME)


def test_codes_at_the_ends_of_their_type_are_out_of_range_not_points(tmp_path: Path) -> None:
    given_ballots = [Ballot(answers={**GOOD, "q1": code}) for code in (-32768, -1, 32767, 1)]
    assert reduced(tmp_path, Round(given_ballots)) == sums_of(given_ballots[3:], SCHEME)


def test_a_manifest_that_a_killed_run_left_half_written_is_made_again(tmp_path: Path) -> None:
    snapshot = seal(Round([Ballot()]), tmp_path / "s")
    evidence = collect_evidence(snapshot, SPEC, tmp_path / "e", scheduler_named("serial"))
    manifest = evidence.districts[0].folder / "manifest.json"
    whole = manifest.read_bytes()
    for damaged in (b"", whole[:40], b"[]", b"{}"):
        manifest.write_bytes(damaged)
        collect_evidence(snapshot, SPEC, tmp_path / "e", scheduler_named("serial"))
        assert manifest.read_bytes() == whole


def test_schedulers_write_equal_bytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    given_ballots = [
        Ballot(target=int(rng.integers(0, 4)), answers={**GOOD, "q3": int(rng.integers(1, 6))})
        for _ in range(200)
    ]
    snapshot = seal(Round(given_ballots), tmp_path / "s")
    made = {}
    for name in ("serial", "processes"):
        evidence = collect_evidence(snapshot, SPEC, tmp_path / name, scheduler_named(name))
        made[name] = {path.name: path.read_bytes() for path in evidence.districts[0].folder.iterdir()}
    assert made["serial"] == made["processes"]


def test_evidence_of_the_same_bytes_is_not_made_twice(tmp_path: Path) -> None:
    snapshot = seal(Round([Ballot()]), tmp_path / "s")
    collect_evidence(snapshot, SPEC, tmp_path / "e", scheduler_named("serial"))
    seen: list[int] = []
    collect_evidence(
        snapshot, SPEC, tmp_path / "e", scheduler_named("serial"), lambda done, total: seen.append(total)
    )
    assert seen == []


def test_ballots_of_another_instrument_are_named(tmp_path: Path) -> None:
    snapshot = seal(Round([Ballot()], instrument="other@2"), tmp_path / "s")
    with pytest.raises(SnapshotError, match="other@2"):
        collect_evidence(snapshot, SPEC, tmp_path / "e", scheduler_named("serial"))


def test_an_unknown_scheduler_names_the_known_ones() -> None:
    with pytest.raises(RefusedError, match="serial, processes"):
        scheduler_named("cloud")
