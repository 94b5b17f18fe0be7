"""`minping demo`: the main job on a small district."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from minping_engine.assessment import read_result
from minping_engine.snapshot import check_snapshot
from tests.terminal import Screen, on_terminal


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Screen]:
    """Two quarters of the small district."""
    folder = tmp_path_factory.mktemp("demo") / "d"
    screen = on_terminal("demo", "--small", "--quarters", "2", "--dir", str(folder), "--seed", "7")
    return folder, screen


def test_it_prints_a_row_per_quarter_and_where_to_look(demo: tuple[Path, Screen]) -> None:
    _, screen = demo
    assert screen.code == 0, screen.text
    for word in ("2020Q3", "2020Q4", "成绩单", "工作簿", "居民公报", "快照", "真值", "虚构"):
        assert word in screen.text, screen.text


def test_every_quarter_has_a_result_and_cards_are_made_for_the_last(demo: tuple[Path, Screen]) -> None:
    """S2: a scorecard for each worker, every quarter; earlier quarters' papers on request."""
    folder, _ = demo
    last = read_result(folder / "results/2020Q4")
    cards = {path.stem for path in (folder / "results/2020Q4/cards").glob("*.pdf")}
    assert cards == set(last["scores"]["assessee_id"].to_pylist())
    assert not (folder / "results/2020Q3/cards").exists()
    assert (folder / "results/2020Q3/report.xlsx").exists()


def test_each_community_has_one_merged_file(demo: tuple[Path, Screen]) -> None:
    folder, _ = demo
    last = read_result(folder / "results/2020Q4")
    merged = {path.stem for path in (folder / "results/2020Q4/cards/communities").glob("*.pdf")}
    assert merged == set(last["scores"]["area_id"].to_pylist())


def test_snapshots_keep_the_contract_and_say_that_they_are_synthetic(demo: tuple[Path, Screen]) -> None:
    folder, _ = demo
    assert check_snapshot(folder / "snapshots/2020Q4") == ()
    assert json.loads((folder / "snapshots/2020Q4/snapshot.json").read_text())["synthetic"] is True


def test_the_second_quarter_carries_the_first_as_sealed_history(demo: tuple[Path, Screen]) -> None:
    folder, _ = demo
    history = pq.read_table(folder / "snapshots/2020Q4/history.parquet")
    assert set(history["period"].to_pylist()) == {"2020Q3"}


def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    screen = on_terminal("demo", "--small", "--quarters", "1", "--dir", str(tmp_path))
    assert screen.code == 2
    assert "--force" in screen.text


def test_force_replaces_the_demo_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    screen = on_terminal(
        "demo", "--small", "--quarters", "1", "--dir", str(tmp_path), "--force", "--lang", "en"
    )
    assert screen.code == 0
    assert (tmp_path / "mine.txt").read_text() == "keep"
    assert "Demonstration data" in screen.text


def test_the_seed_decides(tmp_path: Path, demo: tuple[Path, Screen]) -> None:
    folder, _ = demo
    on_terminal("demo", "--small", "--quarters", "2", "--dir", str(tmp_path / "a"), "--seed", "7")
    on_terminal("demo", "--small", "--quarters", "2", "--dir", str(tmp_path / "b"), "--seed", "8")

    def fingerprint(home: Path) -> str:
        return str(json.loads((home / "results/2020Q4/result.json").read_text())["fingerprints"]["exact"])

    assert fingerprint(tmp_path / "a") == fingerprint(folder)
    assert fingerprint(tmp_path / "b") != fingerprint(folder)
