"""Area model against metafor, against hand arithmetic, its properties, and its coverage."""

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
from minping_engine.estimation.area import (
    AreaFit,
    AreaUnitState,
    DifferenceState,
    VarianceMethod,
    area_model,
    award_values,
    class_covariates,
    normal_interval,
    variance_interval,
)
from minping_engine.estimation.variance_search import lowest_from_zero, quantise

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "method" / "shrinkage.md").read_text("utf-8")
EVERY = pytest.mark.parametrize("method", list(VarianceMethod))
UNEQUAL = np.array([70.0, 74.0, 78.0, 82.0, 90.0, 71.0]), np.array([1.0, 4.0, 2.0, 9.0, 3.0, 5.0])


def reference(outside_data: Path, case: str) -> tuple[list[dict[str, str]], dict[str, Any]]:
    folder = outside_data.parent / "reference" / "stats" / case
    if not folder.is_dir():
        pytest.skip(f"no reference case at {folder}")
    with (folder / "data.csv").open() as stream:
        return list(csv.DictReader(stream)), json.loads((folder / "expected.json").read_text())


def milk(outside_data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
    rows, expected = reference(outside_data, "area_milk")
    classes = np.array([int(row["major"].removeprefix("m")) - 1 for row in rows])
    x = class_covariates(classes, 4)
    x[:, 0] = 1
    estimate, error = (np.array([float(row[name]) for row in rows]) for name in ("y", "se"))
    return estimate, error * error, x, expected


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("method", "name"),
    [("reml", "REML"), ("ml", "ML"), ("dersimonian_laird", "DL"), ("fay_herriot", "PM_fay_herriot_moment")],
)
def test_the_variance_between_areas_agrees_with_metafor(outside_data: Path, method: str, name: str) -> None:
    y, v, x, expected = milk(outside_data)
    fit = area_model(y, v, x, VarianceMethod(method))
    assert fit.variance_between == pytest.approx(expected["sigma2_u"][name], rel=1e-9)


@pytest.mark.real_data
def test_predictions_and_their_errors_agree_with_metafor_and_sae(outside_data: Path) -> None:
    y, v, x, expected = milk(outside_data)
    fit = area_model(y, v, x)
    mse = expected["mse_prasad_rao_REML"]
    pairs = [
        (fit.beta, expected["beta"]),
        (fit.beta_se, expected["beta_se"]),
        (fit.value, expected["eblup"]),
        (fit.g1, mse["g1"]),
        (fit.g2, mse["g2"]),
        (fit.g3, mse["g3"]),
        (fit.mse, mse["mse"]),
    ]
    for made, wanted in pairs:
        assert made == pytest.approx(np.array(wanted), rel=1e-9)
    assert fit.heterogeneity == pytest.approx(expected["fixed_effect"]["Q"], rel=1e-10)
    assert fit.mse[0] == pytest.approx(0.0134602, abs=1e-6), "documentation of R sae"


@pytest.mark.real_data
def test_the_same_model_in_class_columns_predicts_the_same(outside_data: Path) -> None:
    y, v, x, expected = milk(outside_data)
    classes = np.where((x[:, 1:] > 0).any(axis=1), x[:, 1:].argmax(axis=1) + 1, 0)
    fit = area_model(y, v, class_covariates(classes, 4))
    assert fit.value == pytest.approx(np.array(expected["eblup"]), rel=1e-9)
    assert fit.beta[1] == pytest.approx(expected["beta"][0] + expected["beta"][1], rel=1e-9)


@pytest.mark.real_data
def test_shrinkage_to_a_common_mean_agrees_with_metafor(outside_data: Path) -> None:
    rows, whole = reference(outside_data, "ranks_pisa2018_math")
    estimate, error = (np.array([float(row[name]) for row in rows]) for name in ("estimate", "se"))
    fit, expected = area_model(estimate, error * error), whole["eb"]
    assert fit.variance_between == pytest.approx(expected["tau2"], rel=1e-9)
    assert (fit.beta[0], fit.beta_se[0]) == pytest.approx((expected["mu"], expected["se_mu"]), rel=1e-9)
    assert fit.value == pytest.approx(np.array(expected["shrunken_plain"]), rel=1e-10)
    assert fit.g1 == pytest.approx(np.array(expected["posterior_var_plain"]), rel=1e-9)
    assert np.sqrt(fit.g1 + fit.g2) == pytest.approx(np.array(expected["blup_metafor_se"]), rel=1e-9)


