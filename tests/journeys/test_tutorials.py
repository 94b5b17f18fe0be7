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
from typing import Any

import numpy as np
import pytest

from minping_engine.assessment import read_result

BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
pytestmark = [pytest.mark.real_data, pytest.mark.deep]  # both rounds take twenty seconds to make


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


def lecturers(work: Path) -> list[dict[str, Any]]:
    """Score rows of the assessed lecturers."""
    rows = read_result(work / "insteval-result")["scores"].to_pylist()
    return [row for row in rows if row["status"] == "assessed"]


def ratings_by_department(outside_data: Path) -> list[list[list[int]]]:
    """Points of every lecturer with 30 ratings or more, by department."""
    given: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    with gzip.open(outside_data / "survey-insteval/ratings.csv.gz", "rt") as stream:
        for row in csv.DictReader(stream):
            given[row["dept"]][row["d"]].append(25 * (int(row["y"]) - 1))
    return [[points for points in dept.values() if len(points) >= 30] for dept in given.values()]


def test_lecturers_with_fewer_than_thirty_ratings_are_neither_assessed_nor_compared(work: Path) -> None:
    rows = read_result(work / "insteval-result")["scores"].to_pylist()
    assert {row["status"] == "assessed" for row in rows if row["n_ballots"] >= 30} == {True}
    few = [row for row in rows if row["n_ballots"] < 30]
    assert len(few) == 546
    for row in few:
        assert (row["status"], row["reason"]) == ("not_assessed", "too_few")
        assert row["rank_low"] is row["set_low"] is row["tie_band"] is row["p_top"] is None


def test_the_spread_between_lecturers_is_that_of_the_raw_ratings(work: Path, outside_data: Path) -> None:
    """Moments of the raw file within departments, by hand, against the fitted variance: within a tenth."""
    squares, errors, free = 0.0, 0.0, 0
    departments = [[np.array(points) for points in dept] for dept in ratings_by_department(outside_data)]
    within = sum(float(((points - points.mean()) ** 2).sum()) for dept in departments for points in dept)
    within /= sum(points.size - 1 for dept in departments for points in dept)
    for dept in departments:
        means = np.array([points.mean() for points in dept])
        squares += float(((means - means.mean()) ** 2).sum())
        errors += (means.size - 1) * float(np.mean([within / points.size for points in dept]))
        free += means.size - 1
    fitted = [
        row["reliability"] / (1 - row["reliability"]) * row["adjusted_se"] ** 2 for row in lecturers(work)
    ]
    assert np.ptp(fitted) < 1e-6 * fitted[0]
    assert fitted[0] == pytest.approx((squares - errors) / free, rel=0.1)


def test_more_ratings_make_a_lecturer_more_reliable_and_move_her_less(work: Path) -> None:
    rows = sorted(lecturers(work), key=lambda row: row["n_ballots"])
    quarters = np.array_split(np.array([row["reliability"] for row in rows]), 4)
    assert (np.diff([np.median(quarter) for quarter in quarters]) > 0).all()
    assert rows[0]["reliability"] > 0.8
    moved = np.array_split(np.array([abs(row["shrunken"] - row["adjusted"]) for row in rows]), 4)
    assert np.mean(moved[0]) > 2 * np.mean(moved[3])
    for row in rows:
        assert row["shrunken_se"] < row["adjusted_se"]


def test_no_department_is_ranked_and_each_says_how_wide_its_ranks_are(work: Path) -> None:
    groups = read_result(work / "insteval-result")["comparison_groups"].to_pylist()
    assert sum(group["compared"] for group in groups) == 582
    assert len(groups) == 14
    for group in groups:
        assert (group["ranking"], group["discrimination"]) == ("too_wide", "separates")
        assert group["median_width"] > group["compared"] / 2
        assert group["spread"] > 2 * group["error"]
    for row in lecturers(work):
        assert row["rank_expected"] is None
        assert (
            1 <= row["set_low"] <= row["rank_low"] <= row["rank_high"] <= row["set_high"] <= row["ranked_of"]
        )


def test_lecturers_in_different_bands_are_told_apart(work: Path) -> None:
    """Whoever stands in another band lies apart by more than the ordinary 1.96 errors of a difference."""
    for one in (rows := lecturers(work)):
        for other in rows:
            if one["comparison_group"] == other["comparison_group"] and one["tie_band"] < other["tie_band"]:
                gap = one["adjusted"] - other["adjusted"]
                assert gap > 1.96 * np.hypot(one["adjusted_se"], other["adjusted_se"])


def test_six_districts_are_not_compared_and_the_reader_is_told_why(work: Path) -> None:
    result = read_result(work / "kcmo-result")
    [warning] = [one for one in result.head["warnings"] if one["code"] == "assessment.too_few_to_compare"]
    assert "6 assessees are too few to tell how much they differ; nobody is ranked" in warning["en"]
    assert "只有 6 个考核对象" in warning["zh"]
    [group] = result["comparison_groups"].to_pylist()
    assert (group["scored"], group["compared"]) == (6, 6)
    assert group["median_width"] > 3
    assert group["ranking"] == "too_few"
    for row in result["scores"].to_pylist():
        assert row["standing"] == "not_compared"
        assert (
            row["shrunken"] is row["rank_expected"] is row["rank_low"] is row["p_top"] is row["grade"] is None
        )
        assert row["set_low"] <= row["set_high"]
    assert {row["tie_band"] for row in result["scores"].to_pylist()} == {1}


def test_districts_keep_scores_with_sensible_intervals_and_the_spread_is_reported(work: Path) -> None:
    """Between districts lie 0 to 4 percent of an answer's variance (README of the data)."""
    result = read_result(work / "kcmo-result")
    for row in result["scores"].to_pylist():
        half = (row["high"] - row["low"]) / 2
        assert half == pytest.approx(1.97 * row["direct_se"], rel=0.01)
        assert 2 < row["adjusted_se"] < 4
    [group] = result["comparison_groups"].to_pylist()
    assert 0 < group["between_share"] < 0.04
    assert group["reliability"] == pytest.approx(
        group["spread"] ** 2 / (group["spread"] ** 2 + group["error"] ** 2)
    )


def test_a_card_of_seventy_three_items_is_one_page(work: Path) -> None:
    for card in (work / "kcmo-result/cards").glob("*.pdf"):
        info = subprocess.run(["pdfinfo", str(card)], check=True, capture_output=True, text=True).stdout
        assert "Pages:           1" in info
