"""Papers of outcomes: what stands on page and workbook, what is never said, markup and formulas in names."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from minping_engine.assessment import Result, assess
from minping_engine.assessment.examples import read_example
from minping_engine.assessment.examples.tables import example_ballots, example_period, example_tables
from minping_engine.evidence import scheduler_named
from minping_engine.reporting import write_outcome_book, write_outcome_page
from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import Snapshot, SnapshotHead, open_snapshot, seal_snapshot

Made = tuple[Result, LoadedScheme, Snapshot]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The worked example in which a verified complaint limits a grid's tier."""
    scheme = load_scheme("baotaqiao-grid", demo=True)
    example = read_example(scheme.folder / "examples/verified-complaint.yaml")
    home = tmp_path_factory.mktemp("outcomes")
    period = example_period(example, scheme)
    head = SnapshotHead(period, scheme.scheme.period.kind.value, "test", synthetic=True)
    parts = example_ballots(example, scheme, "test")
    seal_snapshot(home / "s", head, example_tables(example, scheme), parts)
    snapshot = open_snapshot(home / "s")
    return assess(snapshot, scheme, home / "o", scheduler_named("serial")), scheme, snapshot


def page(made: Made, folder: Path, language: str = "zh") -> str:
    write_outcome_page(*made, folder / "page.html", language=language)
    return (folder / "page.html").read_text("utf-8")


def renamed(made: Made, name: str) -> Made:
    result, scheme, snapshot = made
    rows: list[dict[str, Any]] = [{**row, "name": name} for row in result["outcomes"].to_pylist()]
    table = type(result["outcomes"]).from_pylist(rows, schema=result["outcomes"].schema)
    return replace(result, tables={**result.tables, "outcomes": table}), scheme, snapshot


def test_the_page_says_first_that_data_and_values_are_invented(made: Made, tmp_path: Path) -> None:
    text = page(made, tmp_path)
    assert text.index("数据由种子程序虚构") < text.index("<h1>")
    assert "演示值" in text


def test_scores_grades_vetoes_and_proposals_stand_in_words(made: Made, tmp_path: Path) -> None:
    text = page(made, tmp_path)
    for row in made[0]["outcomes"].to_pylist():
        assert f"{row['score']:.2f}" in text
    assert "查实投诉" in text
    assert "tier_2" not in text
    assert "二档" in text


def test_english_is_complete(made: Made, tmp_path: Path) -> None:
    text = page(made, tmp_path, "en")
    known = {row["name"] for row in made[0]["outcomes"].to_pylist()}
    sources = [used.source for used in made[1].values.values()]
    for word in sorted(
        {*known, *(source.title for source in sources), *(source.clause for source in sources)}
    ):
        text = text.replace(word, "")
    assert [
        line for line in text.splitlines() if any("\u4e00" <= letter <= "\u9fff" for letter in line)
    ] == []


def test_markup_in_a_name_is_escaped(made: Made, tmp_path: Path) -> None:
    assert "<script>" not in page(renamed(made, "<script>甲</script>"), tmp_path)


def test_a_name_that_looks_like_a_formula_stays_text(made: Made, tmp_path: Path) -> None:
    write_outcome_book(*renamed(made, "=1+1"), tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["得分与等次"]
    assert {(cell.value, cell.data_type) for cell in sheet["B"][1:]} == {("=1+1", "s")}


def test_the_workbook_holds_exact_values_and_the_rule_of_each_proposal(made: Made, tmp_path: Path) -> None:
    result, _, _ = made
    write_outcome_book(*made, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert {"得分与等次", "指标得分", "测量值", "结果运用", "规则与取值"} <= set(book.sheetnames)
    exact = [row[-1].value for row in book["得分与等次"].iter_rows(min_row=2)]
    assert exact == [row["score_exact"] for row in result["outcomes"].to_pylist()]
    rules = [row[5].value for row in book["结果运用"].iter_rows(min_row=2)]
    assert rules == [row["rule"] for row in result["proposals"].to_pylist()]
    assert json.loads(book["结果运用"].cell(2, 7).value)


def test_equal_input_gives_equal_bytes(made: Made, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_outcome_book(*made, tmp_path / f"{name}.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
