"""Papers of outcomes: what stands on page and workbook, what is never said, markup and formulas in names."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from minping_engine.assessment import Result, assess
from minping_engine.assessment.examples import read_example
from minping_engine.assessment.examples.tables import example_ballots, example_period, example_tables
from minping_engine.assessment.scored.places import read_places
from minping_engine.evidence import scheduler_named
from minping_engine.reporting import write_outcome_book, write_outcome_page
from minping_engine.reporting.outcomes.reasons import GradeReasons
from minping_engine.reporting.texts import texts
from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.scheme.model import Grading, Veto
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
        assert f"{row['score']:g}" in text
    assert "查实投诉" in text
    assert "tier_2" not in text
    assert "二档" in text


def test_english_is_complete(made: Made, tmp_path: Path) -> None:
    text = page(made, tmp_path, "en")
    known = {row["name"] for row in made[0]["outcomes"].to_pylist()}
    sources = [used.source for used in made[1].values.values()]
    told = {*known, *(source.title for source in sources), *(source.clause for source in sources)}
    for word in sorted(told, key=len, reverse=True):
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
    rules = [row[-1].value for row in book["结果运用"].iter_rows(min_row=2)]
    assert rules == [row["rule"] for row in result["proposals"].to_pylist()]


def sheet(made: Made, folder: Path, name: str) -> list[dict[str, Any]]:
    """A sheet as rows by heading."""
    write_outcome_book(*made, folder / "book.xlsx")
    rows = list(openpyxl.load_workbook(folder / "book.xlsx")[name].values)
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def test_proposals_have_names_rules_and_numbers_in_words(made: Made, tmp_path: Path) -> None:
    names = {row["assessee_id"]: row["name"] for row in made[0]["outcomes"].to_pylist()}
    rows = sheet(made, tmp_path, "结果运用")
    assert rows
    for row in rows:
        assert row["名称"] == names[row["编号"]]
        assert row["规则"].startswith("对象：")
        assert not re.search(r"[a-z]_[a-z]|grade", row["规则"] + row["依据的数"])
    paid = next(row for row in rows if row["金额（元）"])
    assert "一档 500 元" in paid["规则"]
    assert "等次：" in paid["依据的数"]


def test_the_page_says_who_gets_what(made: Made, tmp_path: Path) -> None:
    text = page(made, tmp_path)
    table = text[text.index("逐个对象的建议") :]
    rows = made[0]["proposals"].to_pylist()
    paid = next(row for row in rows if row["fen"])
    name = next(
        row["name"] for row in made[0]["outcomes"].to_pylist() if row["assessee_id"] == paid["assessee_id"]
    )
    row = table[table.index(f'<th scope="row">{name}</th>') :].split("</tr>")[0]
    assert f"{paid['fen'] / 100:,.2f}" in row


def test_more_than_200_with_proposals_are_left_to_the_workbook(made: Made, tmp_path: Path) -> None:
    result, scheme, snapshot = made
    outcome, proposal = result["outcomes"].to_pylist()[0], result["proposals"].to_pylist()[0]
    many = {
        name: [{**row, "assessee_id": f"A{number:03}", "name": f"网格{number:03}"} for number in range(203)]
        for name, row in (("outcomes", outcome), ("proposals", {**proposal, "name": ""}))
    }
    tables = {
        name: type(result[name]).from_pylist(rows, schema=result[name].schema) for name, rows in many.items()
    }
    text = page((replace(result, tables={**result.tables, **tables}), scheme, snapshot), tmp_path)
    told = text[text.index("逐个对象的建议") :].split("</table>")[0]
    assert told.count('<th scope="row">') == 200
    assert "另有 3 个对象，见工作簿" in text


def test_scores_have_the_decimals_that_the_scheme_rounds_to(made: Made, tmp_path: Path) -> None:
    result, scheme, snapshot = made
    coarse = scheme.changed(total=scheme.scheme.total.model_copy(update={"round": 0}))
    text = page((result, coarse, snapshot), tmp_path)
    score = result["outcomes"].to_pylist()[0]["score"]
    assert f"<td>{score:.0f}</td>" in text
    assert f"{score:.2f}" not in text


def graded(made: Made, grading: dict[str, Any], **row: Any) -> str:
    """The note on a grade, for the bands A from 90, B from 80, C from 0 and a score of 95."""
    bands = [
        {"grade": grade, "label": {"zh": label, "en": grade}, "from_points": start}
        for grade, label, start in (("A", "优", 90), ("B", "良", 80), ("C", "差", 0))
    ]
    scheme = made[1].scheme.model_copy(
        update={
            "grading": Grading.model_validate({"bands": bands, **grading}),
            "vetoes": (Veto.model_validate(VETO),),
        }
    )
    reasons = GradeReasons(scheme, read_places(made[2]), texts("outcomes", "zh"), "zh")
    known = {"score_exact": "95", "grade_change": None, "vetoes": "", "area_id": ""}
    return reasons.note({**known, **row})


VETO = {"id": "fraud", "title": {"zh": "弄虚作假", "en": "Fraud"}, "when": "vetoed", "grade_at_most": "C"}
LIMIT = {"limits": [{"grade": "A", "at_most_percent": 10}]}
SLOW = {"transitions": {"up_at_most": 1, "down_at_most": 1}}
NOTES = [
    ({}, {"grade_step": 1}, ""),
    (LIMIT, {"grade_step": 1}, ""),
    (LIMIT, {"grade_step": 2}, "按分数线为“优”；名额已满"),
    (SLOW, {"grade_step": 2, "grade_change": 1}, "按分数线为“优”；每期最多升 1 档"),
    (SLOW, {"score_exact": "10", "grade_step": 2, "grade_change": -1}, "按分数线为“差”；每期最多降 1 档"),
    ({**LIMIT, **SLOW}, {"grade_step": 3, "vetoes": "fraud"}, "按分数线为“优”；一票否决：弄虚作假"),
]


@pytest.mark.parametrize(("grading", "row", "note"), NOTES)
def test_a_grade_that_is_not_the_one_of_its_band_is_explained(
    grading: dict[str, Any], row: dict[str, Any], note: str, made: Made
) -> None:
    assert graded(made, grading, **row) == note


def test_the_page_explains_a_grade_below_its_band(made: Made, tmp_path: Path) -> None:
    assert "按分数线为“一档”；一票否决：查实投诉" in page(made, tmp_path)


def test_equal_input_gives_equal_bytes(made: Made, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_outcome_book(*made, tmp_path / f"{name}.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