def test_the_worked_table_is_what_the_code_makes() -> None:
    y = np.array([70.0, 74.0, 78.0, 82.0])
    fit = area_model(y, np.full(4, 4.0))
    for direct, value in zip(y, fit.value, strict=True):
        assert f"| {direct:.0f} | {value:.2f} |" in PAGE
    assert f"σ² = **{fit.variance_between:.4f}**" in PAGE
    assert f"**{fit.gamma[0]:.4f}**" in PAGE
    assert f"MSE = 3.40 + 0.15 + 0.60 = **{fit.mse[0]:.4f}**" in PAGE
    assert (fit.g1[0], fit.g2[0], fit.g3[0]) == pytest.approx((3.4, 0.15, 0.3), rel=1e-12)
    most_likely = area_model(y, np.full(4, 4.0), method=VarianceMethod.ML)
    assert f"= **{most_likely.variance_between:.4f}**" in PAGE


@EVERY
def test_with_equal_variances_every_method_has_a_closed_form(method: VarianceMethod) -> None:
    y = np.array([70.0, 74.0, 78.0, 82.0])
    wanted = 16.0 if method is VarianceMethod.ML else 80 / 3 - 4
    assert area_model(y, np.full(4, 4.0), method=method).variance_between == pytest.approx(wanted, rel=1e-12)


@EVERY
def test_no_more_spread_than_chance_is_an_answer_and_not_a_failure(method: VarianceMethod) -> None:
    fit = area_model(np.array([75.0, 76.0, 77.0, 76.0]), np.full(4, 4.0), method=method)
    assert fit.state is DifferenceState.NO_EVIDENCE
    assert fit.variance_between == 0.0
    assert fit.value == pytest.approx(np.full(4, 76.0))
    assert np.isfinite(fit.mse).all()
    assert (fit.mse > 0).all()


@EVERY
def test_identical_estimates_show_no_differences(method: VarianceMethod) -> None:
    fit = area_model(np.full(5, 80.0), np.array([1.0, 2, 3, 4, 5]), method=method)
    assert fit.state is DifferenceState.NO_EVIDENCE


def test_two_units_are_the_fewest_a_common_mean_can_carry() -> None:
    assert area_model(np.array([60.0, 90.0]), np.array([4.0, 4.0])).variance_between == pytest.approx(446.0)
    with pytest.raises(RefusedError, match="too_few_units"):
        area_model(np.array([60.0]), np.array([4.0]))


def test_huge_differences_leave_the_direct_values_nearly_alone() -> None:
    y = np.array([0.0, 1e6, -1e6, 5e5])
    fit = area_model(y, np.full(4, 1e-4))
    assert fit.value == pytest.approx(y, abs=1e-6)


def test_a_unit_without_estimate_or_variance_gets_the_class_mean_and_says_so() -> None:
    y, v = (part.copy() for part in UNEQUAL)
    full = area_model(y, v)
    more = area_model(np.append(y, [np.nan, 99.0]), np.append(v, [4.0, np.nan]))
    assert more.variance_between == full.variance_between
    assert more.unit_state[-2:].tolist() == [AreaUnitState.NO_ESTIMATE, AreaUnitState.NO_VARIANCE]
    assert more.value[-2:].tolist() == [full.beta[0]] * 2
    assert more.mse[-1] == pytest.approx(full.variance_between + full.beta_cov[0, 0])
    assert more.gamma[-2:].tolist() == [0, 0]
    assert more.value[:-2].tolist() == full.value.tolist()


def test_a_unit_alone_in_its_class_is_not_moved() -> None:
    y, v = UNEQUAL
    fit = area_model(y, v, class_covariates(np.array([0, 0, 0, 0, 0, 1]), 2))
    assert fit.value[-1] == pytest.approx(y[-1])
    assert fit.g1[-1] + fit.g2[-1] == pytest.approx(v[-1])


@pytest.mark.parametrize(
    ("code", "y", "v", "x"),
    [
        ("variance_not_positive", [1.0, 2, 3], [1.0, 0, 1], [[1.0], [1], [1]]),
        ("shapes_differ", [1.0, 2, 3], [1.0, 1], [[1.0], [1], [1]]),
        ("not_finite", [1.0, 2, 3], [1.0, 1, 1], [[1.0], [np.nan], [1]]),
        ("not_finite", [1.0, np.inf, 3], [1.0, 1, 1], [[1.0], [1], [1]]),
        ("covariates_dependent", [1.0, 2, 3], [1.0, 1, 1], [[1.0, 2], [1, 2], [1, 2]]),
        ("covariates_dependent", [1.0, 2, np.nan], [1.0, 1, 1], [[1.0], [0], [0]][::-1]),
        ("too_few_units", [1.0, np.nan, np.nan], [1.0, 1, 1], [[1.0], [1], [1]]),
    ],
)
def test_bad_input_is_refused_with_its_code(code: str, y: list[float], v: list[float], x: list) -> None:
    with pytest.raises((InputError, RefusedError), match=code):
        area_model(np.array(y), np.array(v), np.array(x))


