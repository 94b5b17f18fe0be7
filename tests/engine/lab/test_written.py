"""What a trial writes: workbook, page, picture, terminal; ids but no names in pictures."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from openpyxl import load_workbook
from typer.testing import CliRunner

from minping_engine.cli.scheme_diff import diff_command
from minping_engine.cli.scheme_try import try_command
from minping_engine.lab import Trial, trial_picture, try_scheme, write_trial_page, write_trial_workbook
from tests.engine.lab.factory import BASE, example, fifty_points, grid, seal

PEOPLE = {"A": grid(100), "B": grid(90), "C": grid(85), "D": grid(100, tasks_done=10)}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    snapshot = seal(example(PEOPLE), tmp_path_factory.mktemp("lab") / "snapshot")
    made = try_scheme(BASE, fifty_points(), [snapshot], seed=7, draws=100)
    (round_,) = made.rounds
    people = tuple(replace(person, name=f"={person.assessee_id}的名字") for person in round_.people)
    return replace(made, rounds=(replace(round_, people=people),))


def test_the_workbook_holds_every_question_and_the_numbers_in_full(trial: Trial, tmp_path: Path) -> None:
    write_trial_workbook(trial, tmp_path / "trial.xlsx")
    book = load_workbook(tmp_path / "trial.xlsx")
    assert book.sheetnames == ["概要", "逐个对照", "等次变化", "金额", "稳定程度", "权重影响", "改了什么"]
    rows = {row[1]: row for row in book["逐个对照"].iter_rows(min_row=2, values_only=True)}
    assert rows["C"][2:7] == ("=C的名字", "000000 A" if rows["C"][3] != "A" else "A", 94, 92.5, -1.5)
    assert rows["C"][13:16] == (500, 400, -100)
    flips = list(book["等次变化"].iter_rows(min_row=2, values_only=True))
    assert [row[1:4] for row in flips] == [("一档", 2, 1), ("三档", 0, 1)]


def test_the_workbook_has_equal_bytes_each_time(trial: Trial, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_trial_workbook(trial, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_picture_is_a_file_of_its_own_with_ids_and_no_names(trial: Trial, language: str) -> None:
    svg = trial_picture(trial, language=language)
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert "▼ C" in svg
    assert "▲ D" in svg
    assert "名字" not in svg


def test_the_page_needs_nothing_from_outside_and_names_nobody(trial: Trial, tmp_path: Path) -> None:
    write_trial_page(trial, tmp_path)
    page = (tmp_path / "trial.html").read_text("utf-8")
    assert "名字" not in page
    assert "指标“居民满意度”的满分从 40 分改为 50 分" in page
    assert [word for word in ("src=", "href=", "@import", "url(") if word in page] == []
    assert ElementTree.parse(tmp_path / "trial.svg") is not None


def test_a_picture_without_scores_says_so(trial: Trial) -> None:
    (round_,) = trial.rounds
    assert "没有两边都有得分的对象" in trial_picture(replace(trial, rounds=(replace(round_, people=()),)))


@pytest.fixture
def command() -> typer.Typer:
    app = typer.Typer()
    app.command("try")(try_command)
    app.command("diff")(diff_command)
    return app


@pytest.fixture
def changed_folder(tmp_path: Path) -> Path:
    """A copy of the library's scheme with a higher limit for complaints and the next version."""
    folder = tmp_path / "draft"
    shutil.copytree(BASE.folder, folder)
    file = folder / "scheme.yaml"
    text = file.read_text("utf-8").replace(
        "verified_complaints >= complaints_of_the_month", "verified_complaints >= 2"
    )
    file.write_text(text.replace('version: "2013.1"', 'version: "2013.2"'), "utf-8")
    return folder


def test_a_changed_folder_is_tried_against_the_library(
    command: typer.Typer, changed_folder: Path, tmp_path: Path
) -> None:
    people = {"A": grid(100, facts={"verified_complaints": 1}), "B": grid(90)}
    seal(example(people), tmp_path / "s")
    out = tmp_path / "out"
    asked = ["try", str(changed_folder), "--on", str(tmp_path / "s"), "--demo-values", "--draws", "20"]
    made = CliRunner().invoke(command, [*asked, "-o", str(out)], catch_exceptions=False)
    assert made.exit_code == 0
    assert "查实的投诉" in made.stdout
    assert sorted(path.name for path in out.iterdir()) == ["trial.html", "trial.svg", "trial.xlsx"]


def test_values_of_the_changed_scheme_alone_can_be_tried(command: typer.Typer, tmp_path: Path) -> None:
    """The bonus of tier 1 halves: 500 to 250 yuan for the one grid."""
    seal(example({"A": grid(100)}), tmp_path / "s")
    values = tmp_path / "values.yaml"
    values.write_text("bonus_by_tier: {tier_1: 25000}\n", "utf-8")
    asked = ["try", "baotaqiao-grid", "--on", str(tmp_path / "s"), "--demo-values", "--lang", "en"]
    made = CliRunner().invoke(command, [*asked, "--changed-values", str(values)], catch_exceptions=False)
    assert "500 → 250" in made.stdout


def test_the_difference_of_two_folders_is_said_in_words(command: typer.Typer, changed_folder: Path) -> None:
    asked = ["diff", "baotaqiao-grid", str(changed_folder), "--demo-values"]
    made = CliRunner().invoke(command, asked, catch_exceptions=False)
    assert made.stdout.splitlines()[0] == "baotaqiao-grid@2013.1 → baotaqiao-grid@2013.2"
    assert "的条件从“查实的投诉不少于" in made.stdout.replace("\n", "")
    same = CliRunner().invoke(command, ["diff", "baotaqiao-grid", "baotaqiao-grid"], catch_exceptions=False)
    assert "没有差别" in same.stdout
