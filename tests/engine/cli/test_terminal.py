"""The command on a real terminal: what a bureau's officer sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_engine import __version__
from tests.rounds import GOOD, POOR, Ballot, Round, seal
from tests.terminal import on_terminal


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sealed round."""
    round_ = Round([Ballot(0, GOOD)] * 45 + [Ballot(0, POOR)] * 15, eligible={0: 100})
    folder = tmp_path_factory.mktemp("cli") / "snapshot"
    seal(round_, folder)
    return folder


def test_help_lists_the_commands_in_both_languages() -> None:
    screen = on_terminal("--help")
    assert screen.code == 0
    for word in ("assess", "demo", "snapshot", "scheme", "trace", "考核一期", "Assess one round"):
        assert word in screen.text


def test_the_version_is_the_packages() -> None:
    assert on_terminal("--version").lines == (__version__,)


def test_assess_prints_the_round_and_where_to_look(snapshot: Path, tmp_path: Path) -> None:
    screen = on_terminal(
        "assess", "gulou-worker", str(snapshot), "-o", str(tmp_path / "out"), "--demo-values"
    )
    assert screen.code == 0, screen.text
    for word in ("2020Q4", "75.00", "全区均值", "成绩单", "工作簿", "居民公报"):
        assert word in screen.text, screen.text
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"result.json", "run.json", "scores.parquet", "indicators.parquet", "trace", "cards"} <= made
    assert {"report.xlsx", "bulletin.html"} <= made


def test_english_is_complete_on_the_terminal(snapshot: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    screen = on_terminal("assess", "gulou-worker", str(snapshot), "-o", out, "--no-cards", "--lang", "en")
    assert "district mean" in screen.text
    title = "Gulou quarterly assessment"
    assert title in screen.text
    assert not any("一" <= character <= "鿿" for character in screen.text), screen.text


def test_an_error_says_what_where_and_how_to_mend_and_exits_with_its_code(tmp_path: Path) -> None:
    screen = on_terminal("assess", "gulou-worker", str(tmp_path), "-o", str(tmp_path / "out"))
    assert screen.code == 2
    assert "snapshot.json" in screen.text
    assert "minping snapshot import" in screen.text
    assert not (tmp_path / "out").exists()


def test_an_existing_result_is_not_overwritten_unasked(snapshot: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("keep")
    screen = on_terminal("assess", "gulou-worker", str(snapshot), "-o", str(out))
    assert screen.code == 2
    assert (out / "mine.txt").read_text() == "keep"


def test_force_replaces_a_result_but_neither_a_file_nor_other_folders(snapshot: Path, tmp_path: Path) -> None:
    out, file = tmp_path / "out", tmp_path / "ballots.csv"
    file.write_text("keep")
    on_terminal("assess", "gulou-worker", str(snapshot), "-o", str(out), "--no-cards")
    again = on_terminal("assess", "gulou-worker", str(snapshot), "-o", str(out), "--no-cards", "--force")
    assert again.code == 0, again.text
    for other in (file, tmp_path):
        screen = on_terminal("assess", "gulou-worker", str(snapshot), "-o", str(other), "--force")
        assert screen.code == 2, screen.text
    assert file.read_text() == "keep"


def test_a_remedy_that_many_notes_share_is_printed_once(tmp_path: Path) -> None:
    from rich.console import Console

    from minping_engine.cli.problems import print_problems
    from minping_engine.errors import Problem, Severity

    notes = [Problem("guess.left_out_total", severity=Severity.WARNING)] * 3
    console = Console(width=60, record=True)
    print_problems(notes, "en", console=console)
    text = console.export_text()
    assert (text.count("→"), text.count("Totals are computed")) == (1, 3)
    assert "3 notes" in text


def test_trace_shows_the_sums_behind_a_score(snapshot: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    on_terminal("assess", "gulou-worker", str(snapshot), "-o", out, "--no-cards")
    screen = on_terminal("trace", out, "W1")
    assert "4,500.000" in screen.text
    assert "75.000000" in screen.text


def test_a_changed_file_is_noticed_before_anything_is_computed(snapshot: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(snapshot, copy)
    part = next(copy.glob("ballots/*/*/*.parquet"))
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(bytes(data))
    screen = on_terminal("assess", "gulou-worker", str(copy), "-o", str(tmp_path / "out"))
    assert screen.code == 3
    assert "part-0.parquet" in screen.text


def test_scheme_test_runs_the_worked_examples() -> None:
    screen = on_terminal("scheme", "test", "gulou-worker")
    assert screen.code == 0
    assert "0 项不符" in screen.text


def test_a_narrow_terminal_keeps_every_word_of_an_error(tmp_path: Path) -> None:
    screen = on_terminal("assess", "nothing", str(tmp_path), "-o", str(tmp_path / "out"), columns=60)
    assert "nothing" in screen.text
    assert "gulou-worker" in screen.text


def test_a_place_that_the_system_refuses_is_named(snapshot: Path, tmp_path: Path) -> None:
    """A file stands where a folder would have to be made."""
    (tmp_path / "file").write_text("no folder")
    out = str(tmp_path / "file" / "out")
    screen = on_terminal("assess", "gulou-worker", str(snapshot), "-o", out, "--no-cards", "--lang", "en")
    assert screen.code == 5
    assert "may write there" in screen.text
    assert "Traceback" not in screen.text


def test_an_output_folder_without_a_name_is_refused(snapshot: Path) -> None:
    screen = on_terminal("assess", "gulou-worker", str(snapshot), "-o", ".", "--no-cards", "--lang", "en")
    assert screen.code == 2
    assert "needs a name" in screen.text


def test_a_period_is_assessed_by_the_values_in_force_on_its_last_day(snapshot: Path, tmp_path: Path) -> None:
    """The target of ballots rises to 61 in 2021: the last quarter of 2020 still has 60 to reach."""
    import json
    import shutil

    from minping_engine.scheme import load_scheme

    folder = tmp_path / "scheme"
    shutil.copytree(load_scheme("gulou-worker").folder, folder)
    file = folder / "values/target_ballots.yaml"
    dated = "  - {from: unknown, value: 60}\n  - {from: 2021-01-01, value: 61}"
    file.write_text(file.read_text("utf-8").replace("  - {from: unknown, value: 300}", dated), "utf-8")
    on_terminal("assess", str(folder), str(snapshot), "-o", str(tmp_path / "out"), "--no-cards")
    head = json.loads((tmp_path / "out/result.json").read_text())
    assert head["period"] == "2020Q4"
    import pyarrow.parquet as pq

    assert pq.read_table(tmp_path / "out/scores.parquet")["below_target"].to_pylist() == [False]
