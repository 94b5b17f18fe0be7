"""The comprehensive report of a place: one description, a page and a Word file, nobody's name in it (S28)."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from docx import Document
from docx.oxml.ns import qn

from minping_engine.demo import run_scheme_demo
from minping_engine.errors import InputError
from minping_engine.reporting import (
    ClassTables,
    OpenDataRound,
    PlaceReport,
    SpanKind,
    make_place_report,
    make_span,
    write_open_data,
    write_place_report_docx,
)
from minping_engine.reporting.card_model import Axis
from minping_engine.reporting.papers.figures import PlaceFigures
from minping_engine.reporting.place_report.desk import told_apart
from minping_engine.reporting.place_report.model import Bar, Chart, Grid
from minping_engine.reporting.place_report.word import axis_line
from minping_engine.scheme import load_scheme
from minping_engine.snapshot import open_snapshot, read_parquet
from tests.engine.reporting.quarters import Quarters, small_quarters

DISTRICT, STREET = "320106", "320106012"


@pytest.fixture(scope="module")
def quarters(tmp_path_factory: pytest.TempPathFactory) -> Quarters:
    return small_quarters(tmp_path_factory.mktemp("quarters"), 2)


@pytest.fixture(scope="module")
def classes(quarters: Quarters, tmp_path_factory: pytest.TempPathFactory) -> ClassTables:
    folder = tmp_path_factory.mktemp("open")
    write_open_data(OpenDataRound(quarters.results[-1], quarters.scheme, quarters.snapshots[-1]), folder)
    return ClassTables(*(read_parquet(folder / f"{name}.parquet") for name in ("points", "ballots")))


def report(
    quarters: Quarters, area: str, *, language: str = "zh", classes: ClassTables | None = None
) -> PlaceReport:
    """The last quarter's report."""
    return make_place_report(
        quarters.results[-1],
        quarters.scheme,
        quarters.snapshots[-1],
        area,
        language=language,
        classes=classes,
    )


def grids(found: PlaceReport, chapter: str) -> list[Grid]:
    """Tables of a chapter."""
    blocks = next(one.blocks for one in found.chapters if one.name == chapter)
    return [block for block in blocks if isinstance(block, Grid)]


def test_means_of_places_are_those_of_the_result_with_rate_and_interval(quarters: Quarters) -> None:
    rows = {row["area_id"]: row for row in quarters.results[-1]["groups"].to_pylist()
            if row["variable"] == "total"}  # fmt: skip
    found = report(quarters, DISTRICT)
    figures = {label: value for label, value, _ in found.figures}
    assert figures["平均得分"] == f"{rows[DISTRICT]['mean']:.2f}"
    (streets,) = grids(found, "overall")
    own = next(row for row in streets.rows if row[0] == "宝塔桥街道")
    assert own[4] == f"{rows[STREET]['mean']:.2f}"
    assert own[3].endswith("%")
    assert own[5] == f"{rows[STREET]['low']:.2f}–{rows[STREET]['high']:.2f}"


def test_the_street_stands_beside_the_district_question_by_question(quarters: Quarters) -> None:
    (table,) = grids(report(quarters, STREET), "questions")
    assert len(table.rows) == len(quarters.scheme.scheme.instrument.items)
    assert table.head[4:6] == ("全区", "与全区比")
    assert {row[5] for row in table.rows} <= {"较高", "较低", "分不出"}


def test_two_means_are_told_apart_only_past_their_errors() -> None:
    low, high = ({"mean": mean, "low": mean - 2, "high": mean + 2} for mean in (90.0, 92.0))
    assert told_apart(low, high) == 0
    assert told_apart(low, {**high, "mean": 93.0, "low": 91.0, "high": 95.0}) == -1
    assert told_apart(high, None) is None


def test_groups_of_residents_are_the_published_cells_and_nothing_else(
    quarters: Quarters, classes: ClassTables
) -> None:
    shown = grids(report(quarters, STREET, classes=classes), "classes")
    titles = [table.title for table in shown]
    assert "表　按调查方式分的结果" in titles
    assert "表　按年龄分的结果" in titles
    published = {
        f"{row['mean']:.2f}"
        for row in classes.points.to_pylist()
        if row["area_id"] == STREET and row["mean"] is not None
    }
    cells = {cell for table in shown for row in table.rows for cell in row[2:]} - {"–"}
    assert cells
    assert cells <= published
    assert not grids(report(quarters, STREET), "classes")


def test_no_person_and_no_words_of_residents_stand_in_it(quarters: Quarters, classes: ClassTables) -> None:
    names = quarters.results[-1]["scores"]["name"].to_pylist()
    comments = quarters.snapshots[-1].table("comments")["text"].to_pylist()
    for area in (DISTRICT, STREET):
        text = "\n".join(report(quarters, area, classes=classes).texts)
        assert not [name for name in (*names, *comments) if name in text]


def test_a_theme_shows_from_five_opinions_on(quarters: Quarters) -> None:
    for table in grids(report(quarters, DISTRICT), "themes"):
        assert all(int(row[1]) >= 5 for row in table.rows)
    assert grids(report(quarters, DISTRICT), "themes")


