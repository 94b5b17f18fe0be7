"""The tutorial with real surveys, run as it is written: from raw file to report cards."""

from __future__ import annotations

import csv
import gzip
import os
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from minping_engine.assessment import read_result

BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
pytestmark = pytest.mark.real_data


def commands(page: Path) -> list[list[str]]:
    """The commands of a page, line by line, continuation lines joined."""
    text = "\n".join(BLOCK.findall(page.read_text("utf-8"))).replace("\\\n", " ")
    return [shlex.split(line) for line in text.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def work(root: Path, outside_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every command of the tutorial has run."""
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "docs").symlink_to(root / "docs")
    environment = {**os.environ, "MINPING_TEST_DATA": str(outside_data)}
    for words in commands(root / "docs/tutorials/real-data.md"):
        arguments = [
            os.path.expandvars(word.replace("$MINPING_TEST_DATA", str(outside_data))) for word in words
        ]
        assert arguments[0] == "minping"
        made = subprocess.run(
            [sys.executable, "-m", "minping_engine", *arguments[1:]],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert made.returncode == 0, made.stderr
    return folder / "work"


def test_both_languages_give_the_same_commands(root: Path) -> None:
    pages = (root / "docs/tutorials" / name for name in ("real-data.md", "real-data.zh-CN.md"))
    one, two = (commands(page) for page in pages)
    assert one == two


def test_every_rated_person_has_a_card_and_the_mean_of_the_raw_file(work: Path, outside_data: Path) -> None:
    given: dict[str, list[int]] = defaultdict(list)
    with gzip.open(outside_data / "survey-insteval/ratings.csv.gz", "rt") as stream:
        for row in csv.DictReader(stream):
            given[row["d"]].append(25 * (int(row["y"]) - 1))
    scores = {row["assessee_id"]: row for row in read_result(work / "insteval-result")["scores"].to_pylist()}
    assert len(scores) == len(given) == 1128
    for person, points in given.items():
        row = next(scores[name] for name in (person, f"P{person}") if name in scores)
        assert row["n_ballots"] == len(points)
        if len(points) >= 10:
            assert row["direct"] == pytest.approx(sum(points) / len(points), abs=1e-9)
    assert len(list((work / "insteval-result/cards").glob("*.pdf"))) == 1128


def test_districts_of_the_city_survey_have_the_pro_rated_mean_of_the_raw_file(
    work: Path, outside_data: Path
) -> None:
    """73 items of 0 to 4 points; at least 30 answered; thousandths, half up."""
    totals: dict[str, list[float]] = defaultdict(list)
    with (outside_data / "survey-kcmo/responses.csv").open() as stream:
        for row in csv.DictReader(stream):
            answers = [
                int(float(row[name])) - 1 for name in row if re.fullmatch(r"q\d\d?_\d\d", name) and row[name]
            ]
            if row["wave"] == "3QMAR2022" and len(answers) >= 30:
                exact = sum(answers) * 292 / (4 * len(answers))
                totals[row["council_district"]].append(int(exact * 1000 + 0.5) / 1000)
    result = read_result(work / "kcmo-result")
    made = sorted((row["n_ballots"], row["direct"]) for row in result["scores"].to_pylist())
    expected = sorted((len(values), sum(values) / len(values)) for values in totals.values())
    assert [n for n, _ in made] == [n for n, _ in expected]
    for (_, direct), (_, mean) in zip(made, expected, strict=True):
        assert direct == pytest.approx(mean, abs=1e-3)


def test_a_card_of_seventy_three_items_is_one_page(work: Path) -> None:
    for card in (work / "kcmo-result/cards").glob("*.pdf"):
        info = subprocess.run(["pdfinfo", str(card)], check=True, capture_output=True, text=True).stdout
        assert "Pages:           1" in info
