"""Papers of schemes without a questionnaire: months and grades in words, no columns of dashes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc
import pytest

from minping_engine.assessment import Result, read_result
from minping_engine.demo import run_scheme_demo
from minping_engine.reporting import (
    PaperSpan,
    PlaceReport,
    SpanKind,
    make_place_report,
    make_span,
    telling_places,
)
from minping_engine.reporting.numbers import period_parts, period_text
from minping_engine.reporting.papers.annual_card import AnnualCards
from minping_engine.reporting.papers.model import Paper, Table, Text, Trend
from minping_engine.reporting.papers.parts import Desk
from minping_engine.reporting.papers.period_report import period_report
from minping_engine.reporting.place_report.model import Grid
from minping_engine.scheme import load_scheme
from minping_engine.snapshot import Snapshot, open_snapshot

SCHEME, DISTRICT, STREET = "baotaqiao-community", "320106", "320106001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[PaperSpan, Snapshot]:
    """Three months of a community scheme of facts and marks."""
    home = tmp_path_factory.mktemp("ruled")
    periods = sorted(run_scheme_demo(SCHEME, 2019, home))
    scheme = load_scheme(SCHEME, demo=True)
    snapshot = open_snapshot(home / "snapshots" / periods[-1], verify=False)
    results = [read_result(_folder(home, period)) for period in periods]
    return make_span(SpanKind.YEAR, results, scheme, snapshot), snapshot


def _folder(home: Path, period: str) -> Path:
    return home / "results" / period


def texts_of(paper: Paper) -> list[str]:
    """Sentences of a paper."""
    return [block.text for block in paper.blocks if isinstance(block, Text)]


def tables_of(paper: Paper) -> list[Table]:
    """Tables of a paper."""
    return [block for block in paper.blocks if isinstance(block, Table)]


def cells_of(paper: Paper) -> set[str]:
    """All cells."""
    return {cell for table in tables_of(paper) for row in table.rows for cell in row}


def test_a_card_has_grades_and_months_in_words_and_no_empty_column(
    made: tuple[PaperSpan, Snapshot],
) -> None:
    cards = AnnualCards(Desk(made[0], "zh"))
    card = cards.card(cards.people.people[0])
    assert not [cell for cell in cells_of(card) if cell.startswith("tier_")]
    (details,) = tables_of(card)
    assert details.head == ("时期", "得分", "等次")
    assert [row[0] for row in details.rows] == ["2020年10月", "2020年11月", "2020年12月"]
    (trend,) = (block for block in card.blocks if isinstance(block, Trend))
    assert "区间" not in trend.legend
    assert "并列档" not in trend.legend
    assert {row.interval for row in trend.rows} == {""}


def test_a_card_says_that_nobody_was_asked(made: tuple[PaperSpan, Snapshot]) -> None:
    for language, said in (("zh", "没有居民问卷"), ("en", "no residents were asked")):
        cards = AnnualCards(Desk(made[0], language))
        assert any(said in text for text in texts_of(cards.card(cards.people.people[0])))


def test_a_report_has_the_means_of_district_and_streets_from_the_scores(
    made: tuple[PaperSpan, Snapshot],
) -> None:
    span = made[0]
    report = period_report(Desk(span, "zh"))
    assert report.subtitle == "鼓楼区"
    rows = [row for row in span.results[-1]["outcomes"].to_pylist() if row["status"] == "assessed"]
    mean = sum(row["score"] for row in rows) / len(rows)
    (trend,) = (block for block in report.blocks if isinstance(block, Trend))
    assert trend.rows[-1].point == pytest.approx(mean)
    streets = next(table for table in tables_of(report) if table.head[0] == "街道")
    assert len(streets.rows) == 13
    assert not [table for table in tables_of(report) if table.head[0].startswith("社区")], "one each: hidden"
    fieldwork = next(table for table in tables_of(report) if "已评定" in table.head)
    assert fieldwork.head == ("时期", "已评定", "未评定")


def place_report(made: tuple[PaperSpan, Snapshot], language: str = "zh") -> PlaceReport:
    """Of a street, the last month."""
    span, snapshot = made
    return make_place_report(span.results[-1], span.scheme, snapshot, STREET, language=language)


def test_the_report_of_a_place_leaves_out_chapters_about_answers(made: tuple[PaperSpan, Snapshot]) -> None:
    report = place_report(made)
    assert [one.name for one in report.chapters] == [
        "survey", "overall", "questions", "change", "advice", "method",
    ]  # fmt: skip
    assert [one.title[:2] for one in report.chapters[:-1]] == ["一、", "二、", "三、", "四、", "五、"]
    assert "2020年12月" in report.subtitle
    grids = [block for one in report.chapters for block in one.blocks if isinstance(block, Grid)]
    empty = [
        head
        for grid in grids
        for at, head in enumerate(grid.head)
        if at and {r[at] for r in grid.rows} == {"–"}
    ]
    assert empty == []
    assert not [text for text in report.texts if "tier_" in text]


def test_months_and_half_years_are_words() -> None:
    assert period_text("2020-03", "zh") == "2020年3月"
    assert period_text("2020-03", "en") == "Mar 2020"
    assert period_parts("2020-12", "zh") == ("2020", "12月")
    assert period_text("2020H2", "zh") == "2020年下半年"
    assert period_text("2020H1", "en") == "first half of 2020"
    assert (period_text("2020", "zh"), period_text("2020", "en")) == ("2020年", "2020")


def test_a_correction_of_one_unit_hides_the_means_that_rules_make(made: tuple[PaperSpan, Snapshot]) -> None:
    span, snapshot = made
    before = span.results[-1]
    assert telling_places(before, before, span.scheme, snapshot) == frozenset()
    after = _raised(before)
    hidden = telling_places(before, after, span.scheme, snapshot)
    assert DISTRICT in hidden


def _raised(result: Result) -> Result:
    table = result["outcomes"]
    first = pc.equal(table["assessee_id"], table["assessee_id"][0])
    score = pc.if_else(first, pc.add(pc.fill_null(table["score"], 50.0), 1.0), table["score"])
    moved = table.set_column(table.schema.get_field_index("score"), "score", score)
    return replace(result, tables={**result.tables, "outcomes": moved})
