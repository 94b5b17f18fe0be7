"""kill -9 in the middle of `assess`: nothing half-written at OUT, and the next run makes the same bytes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.folders import bytes_of
from tests.rounds import GOOD, Ballot, Round, seal

pytestmark = pytest.mark.deep
KILLS = 24
WORKERS = 30


def a_round(seed: int, workers: int = WORKERS) -> Round:
    rng = np.random.default_rng(seed)
    ballots = [
        Ballot(target, {**GOOD, "q3": int(rng.integers(1, 6))})
        for target in range(workers)
        for _ in range(40)
    ]
    return Round(ballots, workers={f"W{number:02d}": [(number, 1000)] for number in range(workers)})


def start(snapshot: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "minping_engine",
        "assess",
        "gulou-worker",
        str(snapshot),
        "-o",
        str(out),
        "--demo-values",
    ]
    return subprocess.Popen(
        [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def run(snapshot: Path, out: Path, *options: str) -> dict[str, bytes]:
    assert start(snapshot, out, *options).wait() == 0
    return bytes_of(out)


def kill_after(seconds: float, child: subprocess.Popen[bytes]) -> bool:
    """kill -9 the run and its worker processes; whether it was still running."""
    time.sleep(seconds)
    was_running = child.poll() is None
    if was_running:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    return was_running


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A round, and another one with more workers, so that leftovers of it would be seen."""
    folder = tmp_path_factory.mktemp("killed")
    other = replace(a_round(2, WORKERS + 6), period="2020Q3")
    return seal(a_round(1), folder / "one").folder, seal(other, folder / "other").folder


@pytest.fixture(scope="module")
def whole(snapshots: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What an undisturbed run writes."""
    return run(snapshots[0], tmp_path_factory.mktemp("whole") / "out")


def moments(snapshot: Path, folder: Path) -> np.ndarray:
    """Random moments over the length of one run."""
    started = time.perf_counter()
    run(snapshot, folder / "timed")
    return np.random.default_rng(7).uniform(0.2, 1.05, KILLS) * (time.perf_counter() - started)


def test_a_run_that_was_killed_at_any_moment_leaves_nothing_or_all_and_can_be_made_again(
    snapshots: tuple[Path, Path], whole: dict[str, bytes], tmp_path: Path
) -> None:
    killed = 0
    for number, moment in enumerate(moments(snapshots[0], tmp_path)):
        out = tmp_path / f"{number}" / "out"
        out.parent.mkdir()
        # Every third time the leftovers are those of another round: none of them may stay.
        killed += kill_after(moment, start(snapshots[number % 3 == 0], out))
        if out.exists():
            assert "result.json" in bytes_of(out)
            shutil.rmtree(out)
        assert run(snapshots[0], out) == whole
        assert {path.name for path in out.parent.iterdir()} == {"out"}
    assert killed > KILLS / 2


def test_replacing_a_result_leaves_the_old_one_or_the_new_one_whole(
    snapshots: tuple[Path, Path], whole: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    old = run(snapshots[1], out)
    for moment in moments(snapshots[0], tmp_path)[: KILLS // 2]:
        kill_after(moment, start(snapshots[0], out, "--force"))
        if out.exists():  # between two renames there may be none, never a half one
            assert bytes_of(out) in (old, whole)
        else:
            assert bytes_of(tmp_path / ".out.former") in (old, whole)
        run(snapshots[1], out, "--force")
    assert bytes_of(out) == old
