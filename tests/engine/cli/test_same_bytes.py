"""The whole command, in processes that differ in all that must not matter, writes the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.folders import bytes_of
from tests.rounds import Ballot, Round, seal

WORKERS = 30
"""More than the press prints in one process, so that the number of processes matters."""
SETTINGS = {
    "plain": ({"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}, []),
    "far away": (
        {"PYTHONHASHSEED": "4711", "TZ": "Asia/Shanghai", "LC_ALL": "C", "PYTHONUTF8": "0"},
        ["--workers", "3", "--scheduler", "processes"],
    ),
    "one process": (
        {"PYTHONHASHSEED": "99", "TZ": "America/St_Johns", "LC_ALL": "POSIX"},
        ["--workers", "1"],
    ),
}


def mixed(rng: np.random.Generator, target: int) -> Ballot:
    """A ballot with a few missing answers."""
    answers = {item: int(rng.integers(1, 4)) for item in ("q1", "q2", "q3", "q4", "q5")}
    given = {item: code if rng.random() > 0.05 else None for item, code in answers.items()}
    return Ballot(target, given, int(rng.integers(1, 4)))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty workers in three communities, one of them with too few ballots."""
    rng = np.random.default_rng(3)
    ballots = [mixed(rng, target) for target in range(WORKERS) for _ in range(8 if target == 7 else 40)]
    workers = {f"W{target:02d}": [(target, 1000)] for target in range(WORKERS)}
    communities = {name: f"99010100100{number % 3}" for number, name in enumerate(workers)}
    round_ = Round(
        ballots, workers=workers, eligible=dict.fromkeys(range(WORKERS), 90), communities=communities
    )
    return seal(round_, tmp_path_factory.mktemp("same") / "snapshot").folder


@pytest.fixture(scope="module")
def made(snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """Every file of the result folder by setting, but for `run.json`."""
    results = {}
    for name, (environment, options) in SETTINGS.items():
        out = tmp_path_factory.mktemp("out") / "result"
        command = [
            sys.executable,
            "-m",
            "minping_engine",
            "assess",
            "gulou-worker",
            str(snapshot),
            "--demo-values",
        ]
        subprocess.run(
            [*command, "-o", str(out), "--demo-values", *options],
            check=True,
            capture_output=True,
            env={"PATH": os.environ["PATH"], "HOME": str(out.parent), **environment},
        )
        results[name] = bytes_of(out)
    return results


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "plain"])
def test_hash_seed_clock_zone_locale_and_processes_change_no_byte(
    made: dict[str, dict[str, bytes]], name: str
) -> None:
    assert made[name].keys() == made["plain"].keys()
    assert [path for path, content in made["plain"].items() if made[name][path] != content] == []


def test_what_a_killed_run_of_another_round_left_behind_is_not_in_the_result(
    snapshot: Path, made: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    leftovers = tmp_path / ".out.partial"
    for name in ("cards/W99.pdf", "trace/evidence/0123/district=990101/cells.parquet", "scores.parquet"):
        (leftovers / name).parent.mkdir(parents=True, exist_ok=True)
        (leftovers / name).write_bytes(b"of another round")
    command = [
        sys.executable,
        "-m",
        "minping_engine",
        "assess",
        "gulou-worker",
        str(snapshot),
        "--demo-values",
    ]
    command += ["-o", str(tmp_path / "out"), "--demo-values"]
    subprocess.run(command, check=True, capture_output=True)
    assert bytes_of(tmp_path / "out") == made["plain"]


def test_the_compared_folder_holds_every_kind_of_file(made: dict[str, dict[str, bytes]]) -> None:
    kinds = {path.rpartition(".")[2] for path in made["plain"]}
    assert kinds == {"json", "parquet", "pdf", "xlsx", "html"}
    assert sum(path.endswith(".pdf") for path in made["plain"]) == WORKERS + 3
