"""The command on a real terminal: what a bureau's officer sees."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from rich.console import Console

from minping_engine import __version__
from minping_engine.assessment import Result, write_result
from minping_engine.assessment.result import SCORES, TABLES
from minping_engine.cli.summary import print_rounds
from minping_engine.reporting.grade_words import grade_labels
from minping_engine.scheme import load_scheme
from minping_engine.snapshot import open_snapshot
from tests.rounds import GOOD, POOR, Ballot, Round, seal
from tests.terminal import on_terminal


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sealed round."""
    round_ = Round([Ballot(0, GOOD)] * 45 + [Ballot(0, POOR)] * 15, eligible={0: 100})
    folder = tmp_path_factory.mktemp("cli") / "snapshot"
    seal(round_, folder)
    return folder


@pytest.fixture(scope="module")
def assessed(snapshot: Path) -> Path:
    """The result of that round, to be read only."""
    out = snapshot.parent / "assessed"
    on_terminal("assess", "gulou-worker", str(snapshot), "-o", str(out), "--demo-values", "--no-cards")
    return out


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
    screen = on_terminal(
        "assess", "gulou-worker", str(snapshot), "-o", out, "--demo-values", "--no-cards", "--lang", "en"
    )
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
    screen = on_terminal("assess", "gulou-worker", str(snapshot), "-o", str(out), "--demo-values")
    assert screen.code == 2
    assert (out / "mine.txt").read_text() == "keep"


def test_force_replaces_a_result_but_neither_a_file_nor_other_folders(
    snapshot: Path, assessed: Path, tmp_path: Path
) -> None:
    out, file = shutil.copytree(assessed, tmp_path / "out"), tmp_path / "ballots.csv"
    file.write_text("keep")
    again = on_terminal(
        "assess", "gulou-worker", str(snapshot), "-o", str(out), "--demo-values", "--no-cards", "--force"
    )
    assert again.code == 0, again.text
    for other in (file, tmp_path):
        screen = on_terminal(
            "assess", "gulou-worker", str(snapshot), "-o", str(other), "--demo-values", "--force"
        )
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


def test_trace_shows_the_sums_behind_a_score(assessed: Path) -> None:
    screen = on_terminal("trace", str(assessed), "W1")
    assert "4,500.000" in screen.text
    assert "75.000000" in screen.text
    assert "100 × 100%" in screen.text


def test_trace_leads_from_the_weighted_score_to_the_one_that_counts(tmp_path: Path) -> None:
    scores = {"direct": 90.0, "weighted": 91.0, "adjusted": 92.5, "shrunken": 92.25, "score": 92.25}
    moved = [("mode", 0.5), ("ground:share_tenant", 1.0), ("shrinkage", -0.25)]
    write_result(one_result(scores, moved), tmp_path)
    zh, en = (on_terminal("trace", str(tmp_path), "W1", "--lang", language) for language in ("zh", "en"))
    words = ("加权得分", "调查方式", "辖区租户比例", "调整后得分", "按可靠程度向组均值靠拢", "靠拢后得分")
    table = zh.text[zh.text.index("步骤") :]
    assert [table.index(word) for word in words] == sorted(table.index(word) for word in words)
    assert "-0.250000" in table
    assert "计入考核的是靠拢后得分：92.250000" in zh.text
    assert "The score that counts is the Shrunken score: 92.250000" in en.text


def test_trace_names_areas_and_explains_items_where_the_snapshot_is_given(
    snapshot: Path, assessed: Path
) -> None:
    opened = open_snapshot(snapshot)
    area = opened.table("targets")["area_id"].to_pylist()[0]
    places = dict(
        zip(*(opened.table("areas")[name].to_pylist() for name in ("area_id", "name")), strict=True)
    )
    screen = on_terminal("trace", str(assessed), "W1", "--snapshot", str(snapshot))
    assert places[area] in screen.text
    assert opened.table("item_codes")["wording"].to_pylist()[0] in screen.text


def test_trace_prints_no_table_where_nothing_may_be_shown(tmp_path: Path) -> None:
    hidden = dict.fromkeys(("direct", "weighted", "adjusted", "shrunken", "score"))
    write_result(one_result(hidden, []), tmp_path)
    screen = on_terminal("trace", str(tmp_path), "W1")
    assert screen.lines == ("计入 0 份答卷。", "答卷不足，不显示得分。")


