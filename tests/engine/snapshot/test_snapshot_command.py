"""`minping snapshot` on the command line: words, exit codes, files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.engine.snapshot.factory import HEADER, MAP, ROWS, changed, write_csv


def minping(*arguments: object, language: str = "zh") -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "minping_engine", "snapshot", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "MINPING_LANG": language, "COLUMNS": "160"},
        check=False,
    )


@pytest.fixture
def map_file(tmp_path: Path) -> Path:
    path = tmp_path / "map.yaml"
    path.write_text(yaml.safe_dump(MAP, allow_unicode=True), "utf-8")
    return path


def test_an_import_says_what_it_did_in_chinese(tmp_path: Path, map_file: Path) -> None:
    done = minping("import", write_csv(tmp_path / "a.csv"), "--map", map_file, "-o", tmp_path / "s")
    assert done.returncode == 0
    assert "计入答卷" in done.stdout
    assert (tmp_path / "s" / "snapshot.json").is_file()
    assert (tmp_path / "s.import-report.xlsx").is_file()


def test_a_refused_import_lists_all_faults_and_writes_nothing(tmp_path: Path, map_file: Path) -> None:
    rows = changed(1, "态度", "7")
    rows = (*rows[:3], ("乙片", "H4", "8/1/2019", "入户", "是", "一般"))
    path = write_csv(tmp_path / "a.csv", rows)
    done = minping("import", path, "--map", map_file, "-o", tmp_path / "s", language="en")
    assert done.returncode == 2
    assert "outside the codes" in done.stderr
    assert "no date and time" in done.stderr
    assert not (tmp_path / "s").exists()


def test_a_snapshot_that_is_there_is_replaced_by_force_only(tmp_path: Path, map_file: Path) -> None:
    path = write_csv(tmp_path / "a.csv")
    arguments = ("import", path, "--map", map_file, "-o", tmp_path / "s")
    assert [minping(*arguments).returncode, minping(*arguments).returncode] == [0, 2]
    assert minping(*arguments, "--force").returncode == 0


def test_a_check_finds_faults_of_a_file_and_none_of_its_snapshot(tmp_path: Path, map_file: Path) -> None:
    bad = write_csv(tmp_path / "bad.csv", changed(0, "态度", "超好"))
    assert minping("check", bad, "--map", map_file).returncode == 2
    minping("import", write_csv(tmp_path / "a.csv"), "--map", map_file, "-o", tmp_path / "s")
    done = minping("check", tmp_path / "s")
    assert (done.returncode, "检查通过" in done.stdout) == (0, True)


def test_the_period_may_come_from_the_command(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(yaml.safe_dump({**MAP, "period": None}, allow_unicode=True), "utf-8")
    file = write_csv(tmp_path / "a.csv", ROWS, HEADER)
    done = minping("import", file, "--map", path, "-o", tmp_path / "s", "--period", "2020Q4")
    assert (done.returncode, "2020Q4" in done.stdout) == (0, True)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    done = minping("guess", tmp_path / "none.csv", language="en")
    assert (done.returncode, "no such file" in done.stderr) == (2, True)