@pytest.mark.parametrize("classes", [[0, 2], [-1, 0], [0, 0]])
def test_a_class_number_that_does_not_exist_or_has_no_unit_is_refused(classes: list[int]) -> None:
    with pytest.raises(InputError, match="class_without_units"):
        class_covariates(np.array(classes), 2)


def test_the_interval_of_the_variance_is_that_of_the_page() -> None:
    low, high = variance_interval(np.array([70.0, 74, 78, 82]), np.full(4, 4.0), percent=95)
    assert f"= **{low:.4f}** to" in PAGE
    assert f"= **{high:.4f}**." in PAGE


def test_no_evidence_of_differences_leaves_an_upper_limit() -> None:
    low, high = variance_interval(np.array([75.0, 76, 77, 76]), np.full(4, 4.0), percent=95)
    assert low == 0.0
    assert high == pytest.approx(2 / 0.21579528 - 4, rel=1e-6)


def test_a_search_that_finds_no_lowest_point_is_an_error() -> None:
    with pytest.raises(RefusedError, match="not_converged"):
        lowest_from_zero(lambda at: (-at, -1.0), np.array([1.0, 2.0]))
    with pytest.raises(RefusedError, match="not_converged"):
        lowest_from_zero(lambda at: (np.nan, np.nan), np.array([1.0, 2.0]))


def test_the_search_takes_the_lower_of_two_valleys() -> None:
    def two_valleys(at: float) -> tuple[float, float]:
        return (at - 1) ** 2 * (at - 5) ** 2 - at / 10, 2 * (at - 1) * (at - 5) * (2 * at - 6) - 0.1

    assert lowest_from_zero(two_valleys, np.linspace(0.5, 8, 16)).at == pytest.approx(5.0, abs=0.01)


def test_quantised_values_forget_what_machines_differ_in() -> None:
    assert quantise(np.array([1.0000004, 0.9999996, -1e-7])).tolist() == [1.0, 1.0, 0.0]
    assert not np.signbit(quantise(np.array([-1e-9])))[0]
    assert np.isnan(quantise(np.array([np.nan])))[0]


def test_an_impossible_confidence_is_refused() -> None:
    with pytest.raises(InputError, match="percent_out_of_range"):
        normal_interval(np.array([1.0]), np.array([1.0]), 100)


def test_the_award_value_says_what_luck_is_taken_away() -> None:
    y, v = UNEQUAL
    fit = area_model(y, v)
    award = award_values(fit, y, 95)
    assert award.excess == pytest.approx((1 - fit.gamma) * (y - fit.synthetic))
    assert (award.low < award.value).all()
    assert award.high - award.low == pytest.approx(2 * 1.959964 * np.sqrt(fit.mse), rel=1e-6)


def test_the_error_terms_of_each_method_are_their_formulas_written_with_whole_matrices() -> None:
    y, v = UNEQUAL
    x = np.column_stack((np.ones(6), [0.0, 1, 2, 3, 4, 9]))
    for method in VarianceMethod:
        fit = area_model(y, v, x, method)
        assert fit.state is DifferenceState.DIFFERENCES
        sigma, w = np.diag(fit.variance_between + v), 1 / (fit.variance_between + v)
        d = np.diag(1 / v)
        p = d - d @ x @ np.linalg.inv(x.T @ d @ x) @ x.T @ d
        cov = np.linalg.inv(x.T @ np.diag(w) @ x)
        spread = {
            "reml": 2 / (w**2).sum(),
            "ml": 2 / (w**2).sum(),
            "dersimonian_laird": 2 * np.trace(p @ sigma @ p @ sigma) / np.trace(p) ** 2,
            "fay_herriot": 12 / w.sum() ** 2,
            "prasad_rao": 2 * (w**-2).sum() / 36,
        }[method.value]
        bias = {
            "ml": -np.trace(cov @ x.T @ np.diag(w * w) @ x) / (w**2).sum(),
            "fay_herriot": 2 * (6 * (w**2).sum() - w.sum() ** 2) / w.sum() ** 3,
        }.get(method.value, 0.0)
        assert fit.variance_between_se**2 == pytest.approx(spread, rel=1e-9)
        g3 = v**2 * w**3 * spread
        wanted = fit.g1 + fit.g2 + 2 * g3 - bias * (v * w) ** 2
        assert fit.mse == pytest.approx(np.maximum(wanted, fit.g1), rel=1e-9)


units = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(1, 4000)).map(lambda pair: (pair[0] / 100, pair[1] / 100)),
    min_size=3,
    max_size=30,
)


