"""Ballot-level random intercepts against lme4, against hand arithmetic, their properties and coverage."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError, RefusedError
from minping_engine.estimation.area import DifferenceState
from minping_engine.estimation.mixed import GroupMoments, MixedFit, moments_from_rows, random_intercept
from minping_engine.estimation.mixed_nested import NestedFit, nested_intercepts

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "method" / "shrinkage.md").read_text("utf-8")
NONE = np.zeros((12, 0))
THREE = np.array([60.0, 70, 70, 80, 70, 80, 80, 90, 80, 90, 90, 100])
WHO = np.repeat([0, 1, 2], 4)
STREETS = np.array([58.0, 62, 68, 72, 68, 72, 78, 82, 78, 82, 88, 92])
PAIRS, STREET = np.repeat(np.arange(6), 2), np.repeat([0, 1, 2], 2)


def reference(outside_data: Path, case: str) -> tuple[list[dict[str, str]], dict[str, Any]]:
    folder = outside_data.parent / "reference" / "stats" / case
    if not folder.is_dir():
        pytest.skip(f"no reference case at {folder}")
    with (folder / "data.csv").open() as stream:
        return list(csv.DictReader(stream)), json.loads((folder / "expected.json").read_text())


def moments_of(rows: list[dict[str, str]], unit: np.ndarray, x: list[str], y: str) -> GroupMoments:
    columns = np.array([[float(row[name]) for name in x] for row in rows]).reshape(len(rows), len(x))
    return moments_from_rows(unit, int(unit.max()) + 1, columns, np.array([float(row[y]) for row in rows]))


def agrees_with_lme4(fit: MixedFit | NestedFit, expected: dict[str, Any]) -> None:
    """The criterion and the fixed effects, to the tolerances of the reference's README."""
    assert fit.criterion == pytest.approx(expected["REML_criterion"], abs=1e-6)
    assert fit.beta == pytest.approx(np.array(list(expected["fixef"].values())), rel=1e-6)
    assert fit.beta_se == pytest.approx(np.array(list(expected["fixef_se"].values())), rel=1e-6)
    assert fit.variance_residual == pytest.approx(expected["variances"]["Residual"], rel=5e-6)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("case", "part", "unit", "x", "y"),
    [
        ("lmm_sleepstudy", "", "Subject", ["Days"], "Reaction"),
        ("lmm_dyestuff2_boundary", "", "Batch", [], "Yield"),
        ("profiling_bdf_schools", "mixed", "school", ["iq", "ses", "girl"], "y"),
        ("profiling_bdf_schools", "empty", "school", [], "y"),
    ],
)
def test_one_level_agrees_with_lme4(
    outside_data: Path, case: str, part: str, unit: str, x: list[str], y: str
) -> None:
    rows, whole = reference(outside_data, case)
    expected = whole[part] if part else whole
    random = expected["random"][unit]
    place = {level: index for index, level in enumerate(random["level"])}
    moments = moments_of(rows, np.array([place[row[unit]] for row in rows]), x, y)
    fit = random_intercept(moments)
    agrees_with_lme4(fit, expected)
    assert fit.variance_unit == pytest.approx(expected["variances"][unit], rel=5e-6)
    tolerance = 1e-6 * np.sqrt(fit.variance_residual)
    assert fit.effect == pytest.approx(np.array(random["blup"]), abs=tolerance)
    assert fit.effect_sd == pytest.approx(np.array(random["cond_sd"]), abs=tolerance)
    by_ml = random_intercept(moments, restricted=False)
    assert by_ml.criterion == pytest.approx(expected["ML_minus2loglik"], abs=1e-6)
    assert (fit.state is DifferenceState.NO_EVIDENCE) == (case == "lmm_dyestuff2_boundary")


@pytest.mark.real_data
def test_two_levels_agree_with_lme4(outside_data: Path) -> None:
    rows, expected = reference(outside_data, "lmm_pastes_nested")
    units, groups = expected["random"]["sample"], expected["random"]["batch"]
    unit_place = {level: index for index, level in enumerate(units["level"])}
    group_place = {level: index for index, level in enumerate(groups["level"])}
    unit = np.array([unit_place[row["sample"]] for row in rows])
    group = np.zeros(len(unit_place), dtype=np.int64)
    group[unit] = [group_place[row["batch"]] for row in rows]
    moments = moments_of(rows, unit, [], "strength")
    fit = nested_intercepts(moments, group, len(group_place))
    agrees_with_lme4(fit, expected)
    assert fit.variance_unit == pytest.approx(expected["variances"]["sample"], rel=5e-6)
    assert fit.variance_group == pytest.approx(expected["variances"]["batch"], rel=5e-6)
    tolerance = 1e-6 * np.sqrt(fit.variance_residual)
    assert fit.unit_effect == pytest.approx(np.array(units["blup"]), abs=tolerance)
    assert fit.unit_sd == pytest.approx(np.array(units["cond_sd"]), abs=tolerance)
    assert fit.group_effect == pytest.approx(np.array(groups["blup"]), abs=tolerance)
    assert fit.group_sd == pytest.approx(np.array(groups["cond_sd"]), abs=tolerance)
    by_ml = nested_intercepts(moments, group, len(group_place), restricted=False)
    assert by_ml.criterion == pytest.approx(expected["ML_minus2loglik"], abs=1e-6)


