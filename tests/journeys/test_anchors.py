"""The published anchors come out of simulated ballots through the ordinary assessment (S7, S14).

2019Q1 mean 90.2, mean of 2020 92.79, one worker from 85.2 to 95.13. Nothing is shifted after
ballots are drawn, so another generator parameter must move them.
"""

from __future__ import annotations

from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from minping_engine.assessment import Result, assess
from minping_engine.demo import QUARTERS, DemoParameters, make_district, seal_quarter
from minping_engine.demo.parameters import STORY_COMMUNITY
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import load_scheme
from minping_engine.snapshot import open_snapshot

SCHEME = load_scheme("gulou-worker", demo=True)


def assessed(folder: Path, seed: int, quarter: str, **knobs: Any) -> Result:
    """One quarter of the full district."""
    district = make_district(DemoParameters().changed(**knobs), seed)
    seal_quarter(district, quarter, folder / quarter)
    snapshot = open_snapshot(folder / quarter)
    return assess(snapshot, SCHEME, folder / f"{quarter}-out", scheduler_named("serial"))


def district_mean(result: Result) -> float:
    """The mean of all assessed workers."""
    rows = result["groups"].to_pylist()
    return float(
        next(row["mean"] for row in rows if (row["level"], row["variable"]) == ("district", "total"))
    )


def story(folder: Path, result: Result) -> dict[str, Any]:
    """The row of the worker whose ballots are drawn balanced; the truth file names her."""
    rows = [row for row in result["scores"].to_pylist() if row["area_id"] == STORY_COMMUNITY]
    return max(rows, key=lambda row: row["eligible"] or 0)


def check_anchors(folder: Path, seed: int) -> None:
    results = {quarter: assessed(folder, seed, quarter) for quarter in ("2019Q1", *QUARTERS[4:])}
    assert district_mean(results["2019Q1"]) == pytest.approx(90.2, abs=0.05)
    assert fmean(district_mean(results[quarter]) for quarter in QUARTERS[4:]) == pytest.approx(
        92.79, abs=0.05
    )
    for quarter, score in (("2019Q1", 85.2), ("2020Q4", 95.13)):
        row = story(folder, results[quarter])
        assert row["eligible"] == 945
        assert abs(row["direct"] - score) <= row["direct_se"]
    colleagues = [
        row["direct"]
        for row in results["2020Q4"]["scores"].to_pylist()
        if row["area_id"] == STORY_COMMUNITY and row["status"] == "assessed"
    ]
    assert story(folder, results["2020Q4"])["direct"] == max(colleagues)


def test_the_anchors_come_out_at_the_demo_seed(tmp_path: Path) -> None:
    check_anchors(tmp_path, 2019)


@pytest.mark.deep
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_the_anchors_come_out_at_five_seeds(tmp_path: Path, seed: int) -> None:
    check_anchors(tmp_path, seed)


@pytest.mark.parametrize("knobs", [{"tenure_effects": (0.0, -0.5)}, {"mode_effects": (0.0, -0.06, -0.6)}])
def test_another_generator_parameter_moves_the_mean(tmp_path: Path, knobs: dict[str, Any]) -> None:
    assert abs(district_mean(assessed(tmp_path, 2019, "2019Q1", **knobs)) - 90.2) > 0.05
