"""Weights against R's survey package: rake, postStratify, calibrate, trimWeights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minping_engine.weighting import (
    Distance,
    Shape,
    WeightState,
    calibrate,
    design_weights,
    post_stratify,
    rake,
    trim,
)
from tests.engine.weighting.reference import Case

pytestmark = pytest.mark.real_data
POPULATION = {"stype": [("E", 4421), ("H", 755), ("M", 1018)], "sch.wide": [("No", 1072), ("Yes", 5122)]}
TOTALS = np.array([[6194.0, 755.0, 1018.0, 3914069.0]])


def raked(case: Case) -> np.ndarray:
    margins = tuple(
        case.margin(name, [{name: level, "Freq": size} for level, size in levels])
        for name, levels in POPULATION.items()
    )
    made = rake(case.base, margins)
    assert made.margin_error[0] <= 1e-12
    return made.required()


@pytest.mark.parametrize("name", ["api_strat", "api_clus1"])
def test_raking_agrees_with_r_survey(outside_data: Path, name: str) -> None:
    case = Case(outside_data, name)
    case.compare(raked(case), "rake")


def test_post_stratification_agrees_with_r_survey(outside_data: Path) -> None:
    srs, strat = Case(outside_data, "api_srs"), Case(outside_data, "api_strat")
    margin = srs.margin("stype", [{"stype": name, "Freq": size} for name, size in POPULATION["stype"]])
    srs.expected = strat.expected
    srs.compare(post_stratify(srs.base, margin).required(), "poststratify_of_srs")


@pytest.mark.parametrize(
    ("name", "key", "distance"),
    [
        ("api_strat", "calibrate_linear", Distance(Shape.LINEAR)),
        ("api_strat", "calibrate_raking", Distance(Shape.RAKING)),
        ("api_strat", "calibrate_logit_bounds_0.5_2", Distance(Shape.LOGIT, 0.5, 2.0)),
        ("api_clus1", "calibrate_linear", Distance(Shape.LINEAR)),
    ],
)
def test_calibration_agrees_with_r_survey(
    outside_data: Path, name: str, key: str, distance: Distance
) -> None:
    case = Case(outside_data, name)
    made = calibrate(case.base, case.design(), TOTALS, distance=distance)
    assert made.margin_error[0] <= 1e-12
    case.compare(made.required(), key)


def test_calibration_to_margins_is_raking(outside_data: Path) -> None:
    """Both ways to the same weights; all levels of both margins, so columns are redundant."""
    case = Case(outside_data, "api_strat")
    design = np.column_stack(
        [
            [float(row[name] == level) for row in case.rows]
            for name, levels in POPULATION.items()
            for level, _ in levels
        ]
    )
    totals = np.array([[size for levels in POPULATION.values() for _, size in levels]], dtype=float)
    assert calibrate(case.base, design, totals).required() == pytest.approx(raked(case), rel=1e-10)


def test_trimming_agrees_with_r_survey(outside_data: Path) -> None:
    case = Case(outside_data, "api_strat")
    made = trim(raked(case), case.ones, lower=18.0, upper=35.0)
    case.compare(made.required(), "trim_raked_upper35_lower18")


def test_strict_trimming_says_when_it_cannot_keep_the_sum(outside_data: Path) -> None:
    """6,194 households do not fit into 200 weights of at most 30."""
    case = Case(outside_data, "api_strat")
    made = trim(raked(case), case.ones, upper=30.0, strict=True)
    assert made.state.tolist() == [WeightState.OUT_OF_BOUNDS]


def test_design_weights_are_those_of_the_design(outside_data: Path) -> None:
    """R's pw is rounded to single precision."""
    case = Case(outside_data, "api_strat")
    kinds = [row["stype"] for row in case.rows]
    made = design_weights([kinds.count(kind) for kind in kinds], case.column("fpc"))
    assert made == pytest.approx(case.base[0], rel=1e-7)