def test_a_change_is_said_with_its_error_and_an_unknown_place_is_refused(quarters: Quarters) -> None:
    (table, *_) = grids(report(quarters, STREET), "change")
    assert [row[0] for row in table.rows] == ["2020年第三季度", "2020年第四季度"]
    with pytest.raises(InputError) as refused:
        report(quarters, "nowhere")
    assert refused.value.problems[0].code == "reporting.unknown_place"


def test_word_has_the_form_of_official_papers_and_every_text(
    quarters: Quarters, classes: ClassTables, tmp_path: Path
) -> None:
    found = report(quarters, STREET, classes=classes)
    for name in ("one", "two"):
        write_place_report_docx(found, tmp_path / f"{name}.docx")
    assert (tmp_path / "one.docx").read_bytes() == (tmp_path / "two.docx").read_bytes()
    document = Document(str(tmp_path / "one.docx"))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.top_margin.mm)) == (210, 37)
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert headings == [chapter.title for chapter in found.chapters]
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    written = " ".join([*(one.text for one in document.paragraphs), *cells])
    numbers = [int(number) for number in re.findall(r"表(\d+)　", written)]
    assert numbers == list(range(1, len(numbers) + 1))
    plain = re.sub(r"(表|图)\d+　", r"\1　", written)
    assert not [text for text in found.texts if text and text not in plain]
    grid = document.tables[0]._tbl.tblGrid.gridCol_lst
    assert [round(one.w.mm) for one in grid] == [94, 31, 31], "widths of the grid, not only of cells"


def test_a_picture_of_signs_shows_value_interval_and_mark_on_one_axis() -> None:
    bars = (Bar("甲", "92.00", 92.0, 91.0, 94.0), Bar("乙", "–", None, None, None))
    chart = Chart("图", bars, Axis(90.0, 101.0, ()), 95.0, "全区 95.00")
    first, second = (axis_line(chart, bar) for bar in bars)
    assert first == "　　──●────　┊"
    assert second == "　" * 10 + "┊"


def with_costs(quarters: Quarters, gain: float, gain_se: float) -> PlaceReport:
    """The street's report where each of its people spent 1,000 yuan and gained so many households."""
    result = quarters.results[-1]
    rows = [
        {
            "assessee_id": row["assessee_id"],
            "yuan": 1000.0,
            "gain": gain,
            "gain_se": gain_se,
            "state": "bounded",
        }
        for row in result["scores"].to_pylist()
    ]
    costs = pa.Table.from_pylist(rows, result["costs"].schema)
    made = replace(result, tables={**result.tables, "costs": costs})
    return make_place_report(made, quarters.scheme, quarters.snapshots[-1], STREET)


def test_a_place_that_a_correction_hides_has_no_mean_in_any_report(quarters: Quarters) -> None:
    result, scheme, snapshot = quarters.results[-1], quarters.scheme, quarters.snapshots[-1]
    rows = result["groups"].to_pylist()
    mean = next(row["mean"] for row in rows if (row["area_id"], row["variable"]) == (STREET, "total"))
    for area in (STREET, DISTRICT):
        assert f"{mean:.2f}" in repr(report(quarters, area))
        hidden = make_place_report(result, scheme, snapshot, area, left_out=frozenset({STREET}))
        assert f"{mean:.2f}" not in repr(hidden)
    span = make_span(SpanKind.YEAR, quarters.results, scheme, snapshot)
    hidden_span = replace(span, left_out={result.period: frozenset({STREET})})
    before, now = (PlaceFigures(one).points(STREET) for one in (span, hidden_span))
    assert before[-1] is not None
    assert now == (*before[:-1], None)


def test_money_per_household_is_told_only_where_the_gain_is_past_its_error(quarters: Quarters) -> None:
    people = sum(row["area_id"].startswith(STREET) for row in quarters.results[-1]["scores"].to_pylist())
    sure = "".join(with_costs(quarters, 10, 0.1).texts)
    assert f"登记的投入共 {people * 1000:,} 元" in sure
    assert "折合每增加一户满意家庭约 100 元" in sure
    unsure = "".join(with_costs(quarters, 0.1, 10).texts)
    assert "折合" not in unsure
    assert "不折算单位成本" in unsure
    assert "登记的投入" not in "".join(report(quarters, STREET).texts)


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> PlaceReport:
    """Of a scheme whose rules make the score, without a questionnaire."""
    folder = tmp_path_factory.mktemp("ruled")
    result = list(run_scheme_demo("xiaoshi-organisation", 2019, folder).values())[-1]
    snapshots = (open_snapshot(path.parent, verify=False) for path in folder.rglob("snapshot.json"))
    snapshot = next(one for one in snapshots if one.sha256 == result.head["snapshot"])
    scheme = load_scheme("xiaoshi-organisation", demo=True)
    district = next(row for row in snapshot.table("areas").to_pylist() if row["level"] == "district")
    return make_place_report(result, scheme, snapshot, district["area_id"])


def test_where_rules_make_the_score_means_stand_without_an_invented_error(ruled: PlaceReport) -> None:
    label, value, note = ruled.figures[0]
    assert (label, note) == ("平均得分", "")
    assert 0 < float(value) <= 100
    assert any("没有居民问卷" in text for text in ruled.texts)
    (nodes,) = grids(ruled, "questions")
    assert nodes.head[0] == "指标"