def one_result(scores: dict[str, float | None], moved: list[tuple[str, float]]) -> Result:
    """A result of one person; the sums of the plain score are of 30 ballots."""
    person = {field.name: None for field in SCORES} | {"assessee_id": "W1", **scores}
    counts = dict.fromkeys(("n_ballots", "n_rejected", "year_periods"), 0)
    flags = dict.fromkeys(("below_target", "shared_target", "borderline"), False)
    texts = {
        "kind": "community_worker",
        "name": "甲",
        "area_id": "1",
        "period": "2020Q4",
        "status": "assessed",
    }
    sums = {
        "assessee_id": "W1",
        "target": 0,
        "stratum": 0,
        "share": 1000,
        "size": 100_000,
        "variable": "total",
    }
    rows = {
        "scores": [{**person, **counts, **flags, **texts}],
        "adjustments": [{"assessee_id": "W1", "step": step, "points": points} for step, points in moved],
        "trace/targets": [{**sums, "n": 30, "s": 2_700_000, "ss": 0, "eligible": 100}],
    }
    tables = {
        name: pa.Table.from_pylist(rows.get(name, []), schema=schema) for name, schema in TABLES.items()
    }
    return Result(tables, {"period": "2020Q4"})


@pytest.mark.parametrize(
    ("grading", "counted"),
    [
        ({"chances": {"excellent_from": 90, "support_below": 60}}, ["4", "3", "0", "2"]),
        ({"quota": {"percent": 20}}, ["4", "3", "2"]),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_summary_has_a_column_for_every_grade_and_one_for_none(
    grading: dict[str, Any], counted: list[str], language: str
) -> None:
    loaded = load_scheme("gulou-worker")
    made = type(loaded.scheme.grading).model_validate(grading)
    scheme = replace(loaded, scheme=loaded.scheme.model_copy(update={"grading": made}))
    result = Result(
        {
            "scores": pa.table({"grade": ["excellent"] * 4 + ["middle"] * 3 + [None] * 2}),
            "groups": TABLES["groups"].empty_table(),
        },
        {"period": "2020Q4", "counts": {"ballots_counted": 900, "assessed": 9, "not_assessed": 1}},
    )
    console = Console(width=200, record=True)
    print_rounds([result], scheme, language, console=console)
    text = console.export_text()
    assert all(word in text for word in grade_labels(scheme, language).values())
    cells = next(line for line in text.splitlines() if "2020Q4" in line).split()
    assert cells[-len(counted) :] == counted


def test_a_changed_file_is_noticed_before_anything_is_computed(snapshot: Path, tmp_path: Path) -> None:
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
    screen = on_terminal("assess", "gulou-workers", str(tmp_path), "-o", str(tmp_path / "out"), columns=60)
    assert "gulou-workers" in screen.text
    assert "gulou-worker-year" in screen.text


def test_a_place_that_the_system_refuses_is_named(snapshot: Path, tmp_path: Path) -> None:
    """A file stands where a folder would have to be made."""
    (tmp_path / "file").write_text("no folder")
    out = str(tmp_path / "file" / "out")
    screen = on_terminal(
        "assess", "gulou-worker", str(snapshot), "-o", out, "--demo-values", "--no-cards", "--lang", "en"
    )
    assert screen.code == 5
    assert "may write there" in screen.text
    assert "Traceback" not in screen.text


def test_an_output_folder_without_a_name_is_refused(snapshot: Path) -> None:
    screen = on_terminal(
        "assess", "gulou-worker", str(snapshot), "-o", ".", "--demo-values", "--no-cards", "--lang", "en"
    )
    assert screen.code == 2
    assert "needs a name" in screen.text


def test_a_period_is_assessed_by_the_values_in_force_on_its_last_day(snapshot: Path, tmp_path: Path) -> None:
    """The target of ballots rises to 61 in 2021: the last quarter of 2020 still has 60 to reach."""
    import json

    from minping_engine.scheme import load_scheme

    folder = tmp_path / "scheme"
    shutil.copytree(load_scheme("gulou-worker").folder, folder)
    file = folder / "values/target_ballots.yaml"
    dated = "  - {from: unknown, value: 60}\n  - {from: 2021-01-01, value: 61}"
    file.write_text(file.read_text("utf-8").replace("  - {from: unknown, value: 300}", dated), "utf-8")
    on_terminal(
        "assess", str(folder), str(snapshot), "-o", str(tmp_path / "out"), "--no-cards", "--demo-values"
    )
    head = json.loads((tmp_path / "out/result.json").read_text())
    assert head["period"] == "2020Q4"
    import pyarrow.parquet as pq

    assert pq.read_table(tmp_path / "out/scores.parquet")["below_target"].to_pylist() == [False]
