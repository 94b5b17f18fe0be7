"""`minping scheme demo`: what it prints, what it writes, what it refuses to touch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from minping_engine.cli.scheme_demo import scheme_demo_command
from minping_engine.errors import InputError, SchemeError
from minping_engine.snapshot import open_snapshot

SCHEME = "baotaqiao-community"


def _run(*arguments: str, scheme: str = SCHEME) -> str:
    app = typer.Typer()
    app.command()(scheme_demo_command)
    result = CliRunner().invoke(app, [scheme, *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_last_period_is_shown_and_said_to_be_invented(tmp_path: Path) -> None:
    out = tmp_path / "out"
    text = _run("-o", str(out), "--lang", "en")
    assert "2020-12" in text
    assert "no sample" in text
    assert "and 105 more" in text  # 120 communities, 15 shown
    assert "not assessed 1" in text
    assert "invented" in text
    assert f"results: {out / 'results'}" in text
    assert (out / "results/2020-12/result.json").is_file()
    assert (out / "snapshots/2020-10/snapshot.json").is_file()
    assert json.loads((out / "scheme-demo.json").read_text("utf-8"))["seed"] == 2019


def test_chinese_comes_first(tmp_path: Path) -> None:
    text = _run("-o", str(tmp_path / "out"))
    assert "无样本" in text
    assert "虚构" in text


def test_a_seed_gives_the_same_words_again(tmp_path: Path) -> None:
    texts = [_run("-o", str(tmp_path / "out"), "--seed", seed, "--force") for seed in ("5", "5", "6")]
    assert texts[0] == texts[1] != texts[2]


def test_names_of_single_people_are_not_printed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    text = _run("-o", str(out), scheme="nanhu-2014")
    names = open_snapshot(out / "snapshots/2020").table("assessees")["name"].to_pylist()
    assert "W0001" in text
    assert [name for name in names if name in text] == []


def test_a_folder_of_something_else_is_never_replaced(tmp_path: Path) -> None:
    paper = tmp_path / "results" / "paper.txt"
    paper.parent.mkdir()
    paper.write_text("x", "utf-8")
    for arguments in ((), ("--force",)):
        with pytest.raises(InputError, match=r"\[cli\.out_not"):
            _run("-o", str(tmp_path), *arguments)
    assert paper.is_file()


def test_an_unknown_scheme_writes_nothing(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(scheme_demo_command)
    with pytest.raises(SchemeError, match=r"\[scheme\.unknown\]"):
        CliRunner().invoke(app, ["no-such", "-o", str(tmp_path / "out")], catch_exceptions=False)
    assert not (tmp_path / "out").exists()
