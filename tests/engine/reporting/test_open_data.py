"""Open data: no person, no thin number, and nothing that leads to one (S28, D12, G1)."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from minping_engine.assessment import assess
from minping_engine.disclosure import Protected, Reason, compare_releases
from minping_engine.disclosure.intervals import Work
from minping_engine.errors import RefusedError
from minping_engine.evidence import scheduler_named
from minping_engine.reporting import OpenDataReport, OpenDataRound, write_open_data
from minping_engine.reporting.open_data.releases import protected_release
from minping_engine.reporting.open_data.rows import FILES
from minping_engine.scheme import load_scheme
from minping_engine.snapshot import (
    BallotPart,
    SnapshotHead,
    open_snapshot,
    read_parquet,
    seal_snapshot,
)
from tests.engine.reporting.quarters import Quarters, small_quarters
from tests.rounds import COMMUNITY, GOOD, POOR, Ballot, Round, seal

OTHER = "990101001002"


@pytest.fixture(scope="module")
def quarters(tmp_path_factory: pytest.TempPathFactory) -> Quarters:
    return small_quarters(tmp_path_factory.mktemp("quarters"), 1)


@pytest.fixture(scope="module")
def written(quarters: Quarters, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, OpenDataReport]:
    folder = tmp_path_factory.mktemp("open")
    return folder, write_open_data(demo_round(quarters), folder)


def demo_round(quarters: Quarters) -> OpenDataRound:
    return OpenDataRound(quarters.results[0], quarters.scheme, quarters.snapshots[0])


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def own_round(folder: Path, ballots: list[Ballot], workers: int = 3) -> OpenDataRound:
    """A community of `workers` people, each with a target; all ballots where they say."""
    scheme = load_scheme("gulou-worker", demo=True)
    people = {f"W{number}": [(number, 1000)] for number in range(workers)}
    snapshot = seal(Round(ballots, workers=people), folder / "snapshot", scheme)
    out = folder / "result"
    out.mkdir()
    result = assess(snapshot, scheme, out, scheduler_named("serial", 1), clock=lambda: 0.0)
    return OpenDataRound(result, scheme, snapshot)


def mixed(target: int, good: int, poor: int) -> list[Ballot]:
    return [Ballot(target, GOOD, 1 + number % 2) for number in range(good)] + [
        Ballot(target, POOR, 1 + number % 2) for number in range(poor)
    ]


def test_no_name_and_no_id_of_a_person_leaves_the_house(
    quarters: Quarters, written: tuple[Path, OpenDataReport]
) -> None:
    """G1: no ranking of persons, no worker in the files."""
    folder, _ = written
    scores = quarters.results[0]["scores"]
    people = {*scores["assessee_id"].to_pylist(), *scores["name"].to_pylist()}
    text = "".join(file.read_text("utf-8") for file in folder.iterdir() if file.suffix != ".parquet")
    assert [name for name in people if name in text] == []
    assert not any("rank" in column for columns in FILES.values() for column in columns)


def test_no_shown_number_is_that_of_fewer_than_ten_ballots(written: tuple[Path, OpenDataReport]) -> None:
    folder, report = written
    rows = [row for name in ("ballots", "answers") for row in rows_of(folder, name)]
    shown = [int(row["ballots"]) for row in rows if row["ballots"]]
    assert [n for n in shown if 0 < n < 10] == []
    assert sum(report.hidden.values()) > 0, "the demonstration has thin answers"


def test_a_hidden_number_is_empty_and_says_why(written: tuple[Path, OpenDataReport]) -> None:
    folder, _ = written
    rows = rows_of(folder, "answers")
    assert all((row["ballots"] == "") == (row["hidden"] != "") for row in rows)
    assert {row["hidden"] for row in rows} >= {"", "few", "complement"}


def test_hidden_ballots_keep_an_interval_of_ten(written: tuple[Path, OpenDataReport]) -> None:
    assert written[1].narrowest_ballots is not None
    assert written[1].narrowest_ballots >= 10 - 1e-6


def test_excel_and_programs_can_read_all_files(written: tuple[Path, OpenDataReport]) -> None:
    folder, report = written
    for name in FILES:
        assert (folder / f"{name}.csv").read_bytes().startswith(b"\xef\xbb\xbf")
        assert (
            len(rows_of(folder, name))
            == read_parquet(folder / f"{name}.parquet").num_rows
            == report.rows[name]
        )


def test_the_package_describes_every_file_in_two_languages(written: tuple[Path, OpenDataReport]) -> None:
    folder, _ = written
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["descriptions"].keys() == {"zh", "en"}
        assert all(field["titles"].keys() == {"zh", "en"} for field in resource["schema"]["fields"])
    assert len(package["resources"]) == 2 * len(FILES)
    assert package["sources"][0]["hash"].startswith("sha256:")


def test_the_same_round_gives_the_same_bytes(
    quarters: Quarters, written: tuple[Path, OpenDataReport], tmp_path: Path
) -> None:
    write_open_data(demo_round(quarters), tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        file.name: file.read_bytes() for file in written[0].iterdir()
    }


def test_a_community_with_one_worker_shows_no_answers(tmp_path: Path) -> None:
    """Its answers are the worker's score."""
    round_ = own_round(tmp_path, mixed(0, 60, 40), workers=1)
    write_open_data(round_, tmp_path / "open")
    rows = rows_of(tmp_path / "open", "answers") + rows_of(tmp_path / "open", "points")
    here = [row for row in rows if row["area_id"] == COMMUNITY and row.get("answer") != "*"]
    assert [row for row in here if row.get("ballots") not in (None, "", "0") or row.get("mean")] == []


