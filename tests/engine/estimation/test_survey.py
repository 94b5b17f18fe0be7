"""Designed estimates from sums against R's survey package and against hand arithmetic."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minping_engine.estimation import (
    FittedResiduals,
    RatioCells,
    SurveyCells,
    SurveyDesign,
    SurveyEstimates,
    SweptResiduals,
    Weighting,
    design_effect,
    margin_features,
    survey_means,
    survey_ratios,
    survey_totals,
)

Rows = list[dict[str, str]]


def reference(outside_data: Path, case: str) -> tuple[Rows, Any]:
    folder = outside_data.parent / "reference" / "stats" / case
    if not folder.is_dir():
        pytest.skip(f"no reference case at {folder}")
    with (folder / "data.csv").open() as stream:
        return list(csv.DictReader(stream)), json.loads((folder / "expected.json").read_text())


def codes(rows: Rows, column: str) -> np.ndarray:
    names = sorted({row[column] for row in rows})
    return np.array([names.index(row[column]) for row in rows])


def ints(rows: Rows, column: str) -> np.ndarray:
    return np.array([int(row[column]) for row in rows])


def ballots_as_cells(values: np.ndarray, inside: np.ndarray | None = None) -> SurveyCells:
    """Every ballot a cell of its own; `inside` (ballots, variables) says who is in the domain."""
    table = values if values.ndim == 2 else values[:, None]
    there = np.ones_like(table) if inside is None else inside.astype(np.int64)
    return SurveyCells(np.ones(len(table), dtype=np.int64), there, table * there, table * table * there)


def one_design(rows: Rows, stratum: str = "", cluster: str = "") -> SurveyDesign:
    label = codes(rows, stratum) if stratum else np.zeros(len(rows), dtype=np.int64)
    sizes = [
        int(next(r["fpc"] for r, k in zip(rows, label, strict=True) if k == at))
        for at in range(label.max() + 1)
    ]
    return SurveyDesign(
        label,
        np.zeros(len(sizes), dtype=np.int64),
        np.array(sizes),
        1,
        codes(rows, cluster) if cluster else None,
    )


def weights_of(rows: Rows) -> np.ndarray:
    return np.array([float(row["pw"]) for row in rows])


def agrees(made: SurveyEstimates, expected: Any, names: list[str], rel: float = 1e-8) -> None:
    for at, name in enumerate(names):
        assert made.estimate[0, at] == pytest.approx(expected["estimate"][name], rel=rel)
        assert made.se_fpc[0, at] == pytest.approx(expected["se"][name], rel=rel)


@pytest.mark.real_data
def test_means_totals_and_shares_of_a_simple_random_sample_agree_with_r(outside_data: Path) -> None:
    rows, expected = reference(outside_data, "api_srs")
    design, weighting = one_design(rows), Weighting(weights_of(rows))
    names = list(expected["mean"]["estimate"])
    cells = ballots_as_cells(np.stack([ints(rows, name) for name in names], axis=1))
    made = survey_means(design, cells, weighting)
    agrees(made, expected["mean"], names)
    assert made.se[0, 0] == pytest.approx(expected["mean_noFPC"]["se"]["api00"], rel=1e-8)
    names = list(expected["total"]["estimate"])
    cells = ballots_as_cells(np.stack([ints(rows, name) for name in names], axis=1))
    agrees(survey_totals(design, cells, weighting), expected["total"], names)
    kinds = (codes(rows, "stype")[:, None] == np.arange(3)).astype(np.int64)
    made = survey_means(design, ballots_as_cells(kinds), weighting)
    agrees(made, expected["prop_stype"], ["stypeE", "stypeH", "stypeM"])


@pytest.mark.real_data
def test_a_ratio_agrees_with_r(outside_data: Path) -> None:
    rows, expected = reference(outside_data, "api_srs")
    y, x = (ints(rows, name)[:, None] for name in ("api.stu", "enroll"))
    one = np.ones(len(rows), dtype=np.int64)
    made = survey_ratios(
        one_design(rows),
        RatioCells(one, one[:, None], y, x, y * y, x * y, x * x),
        Weighting(weights_of(rows)),
    )
    assert made.estimate[0, 0] == pytest.approx(expected["ratio_api.stu_enroll"]["est"], rel=1e-10)
    assert made.se_fpc[0, 0] == pytest.approx(expected["ratio_api.stu_enroll"]["se"], rel=1e-8)


DOMAINS = [
    ("api_srs", "by_stype", "stype", {}),
    ("api_strat", "by_sch.wide", "sch.wide", {"stratum": "stype"}),
    ("api_clus1", "by_stype", "stype", {"cluster": "dnum"}),
]


@pytest.mark.real_data
@pytest.mark.parametrize(("case", "key", "column", "design"), DOMAINS)
def test_domains_agree_with_r(
    outside_data: Path, case: str, key: str, column: str, design: dict[str, str]
) -> None:
    rows, expected = reference(outside_data, case)
    groups = expected[key]["group"]
    inside = np.array([[row[column] == name for name in groups] for row in rows])
    values = np.repeat(ints(rows, "api00")[:, None], len(groups), axis=1)
    made = survey_means(
        one_design(rows, **design), ballots_as_cells(values, inside), Weighting(weights_of(rows))
    )
    assert made.estimate[0] == pytest.approx(expected[key]["estimate"], rel=1e-8)
    assert made.se_fpc[0] == pytest.approx(expected[key]["se"], rel=1e-8)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("case", "design"), [("api_strat", {"stratum": "stype"}), ("api_clus1", {"cluster": "dnum"})]
)
def test_strata_and_clusters_agree_with_r(outside_data: Path, case: str, design: dict[str, str]) -> None:
    rows, expected = reference(outside_data, case)
    weighting, names = Weighting(weights_of(rows)), ["api00", "enroll"]
    cells = ballots_as_cells(np.stack([ints(rows, name) for name in names], axis=1))
    made = survey_means(one_design(rows, **design), cells, weighting)
    agrees(made, expected["base"]["mean"], names)
    fraction = len(rows) / weighting.weight.sum()
    effect = design_effect(made.se_fpc, made.srs_se, fraction)
    assert effect[0, 0] == pytest.approx(expected["deff_api00"], rel=1e-7)
    cells = ballots_as_cells(ints(rows, "enroll"))
    agrees(survey_totals(one_design(rows, **design), cells, weighting), expected["base"]["total"], ["enroll"])
    assert made.df[0, 0] == (14 if "cluster" in design else 197)


def calibrated(design: np.ndarray, x: np.ndarray, totals: np.ndarray, g: Callable[..., Any]) -> np.ndarray:
    """Newton steps to weights that meet the totals; `g` gives the factor and its slope."""
    multiplier = np.zeros(x.shape[1])
    scale = x.max(axis=0)
    for _ in range(60):
        factor, slope = g((x / scale) @ multiplier)
        gap = totals / scale - (design * factor) @ (x / scale)
        multiplier += np.linalg.solve(((x / scale) * (design * slope)[:, None]).T @ (x / scale), gap)
    return design * g((x / scale) @ multiplier)[0]


def logit(u: np.ndarray, low: float = 0.5, high: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    a = (high - low) / ((1 - low) * (high - 1))
    e = np.exp(a * u)
    top, under = low * (high - 1) + high * (1 - low) * e, (high - 1) + (1 - low) * e
    slope = (high * (1 - low) * a * e * under - top * (1 - low) * a * e) / under**2
    return top / under, slope


FACTORS: dict[str, Callable[[np.ndarray], Any]] = {
    "calibrate_linear": lambda u: (1 + u, np.ones_like(u)),
    "calibrate_raking": lambda u: (np.exp(u), np.exp(u)),
    "calibrate_logit_bounds_0.5_2": logit,
}


@pytest.mark.real_data
@pytest.mark.parametrize("kind", list(FACTORS))
def test_calibrated_errors_agree_with_calibrate_of_r(outside_data: Path, kind: str) -> None:
    rows, expected = reference(outside_data, "api_strat")
    x = np.column_stack([margin_features(codes(rows, "stype")[:, None]), ints(rows, "api99")])
    totals = np.array(list(expected["calibrate_population"].values()), dtype=float)
    before = weights_of(rows)
    after = calibrated(before, x, totals, FACTORS[kind])
    weighting = Weighting(after, FittedResiduals(before, x))
    names = ["api00", "enroll"]
    cells = ballots_as_cells(np.stack([ints(rows, name) for name in names], axis=1))
    agrees(survey_means(one_design(rows, "stype"), cells, weighting), expected[kind]["mean"], names)
    cells = ballots_as_cells(ints(rows, "enroll"))
    agrees(survey_totals(one_design(rows, "stype"), cells, weighting), expected[kind]["total"], ["enroll"])


@pytest.mark.real_data
def test_errors_of_a_regression_estimate_over_clusters_agree_with_r(outside_data: Path) -> None:
    rows, expected = reference(outside_data, "api_clus1")
    x = np.column_stack([margin_features(codes(rows, "stype")[:, None]), ints(rows, "api99")])
    totals, before = np.array([6194.0, 755, 1018, 3914069]), weights_of(rows)
    weighting = Weighting(
        calibrated(before, x, totals, FACTORS["calibrate_linear"]), FittedResiduals(before, x)
    )
    names = ["api00", "enroll"]
    cells = ballots_as_cells(np.stack([ints(rows, name) for name in names], axis=1))
    made = survey_means(one_design(rows, cluster="dnum"), cells, weighting)
    agrees(made, expected["calibrate_linear"]["mean"], names)


def raked(before: np.ndarray, levels: np.ndarray, totals: list[list[float]]) -> np.ndarray:
    after = before.copy()
    for _ in range(500):
        for margin, goal in enumerate(totals):
            now = np.bincount(levels[:, margin], after)
            after *= (np.array(goal) / now)[levels[:, margin]]
    return after


RAKED = [
    ("api_strat", {"stratum": "stype"}, ["stype", "sch.wide"]),
    ("api_clus1", {"cluster": "dnum"}, ["stype", "sch.wide"]),
]


@pytest.mark.real_data
@pytest.mark.parametrize(("case", "design", "margins"), RAKED)
def test_raked_errors_agree_with_rake_of_r_by_its_own_rule(
    outside_data: Path, case: str, design: dict[str, str], margins: list[str]
) -> None:
    rows, expected = reference(outside_data, case)
    levels = np.stack([codes(rows, name) for name in margins], axis=1)
    after = raked(weights_of(rows), levels, [[4421, 755, 1018], [1072, 5122]])
    names = ["api00", "enroll"]
    cells = ballots_as_cells(np.stack([ints(rows, name) for name in names], axis=1))
    swept = survey_means(one_design(rows, **design), cells, Weighting(after, SweptResiduals(levels)))
    agrees(swept, expected["rake"]["mean"], names, rel=1e-10)
    fitted = FittedResiduals(weights_of(rows), margin_features(levels))
    other = survey_means(one_design(rows, **design), cells, Weighting(after, fitted))
    assert other.se_fpc[0] == pytest.approx(swept.se_fpc[0], rel=0.02)


@pytest.mark.real_data
def test_domains_after_raking_agree_with_r(outside_data: Path) -> None:
    rows, expected = reference(outside_data, "api_strat")
    levels = np.stack([codes(rows, name) for name in ("stype", "sch.wide")], axis=1)
    after = raked(weights_of(rows), levels, [[4421, 755, 1018], [1072, 5122]])
    groups = expected["rake_by_awards"]["group"]
    inside = np.array([[row["awards"] == name for name in groups] for row in rows])
    values = np.repeat(ints(rows, "api00")[:, None], 2, axis=1)
    made = survey_means(
        one_design(rows, "stype"), ballots_as_cells(values, inside), Weighting(after, SweptResiduals(levels))
    )
    assert made.estimate[0] == pytest.approx(expected["rake_by_awards"]["estimate"], rel=1e-8)
    assert made.se_fpc[0] == pytest.approx(expected["rake_by_awards"]["se"], rel=1e-7)


@pytest.mark.real_data
def test_poststratified_errors_agree_with_r(outside_data: Path) -> None:
    rows, expected = reference(outside_data, "api_srs")
    levels = codes(rows, "stype")[:, None]
    after = raked(weights_of(rows), levels, [[4421, 755, 1018]])
    expected = reference(outside_data, "api_strat")[1]["poststratify_of_srs"]
    names = ["api00", "enroll"]
    cells = ballots_as_cells(np.stack([ints(rows, name) for name in names], axis=1))
    weighting = Weighting(after, FittedResiduals(weights_of(rows), margin_features(levels)))
    agrees(survey_means(one_design(rows), cells, weighting), expected["mean"], names)


@pytest.mark.real_data
def test_errors_after_trimming_raked_weights_agree_with_r(outside_data: Path) -> None:
    rows, expected = reference(outside_data, "api_strat")
    levels = np.stack([codes(rows, name) for name in ("stype", "sch.wide")], axis=1)
    after = raked(weights_of(rows), levels, [[4421, 755, 1018], [1072, 5122]])
    trimmed = np.clip(after, 18, 35)
    outside = after != trimmed
    trimmed[~outside] += (after - trimmed).sum() / (~outside).sum()
    names = ["api00", "enroll"]
    cells = ballots_as_cells(np.stack([ints(rows, name) for name in names], axis=1))
    rule = SweptResiduals(levels, calibrated_weight=after)
    made = survey_means(one_design(rows, "stype"), cells, Weighting(trimmed, rule))
    agrees(made, expected["trim_raked_upper35_lower18"]["mean"], names, rel=1e-9)
