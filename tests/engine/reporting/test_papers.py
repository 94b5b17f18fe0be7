"""Papers over several periods: annual cards, reports, and the code that checks them (S68)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from minping_engine.cli.app import app
from minping_engine.errors import InputError
from minping_engine.reporting import (
    PaperSpan,
    SpanKind,
    find_paper,
    make_span,
    write_annual_cards,
    write_period_report,
)
from minping_engine.reporting.papers.code import paper_code, read_code
from minping_engine.reporting.papers.figures import PersonFigures, Point, change, mean_of
from tests.engine.reporting.pdf import pages_of, text_of
from tests.engine.reporting.quarters import Quarters, small_quarters

PDF_A = re.compile(rb"<pdfaid:part>2</pdfaid:part>\s*<pdfaid:conformance>B</pdfaid:conformance>")


@pytest.fixture(scope="module")
def quarters(tmp_path_factory: pytest.TempPathFactory) -> Quarters:
    return small_quarters(tmp_path_factory.mktemp("quarters"), 4)


@pytest.fixture(scope="module")
def year(quarters: Quarters) -> PaperSpan:
    return make_span(SpanKind.YEAR, quarters.results, quarters.scheme, quarters.snapshots[-1])


def test_a_mean_of_quarters_counts_each_once_and_joins_their_errors() -> None:
    mean = mean_of([Point(90, 87, 93), Point(94, 90, 98), None])
    assert mean is not None
    assert mean.value == 92
    assert mean.half == pytest.approx(2.5)


def test_a_change_inside_the_error_is_no_change() -> None:
    assert change((Point(90, 88, 92), Point(92, 90, 94))) == (2, 0)
    assert change((Point(90, 89, 91), Point(92, 91, 93))) == (2, 1)
    assert change((Point(90, 89, 91), None)) is None


def test_the_report_holds_the_district_mean_of_the_year(year: PaperSpan, tmp_path: Path) -> None:
    """S14: the year's mean is that of the quarters, as the last result says too."""
    row = next(
        row
        for row in year.results[-1]["groups"].to_pylist()
        if row["level"] == "district" and row["variable"] == "total"
    )
    write_period_report(year, tmp_path / "year.pdf")
    assert f"{row['year_mean']:.2f}" in text_of(tmp_path / "year.pdf")


def test_no_person_stands_in_a_report(year: PaperSpan, tmp_path: Path) -> None:
    """G1: person rankings are never public."""
    write_period_report(year, tmp_path / "year.pdf")
    text = text_of(tmp_path / "year.pdf")
    scores = year.results[-1]["scores"]
    names = [*scores["name"].to_pylist(), *scores["assessee_id"].to_pylist()]
    assert [name for name in names if name in text] == []


def test_a_persons_change_is_judged_by_the_wider_error(year: PaperSpan) -> None:
    """What these households think now says less about a person than the correction makes believe."""
    people = PersonFigures(year)
    pairs = zip(people.points("W0002"), people.deciding_points("W0002"), strict=True)
    assert all(wide.half > narrow.half for narrow, wide in pairs if narrow and wide)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_card_is_one_page_with_every_quarter_and_its_code(
    year: PaperSpan, tmp_path: Path, language: str
) -> None:
    (paper,) = write_annual_cards(year, tmp_path, language=language, only=["W0002"])
    text = text_of(tmp_path / "W0002.pdf")
    assert pages_of(tmp_path / "W0002.pdf") == 1
    assert paper.code in text
    points = PersonFigures(year).points("W0002")
    assert all(f"{point.value:.2f}" in text for point in points if point)


def test_papers_are_pdf_a_for_archives(year: PaperSpan, tmp_path: Path) -> None:
    write_period_report(year, tmp_path / "year.pdf")
    assert PDF_A.search((tmp_path / "year.pdf").read_bytes())


def test_the_same_results_print_the_same_bytes(year: PaperSpan, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        write_period_report(year, tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_a_genuine_file_and_its_code_are_found(year: PaperSpan, tmp_path: Path) -> None:
    (paper,) = write_annual_cards(year, tmp_path, only=["W0003"])
    by_file = find_paper(year, (tmp_path / "W0003.pdf").read_bytes())
    by_code = find_paper(year, paper.code.lower().replace("-", " "))
    assert by_file is not None
    assert by_file.same_bytes
    assert by_code is not None
    assert by_code.paper.subject == "W0003"
    assert by_code.same_bytes is None


def test_a_changed_file_is_found_out_though_its_code_is_right(year: PaperSpan, tmp_path: Path) -> None:
    write_annual_cards(year, tmp_path, only=["W0003"])
    content = bytearray((tmp_path / "W0003.pdf").read_bytes())
    content[content.index(b"stream") + 40] ^= 1
    found = find_paper(year, bytes(content))
    assert found is not None
    assert found.same_bytes is False


def test_a_wrong_code_is_nobodys(year: PaperSpan) -> None:
    assert find_paper(year, "0000-0000-0000-0000") is None
    assert find_paper(year, "no code at all") is None
    assert find_paper(year, b"%PDF-1.7 without a code") is None


def test_codes_read_aloud_are_understood() -> None:
    code = paper_code({"score": "92.10"})
    assert read_code(code.replace("0", "o").replace("1", "l").replace("-", "").lower()) == code
    assert paper_code({"score": "92.11"}) != code


def test_missing_quarters_are_said(quarters: Quarters, tmp_path: Path) -> None:
    span = make_span(SpanKind.YEAR, quarters.results[2:], quarters.scheme, quarters.snapshots[-1])
    write_period_report(span, tmp_path / "year.pdf", language="en")
    assert "Only2of4periods" in text_of(tmp_path / "year.pdf")


def test_what_does_not_belong_together_is_refused_all_at_once(quarters: Quarters) -> None:
    results = [quarters.results[0], quarters.results[0], quarters.results[3]]
    with pytest.raises(InputError) as caught:
        make_span(SpanKind.HALF_YEAR, results, quarters.scheme, quarters.snapshots[0])
    codes = {problem.code for problem in caught.value.problems}
    assert codes == {"reporting.periods_apart", "reporting.period_twice", "reporting.other_snapshot"}


def test_an_unknown_person_is_refused(year: PaperSpan, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_annual_cards(year, tmp_path, only=["nobody"])
    assert caught.value.problems[0].code == "reporting.unknown_person"


def test_the_commands_print_and_check(quarters: Quarters, tmp_path: Path) -> None:
    """S68: half-year report, and an outsider checks it."""
    folders = [str(folder) for folder in quarters.result_folders[2:]]
    runner = CliRunner()
    made = runner.invoke(app, ["report", "half-year", *folders, "-o", str(tmp_path), "--lang", "en"])
    assert made.exit_code == 0, made.output
    file = tmp_path / "half-year-2020H2.pdf"
    named = [part for folder in folders for part in ("--result", folder)]
    right = runner.invoke(app, ["verify", "paper", str(file), *named, "--lang", "en"])
    wrong = runner.invoke(app, ["verify", "paper", "0000-0000-0000-0000", *named, "--lang", "en"])
    assert (right.exit_code, wrong.exit_code) == (0, 1)
    assert "byte for byte" in right.output


def test_open_data_are_written_by_a_command(quarters: Quarters, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["open-data", str(quarters.result_folders[-1]), str(tmp_path / "open")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "open" / "datapackage.json").is_file()