def test_three_workers_may_be_shown_together(tmp_path: Path) -> None:
    """S28: answers of a community by question."""
    round_ = own_round(tmp_path, [ballot for target in range(3) for ballot in mixed(target, 60, 40)])
    write_open_data(round_, tmp_path / "open")
    answers = {
        (row["question"], row["answer"]): row["ballots"]
        for row in rows_of(tmp_path / "open", "answers")
        if row["area_id"] == COMMUNITY
    }
    assert answers["q1", "1"] == "180"
    assert answers["q1", "2"] == "120"


def test_a_result_with_another_snapshot_is_refused(quarters: Quarters, tmp_path: Path) -> None:
    head = {**quarters.results[0].head, "snapshot": "0" * 64}
    wrong = replace(demo_round(quarters), result=replace(quarters.results[0], head=head))
    with pytest.raises(RefusedError) as caught:
        write_open_data(wrong, tmp_path)
    assert caught.value.problems[0].code == "reporting.other_snapshot"


def test_a_correction_that_cannot_but_give_two_ballots_away_is_refused(tmp_path: Path) -> None:
    """The other answers did not change and the total is told: the difference is what the two answered."""
    ballots = [ballot for target in range(3) for ballot in mixed(target, 60, 40)]
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    old, new = own_round(tmp_path / "old", ballots), own_round(tmp_path / "new", ballots[:-2])
    with pytest.raises(RefusedError) as caught:
        write_open_data(new, tmp_path / "open", earlier=[old])
    assert caught.value.problems[0].code == "disclosure.differencing"
    assert not (tmp_path / "open").exists()


def test_a_correction_of_a_whole_area_is_written_and_tells_no_more_than_before(
    quarters: Quarters, tmp_path: Path
) -> None:
    """The answers of the one person in it are secret in the difference as they were in the first release."""
    first = demo_round(quarters)
    second = without_target(quarters, 0, tmp_path)
    report = write_open_data(second, tmp_path / "open", earlier=[first])
    assert report.hidden[Reason.CORRECTED] > 0
    assert "changed by the correction" in (tmp_path / "open" / "README.md").read_text("utf-8")
    safe = _nothing_is_told(second, [first])
    assert len(safe.system.keys) - len(safe.hidden) > len(safe.system.keys) / 2
    again = protected_release(second, [first, second])
    assert again[second.forms[0].id].hidden.keys() == safe.hidden.keys()