def test_the_worked_table_of_one_level_is_what_the_code_makes() -> None:
    fit = random_intercept(moments_from_rows(WHO, 3, NONE, THREE))
    for effect in fit.effect.round(4) + 0.0:
        assert f"| {effect:.4f} |".replace("-", "−") in PAGE
    assert f"σ_e² = **{fit.variance_residual:.4f}**" in PAGE
    assert f"**{fit.variance_unit:.4f}**, ICC **{fit.icc:.4f}**" in PAGE
    assert f"= **{fit.beta_se[0]:.4f}**" in PAGE
    assert f"= **{fit.effect_sd[0]:.4f}**" in PAGE
    assert fit.value == pytest.approx(80 + fit.effect)


def test_the_worked_table_of_two_levels_is_what_the_code_makes() -> None:
    fit = nested_intercepts(moments_from_rows(PAIRS, 6, NONE, STREETS), STREET, 3)
    assert f"σ_e² = **{fit.variance_residual:.4f}**" in PAGE
    assert f"= **{fit.variance_unit:.4f}**" in PAGE
    assert f"= **{fit.variance_group:.4f}**" in PAGE
    assert f"∓**{fit.group_effect[2]:.4f}**" in PAGE
    assert fit.combined == pytest.approx(fit.group_effect[STREET] + fit.unit_effect)


def dense(x: np.ndarray, y: np.ndarray, v: np.ndarray, restricted: bool) -> float:
    """-2 log likelihood written out with the whole covariance matrix."""
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    residual = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    rows = len(y) - (x.shape[1] if restricted else 0)
    extra = np.linalg.slogdet(information)[1] if restricted else 0.0
    return float(rows * np.log(2 * np.pi) + np.linalg.slogdet(v)[1] + residual @ inverse @ residual + extra)