@EVERY
@settings(max_examples=30, deadline=None)
@given(units, st.randoms(use_true_random=False))
def test_the_order_of_units_changes_nothing_visible(
    method: VarianceMethod, given_units: list[tuple[float, float]], shuffle: Any
) -> None:
    order = list(range(len(given_units)))
    shuffle.shuffle(order)
    y, v = np.array(given_units).T
    one, two = area_model(y, v, method=method), area_model(y[order], v[order], method=method)
    assert one.value[order] == pytest.approx(two.value, abs=1e-6)
    assert one.state is two.state or max(one.variance_between, two.variance_between) < 1e-5


@EVERY
@settings(max_examples=30, deadline=None)
@given(units, st.sampled_from([0.01, 10.0, 1000.0]), st.sampled_from([-500.0, 0.0, 7.0]))
def test_another_unit_of_measurement_changes_nothing_else(
    method: VarianceMethod, given_units: list[tuple[float, float]], scale: float, shift: float
) -> None:
    y, v = np.array(given_units).T
    one, two = area_model(y, v, method=method), area_model(shift + scale * y, scale**2 * v, method=method)
    assert two.value == pytest.approx(shift + scale * one.value, rel=1e-6, abs=1e-5 * scale)
    assert two.mse == pytest.approx(scale**2 * one.mse, rel=1e-3, abs=1e-5 * scale**2)


@settings(max_examples=60, deadline=None)
@given(units)
def test_no_other_variance_has_a_lower_criterion(given_units: list[tuple[float, float]]) -> None:
    y, v = np.array(given_units).T
    fit = area_model(y, v)

    def criterion(between: float) -> float:
        w = 1 / (between + v)
        mean = float((w * y).sum() / w.sum())
        return float((w * (y - mean) ** 2).sum() - np.log(w).sum() + np.log(w.sum()))

    best = criterion(fit.variance_between)
    others = np.concatenate(([0.0], np.geomspace(1e-3, 1e5, 60)))
    assert best <= min(criterion(other) for other in others) + 1e-6 * (1 + abs(best))


@settings(deadline=None)
@given(units)
def test_a_value_lies_between_the_direct_one_and_the_class_mean(
    given_units: list[tuple[float, float]],
) -> None:
    y, v = np.array(given_units).T
    fit = area_model(y, v)
    low, high = np.minimum(y, fit.synthetic), np.maximum(y, fit.synthetic)
    assert ((fit.value >= low - 1e-9) & (fit.value <= high + 1e-9)).all()
    assert (fit.g1 <= v + 1e-12).all()
    order = np.argsort(v)
    assert (np.diff(fit.gamma[order]) <= 1e-12).all(), "less certain, more shrunk"


def simulated(rng: np.random.Generator, truth: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means of skewed answers (a ceiling at truth + 20 points, sd 14.1), and variances smoothed over all."""
    rows = np.repeat(np.arange(len(n)), n)
    answers = truth[rows] + 20 - rng.gamma(2.0, 10.0, len(rows))
    mean = np.bincount(rows, answers) / n
    pooled = (np.bincount(rows, answers * answers) - n * mean * mean).sum() / (n.sum() - len(n))
    return mean, pooled / n


def covered(rng: np.random.Generator, repeats: int, broken: bool) -> tuple[float, float, float]:
    """(coverage, bias of the top ten by direct value: direct, shrunken). Normal truth, skewed answers."""
    hits, direct_bias, shrunken_bias = [], [], []
    for _ in range(repeats):
        n = np.exp(rng.uniform(np.log(20), np.log(950), 150)).astype(np.int64)
        truth = 80 + 3 * rng.normal(size=150)
        y, v = simulated(rng, truth, n)
        fit: AreaFit = area_model(y, v / 4 if broken else v)
        low, high = normal_interval(fit.value, fit.mse, 95)
        hits.append(((low <= truth) & (truth <= high)).mean())
        top = np.argsort(-y)[:10]
        direct_bias.append((y - truth)[top].mean())
        shrunken_bias.append((fit.value - truth)[top].mean())
    return float(np.mean(hits)), float(np.mean(direct_bias)), float(np.mean(shrunken_bias))


@pytest.mark.deep
def test_intervals_cover_and_awards_are_unbiased_in_simulation() -> None:
    """n from 20 to 950, skewed answers: 93-97 %; the best ten are too high directly, not after shrinkage."""
    coverage, direct, shrunken = covered(np.random.default_rng(11), 200, broken=False)
    assert 0.93 < coverage < 0.97
    assert direct > 0.5
    assert abs(shrunken) < 0.12


@pytest.mark.deep
def test_the_same_simulation_catches_a_broken_estimator() -> None:
    """Errors taken for half of what they are."""
    coverage, _, shrunken = covered(np.random.default_rng(11), 60, broken=True)
    assert not 0.93 < coverage < 0.97
    assert shrunken > 0.2
