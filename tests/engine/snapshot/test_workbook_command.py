"""`minping snapshot template` and `make` on a terminal."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from minping_engine.cli.snapshot_book import make_command, template_command
from minping_engine.errors import InputError
from minping_engine.snapshot import open_snapshot

app = typer.Typer()
app.command("template")(template_command)
app.command("make")(make_command)


def _run(*arguments: str | Path) -> str:
    """What is printed; errors of the tree come through."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def _fill(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book["地区"].append(["320106", None, "区", "例区", None, None, None])
    book["对象"].append(["W1", "一网格", "320106"])
    book["事实"].append(["W1", 20, 19])
    book.save(path)


def test_from_template_to_snapshot(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    said = _run("template", "baotaqiao-grid", "-o", book)
    _fill(book)
    made = _run("make", book, "--scheme", "baotaqiao-grid", "--period", "2020-11", "-o", tmp_path / "s")

    assert "评分-居民代表" in said
    assert open_snapshot(tmp_path / "s").sha256 in made.replace("\n", "").replace(" ", "")
    assert open_snapshot(tmp_path / "s").table("facts").num_rows == 2


def test_a_template_of_a_scheme_with_a_questionnaire_says_how_ballots_come_in(tmp_path: Path) -> None:
    assert "snapshot import" in _run("template", "gulou-worker", "-o", tmp_path / "b.xlsx", "--lang", "en")


def test_a_filled_workbook_is_not_replaced_by_an_empty_one(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    _run("template", "baotaqiao-grid", "-o", book)
    _fill(book)
    before = book.read_bytes()
    with pytest.raises(InputError, match=r"snapshot\.book_exists"):
        _run("template", "baotaqiao-grid", "-o", book)

    assert book.read_bytes() == before


def test_a_snapshot_that_is_there_is_replaced_only_when_told(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    _run("template", "baotaqiao-grid", "-o", book)
    _fill(book)
    make = ("make", book, "--scheme", "baotaqiao-grid", "--period", "2020-11", "-o", tmp_path / "s")
    _run(*make)
    with pytest.raises(InputError, match=r"cli\.out_not_empty"):
        _run(*make)

    _run(*make, "--force")