def uneven(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """unit (rows,), group (units,), x, y: uneven sizes, one unit with one ballot."""
    rng = np.random.default_rng(seed)
    n = np.append(rng.integers(2, 9, 11), 1)
    unit, group = np.repeat(np.arange(12), n), np.repeat([0, 1, 2, 3], 3)
    x = rng.normal(5, 2, (len(unit), 2))
    effects = rng.normal(0, 2, 12) + rng.normal(0, 2, 4)[group]
    return unit, group, x, 70 + x @ [1.0, -2.0] + effects[unit] + rng.normal(0, 3, len(unit))


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_moments_give_the_same_likelihood_as_all_rows(seed: int, restricted: bool) -> None:
    unit, group, x, y = uneven(seed)
    moments, design = moments_from_rows(unit, 12, x, y), np.column_stack((np.ones(len(y)), x))
    same, near = np.equal.outer(unit, unit), np.equal.outer(group[unit], group[unit])
    one = random_intercept(moments, restricted=restricted)
    v = one.variance_residual * np.eye(len(y)) + one.variance_unit * same
    assert one.criterion == pytest.approx(dense(design, y, v, restricted), rel=1e-9)
    two = nested_intercepts(moments, group, 4, restricted=restricted)
    v = two.variance_residual * np.eye(len(y)) + two.variance_unit * same + two.variance_group * near
    assert two.criterion == pytest.approx(dense(design, y, v, restricted), rel=1e-9)
    assert two.criterion <= one.criterion + 1e-9, "a level more never fits worse"
    for factor in (0.9, 1.1):
        worse = v + (factor - 1) * two.variance_unit * same
        assert dense(design, y, worse, restricted) >= two.criterion - 1e-9


def test_effects_and_their_errors_are_those_of_the_whole_covariance_matrix() -> None:
    unit, group, x, y = uneven(4)
    fit = nested_intercepts(moments_from_rows(unit, 12, x, y), group, 4)
    z, zs = np.eye(12)[unit], np.eye(4)[group[unit]]
    v = fit.variance_residual * np.eye(len(y)) + fit.variance_unit * z @ z.T + fit.variance_group * zs @ zs.T
    inverse = np.linalg.inv(v)
    residual = y - np.column_stack((np.ones(len(y)), x)) @ fit.beta
    assert fit.unit_effect == pytest.approx(fit.variance_unit * z.T @ inverse @ residual, abs=1e-8)
    assert fit.group_effect == pytest.approx(fit.variance_group * zs.T @ inverse @ residual, abs=1e-8)
    both = fit.variance_unit * z.T + fit.variance_group * zs.T[group]
    prior = fit.variance_unit + fit.variance_group
    conditional = prior - np.einsum("ij,jk,ik->i", both, inverse, both)
    assert fit.combined_sd == pytest.approx(np.sqrt(conditional), rel=1e-7)


def test_the_prediction_error_counts_the_error_of_the_coefficients() -> None:
    unit, _, x, y = uneven(5)
    fit = random_intercept(moments_from_rows(unit, 12, x, y))
    design, z = np.column_stack((np.ones(len(y)), x)), np.eye(12)[unit]
    v = fit.variance_residual * np.eye(len(y)) + fit.variance_unit * z @ z.T
    pull = fit.variance_unit * z.T @ np.linalg.inv(v)
    known = fit.variance_unit - fit.variance_unit * np.einsum("ij,ji->i", pull, z)
    more = np.einsum("ij,jk,ik->i", pull @ design, fit.beta_cov, pull @ design)
    assert fit.effect_sd == pytest.approx(np.sqrt(known), rel=1e-8)
    assert fit.prediction_sd == pytest.approx(np.sqrt(known + more), rel=1e-8)


def test_a_unit_without_ballots_is_expected_at_the_mean() -> None:
    fit = random_intercept(moments_from_rows(WHO, 4, NONE, THREE))
    assert fit.effect[3] == 0.0
    assert fit.effect_sd[3] == pytest.approx(np.sqrt(fit.variance_unit))
    assert fit.gamma[3] == 0.0


def test_equal_unit_means_show_no_differences_at_either_level() -> None:
    y = np.tile([60.0, 100.0], 6)
    one = random_intercept(moments_from_rows(PAIRS, 6, NONE, y))
    assert one.state is DifferenceState.NO_EVIDENCE
    assert not one.effect.any()
    assert not one.effect_sd.any()
    two = nested_intercepts(moments_from_rows(PAIRS, 6, NONE, y), STREET, 3)
    assert two.unit_state is two.group_state is DifferenceState.NO_EVIDENCE
    assert (two.variance_unit, two.variance_group) == (0.0, 0.0)


def test_streets_may_differ_while_workers_in_them_do_not() -> None:
    y = np.array([50.0, 70, 50, 70, 60, 80, 60, 80, 90, 70, 90, 70])
    fit = nested_intercepts(moments_from_rows(PAIRS, 6, NONE, y), STREET, 3)
    assert fit.unit_state is DifferenceState.NO_EVIDENCE
    assert fit.group_state is DifferenceState.NO_EVIDENCE or fit.variance_group > 0
    wide = np.array([50.0, 54, 50, 54, 70, 74, 70, 74, 90, 94, 90, 94])
    apart = nested_intercepts(moments_from_rows(PAIRS, 6, NONE, wide), STREET, 3)
    assert apart.unit_state is DifferenceState.NO_EVIDENCE
    assert apart.group_state is DifferenceState.DIFFERENCES


def test_workers_may_differ_while_streets_do_not() -> None:
    y = np.array([50.0, 54, 90, 94] * 3)
    fit = nested_intercepts(moments_from_rows(PAIRS, 6, NONE, y), STREET, 3)
    assert fit.unit_state is DifferenceState.DIFFERENCES
    assert fit.group_state is DifferenceState.NO_EVIDENCE
    assert not fit.group_effect.any()


def test_whole_numbers_in_thousandths_give_the_same_as_points() -> None:
    points = random_intercept(moments_from_rows(WHO, 3, NONE, THREE))
    milli = random_intercept(moments_from_rows(WHO, 3, NONE, THREE * 1000))
    assert milli.effect / 1000 == pytest.approx(points.effect, abs=1e-9)


REFUSALS = {
    "no_repeats": lambda: moments_from_rows(np.arange(12), 12, NONE, THREE),
    "too_few_units": lambda: moments_from_rows(np.zeros(12, dtype=int), 1, NONE, THREE),
    "no_residual_variance": lambda: moments_from_rows(WHO, 3, NONE, np.repeat([1.0, 2, 3], 4)),
    "covariates_dependent": lambda: moments_from_rows(WHO, 3, np.ones((12, 1)), THREE),
    "shapes_differ": lambda: moments_from_rows(WHO, 3, np.ones((11, 1)), THREE),
    "moments_impossible": lambda: GroupMoments(
        np.array([2, 2]), np.zeros((2, 0)), np.array([0.0, 9]), np.zeros((0, 0)), np.zeros(0), 40.4
    ),
    "not_finite": lambda: moments_from_rows(WHO, 3, NONE, np.append(THREE[:-1], np.nan)),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_what_cannot_be_estimated_is_refused_with_its_code(code: str) -> None:
    with pytest.raises((InputError, RefusedError), match=code):
        random_intercept(REFUSALS[code]())


def test_a_covariate_whose_mean_drowns_its_spread_is_refused() -> None:
    x = 1e7 + np.arange(12.0)[:, None]
    with pytest.raises(InputError, match="covariates_dependent"):
        random_intercept(moments_from_rows(WHO, 3, x, THREE))


def test_constant_answers_leave_nothing_to_measure_against() -> None:
    with pytest.raises(RefusedError, match="no_residual_variance"):
        random_intercept(moments_from_rows(WHO, 3, NONE, np.full(12, 80.0)))


@pytest.mark.parametrize(
    ("group", "n_groups", "code"),
    [
        ([0, 1, 2, 3, 4, 5], 6, "levels_confounded"),
        ([0] * 6, 1, "too_few_units"),
        ([0, 1, 2, 3, 4, 6], 6, "shapes_differ"),
        ([0, 1], 2, "shapes_differ"),
    ],
)
def test_levels_that_cannot_be_told_apart_are_refused(group: list[int], n_groups: int, code: str) -> None:
    with pytest.raises((InputError, RefusedError), match=code):
        nested_intercepts(moments_from_rows(PAIRS, 6, NONE, STREETS), np.array(group), n_groups)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.permutations(range(12)))
def test_relabelling_units_changes_nothing_visible(seed: int, order: list[int]) -> None:
    unit, group, x, y = uneven(seed)
    label = np.array(order)
    moved = np.empty(12, dtype=np.int64)
    moved[label] = group
    one, two = moments_from_rows(unit, 12, x, y), moments_from_rows(label[unit], 12, x, y)
    assert random_intercept(two).effect[label] == pytest.approx(random_intercept(one).effect, abs=1e-6)
    first, second = nested_intercepts(one, group, 4), nested_intercepts(two, moved, 4)
    assert second.combined[label] == pytest.approx(first.combined, abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([(0.001, -0.02), (50.0, 2000.0), (1.0, 100.0)]))
def test_units_of_covariates_change_nothing_else(seed: int, units: tuple[float, float]) -> None:
    scale, shift = units
    unit, _, x, y = uneven(seed)
    one = random_intercept(moments_from_rows(unit, 12, x, y))
    two = random_intercept(moments_from_rows(unit, 12, shift + scale * x, y))
    assert two.effect == pytest.approx(one.effect, abs=1e-4)
    assert two.beta[1:] * scale == pytest.approx(one.beta[1:], rel=1e-4, abs=1e-5)


@pytest.mark.deep
def test_intervals_of_one_and_two_levels_cover_in_simulation() -> None:
    """n from 20 to 950, skewed answers, workers in streets; 93-97 %; errors halved cover too little."""
    rng = np.random.default_rng(5)
    one, two, broken = [], [], []
    for _ in range(40):
        n = np.exp(rng.uniform(np.log(20), np.log(950), 120)).astype(np.int64)
        group, unit = np.arange(120) // 6, np.repeat(np.arange(120), n)
        x = (rng.random((len(unit), 1)) < 0.4).astype(float)
        truth = rng.normal(0, 2.0, 20)[group] + rng.normal(0, 2.5, 120)
        y = 80 - 3 * x[:, 0] + truth[unit] + 20 - rng.gamma(2.0, 10.0, len(unit))
        moments = moments_from_rows(unit, 120, x, y)
        wanted = 80 + truth
        fit, nested = random_intercept(moments), nested_intercepts(moments, group, 20)
        level = fit.beta[0] + fit.effect
        one.append(np.abs(level - wanted) < 1.96 * np.sqrt(fit.effect_sd**2 + _level_var(fit)))
        broken.append(np.abs(level - wanted) < 0.98 * fit.effect_sd)
        off = nested.beta[0] + nested.combined - wanted
        two.append(np.abs(off) < 1.96 * nested.combined_sd)
    assert 0.93 < np.mean(one) < 0.97
    assert 0.93 < np.mean(two) < 0.97
    assert np.mean(broken) < 0.85


def _level_var(fit: MixedFit) -> np.ndarray:
    """What the error of the intercept adds to a unit's level: it is pulled toward that intercept."""
    return (1 - fit.gamma) ** 2 * fit.beta_cov[0, 0]