def _nothing_is_told(round_: OpenDataRound, earlier: list[OpenDataRound]) -> Protected:
    """By the check of two releases, which was written apart: nothing exposed, no thin change."""
    (form,) = round_.forms
    new, old = protected_release(round_, earlier)[form.id], protected_release(earlier[0])[form.id]
    compared = compare_releases(old, new)
    assert not compared.exposed
    assert not [key for key in compared.thin_changes if key != ("ballots", ())]
    return new


def without_target(quarters: Quarters, target: int, folder: Path) -> OpenDataRound:
    """The quarter without the ballots of one area."""
    return with_ballots(quarters, lambda rows: rows.filter(pc.not_equal(rows["target"], target)), folder)


def with_ballots(quarters: Quarters, kept: Callable[[pa.Table], pa.Table], folder: Path) -> OpenDataRound:
    """The quarter with the ballots that are kept."""
    sealed = quarters.snapshots[0]
    names = [file["path"].removesuffix(".parquet") for file in sealed.manifest["files"]]
    tables = {name: sealed.table(name) for name in names if "/" not in name and name != "ballots"}
    parts = [
        BallotPart(part.instrument, part.district, kept(read_parquet(part.path))) for part in sealed.parts
    ]
    told = sealed.manifest
    head = SnapshotHead(
        str(told["period"]), str(told["period_kind"]), str(told["source"]), synthetic=True,
        import_rule=told.get("import_rule", {}), merged_cells=tuple(told.get("merged_cells", ())),
    )  # fmt: skip
    seal_snapshot(folder / "snapshot", head, tables, parts)
    snapshot = open_snapshot(folder / "snapshot", verify=False)
    out = folder / "result"
    out.mkdir()
    result = assess(snapshot, quarters.scheme, out, scheduler_named("serial", 1), clock=lambda: 0.0)
    return OpenDataRound(result, quarters.scheme, snapshot)


def test_the_same_release_again_is_not_refused(tmp_path: Path) -> None:
    round_ = own_round(tmp_path, [ballot for target in range(3) for ballot in mixed(target, 60, 40)])
    write_open_data(round_, tmp_path / "open", earlier=[round_])
    assert (tmp_path / "open" / "README.md").is_file()


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Cells of each program that the audit asks for."""
    asked: list[int] = []
    take = Work.take

    def noted(work: Work, cells: int) -> None:
        asked.append(cells)
        take(work, cells)

    monkeypatch.setattr(Work, "take", noted)
    return asked


def first_ten(rows: pa.Table) -> pa.Table:
    """Ten ballots of each area."""
    so_far: Counter[int] = Counter()
    kept = []
    for target in rows["target"].to_pylist():
        so_far[target] += 1
        kept.append(so_far[target] <= 10)
    return rows.filter(pa.array(kept))


def test_a_sparse_round_needs_few_programs(quarters: Quarters, tmp_path: Path, programs: list[int]) -> None:
    """Ten ballots of each area, nobody assessed: two programs for each hidden number were 1,644."""
    round_ = with_ballots(quarters, first_ten, tmp_path)
    report = write_open_data(round_, tmp_path / "open")
    assert report.hidden[Reason.WITHHELD] > 500
    assert report.narrowest_ballots is not None
    assert report.narrowest_ballots >= 10 - 1e-6
    assert 0 < len(programs) < 250


def test_a_correction_that_leaves_two_areas_out_comes_to_an_end(
    quarters: Quarters, tmp_path: Path, programs: list[int]
) -> None:
    def kept(rows: pa.Table) -> pa.Table:
        return rows.filter(pc.greater(rows["target"], 1))

    corrected = with_ballots(quarters, kept, tmp_path)
    with pytest.raises(RefusedError) as refused:
        write_open_data(corrected, tmp_path / "open", earlier=[demo_round(quarters)])
    assert refused.value.problems[0].code == "disclosure.differencing"
    assert 0 < len(programs) < 900
