"""The progress index: page, published numbers, properties, and what plain change does in simulation."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError, RefusedError
from minping_engine.estimation.indices import (
    KnownErrors,
    RandomEffects,
    SigmaMethod,
    fit_known_errors,
    independent,
    posterior,
    progress_index,
    progress_slope,
    standardised_waves,
)
from minping_engine.estimation.indices.symmetric import inverse

SIGMA = np.array([[9.0, 6.0], [6.0, 9.0]])


def rounds(seed: int, count: int, sigma: np.ndarray = SIGMA) -> tuple[KnownErrors, np.ndarray]:
    """Estimates of `count` assessees in as many rounds as sigma has, and their true values."""
    rng = np.random.default_rng(seed)
    values, vectors = np.linalg.eigh(sigma)
    root = vectors * np.sqrt(np.maximum(values, 0))
    truth = 80 + 2 * np.arange(len(sigma)) + rng.normal(size=(count, len(sigma))) @ root.T
    variance = rng.uniform(0.5, 5.0, truth.shape)
    return independent(truth + rng.normal(size=truth.shape) * np.sqrt(variance), variance), truth


def milk(outside_data: Path) -> tuple[KnownErrors, dict[str, object]]:
    folder = outside_data.parent / "reference" / "stats" / "area_milk"
    if not folder.is_dir():
        pytest.skip(f"no reference case at {folder}")
    with (folder / "data.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    value, error = (np.array([[float(row[name])] for row in rows]) for name in ("y", "se"))
    group = np.array([int(row["major"][1]) - 1 for row in rows])
    return independent(value, error**2, group), json.loads((folder / "expected.json").read_text())


@pytest.mark.real_data
def test_one_round_agrees_with_metafor_on_the_milk_data(outside_data: Path) -> None:
    observed, expected = milk(outside_data)
    fit = fit_known_errors(observed)
    variances: dict[str, float] = expected["sigma2_u"]  # type: ignore[assignment]
    assert fit.sigma[0, 0] == pytest.approx(variances["REML"], rel=1e-8)
    assert fit.mean[0, 0] == pytest.approx(expected["beta"][0], rel=1e-8)  # type: ignore[index]
    assert posterior(observed, fit)[0][:, 0] == pytest.approx(expected["eblup"], rel=1e-8)


def test_the_worked_table_is_what_the_code_makes(root: Path) -> None:
    page = (root / "docs" / "method" / "progress.md").read_text("utf-8")
    fit = RandomEffects(np.array([[80.0, 82.0]]), np.zeros((1, 2, 2)), SIGMA, False, 0, 0.0)
    observed = independent(np.array([[74.0, 83.0]]), np.full((1, 2), 3.0))
    centre, spread = posterior(observed, fit)
    change = centre[0, 1] - centre[0, 0]
    error = np.sqrt(spread[0, 0, 0] + spread[0, 1, 1] - 2 * spread[0, 0, 1])
    assert f"index **{change:.4f}**" in page
    assert f"error **{error:.4f}**" in page
    assert f"| {centre[0, 0]:.4f} | {centre[0, 1]:.4f} |" in page
    assert "**0.9993**" in page
    assert change / error == pytest.approx(3.1754, abs=5e-5)


def test_inverses_are_those_of_linear_algebra() -> None:
    root = np.random.default_rng(3).normal(size=(50, 4, 7))
    matrices = np.einsum("nab,ncb->nac", root, root)
    made, log_determinant = inverse(matrices)
    assert made == pytest.approx(np.linalg.inv(matrices), rel=1e-8)
    assert log_determinant == pytest.approx(np.linalg.slogdet(matrices)[1], rel=1e-10)


def test_equal_variances_have_the_closed_form() -> None:
    """With one V for all, REML of an inner maximum is the sample covariance less V."""
    observed, _ = rounds(5, 200)
    equal = independent(observed.value, np.full((200, 2), 1.5))
    fit = fit_known_errors(equal)
    assert fit.sigma == pytest.approx(np.cov(equal.value.T) - 1.5 * np.eye(2), rel=1e-9)
    assert fit_known_errors(equal, method=SigmaMethod.MOMENTS).sigma == pytest.approx(fit.sigma, rel=1e-9)


@pytest.mark.parametrize("sigma", [SIGMA, np.full((2, 2), 9.0), np.zeros((2, 2)), np.eye(4) + 3])
def test_no_matrix_nearby_is_likelier(sigma: np.ndarray) -> None:
    """The maximum over matrices without negative parts, on the boundary too."""
    from minping_engine.estimation.indices.known_errors import _state

    observed, _ = rounds(11, 150, sigma)
    fit = fit_known_errors(observed)
    rng = np.random.default_rng(1)
    for size in (1e-3, 1e-1):
        for _ in range(40):
            root = rng.normal(size=sigma.shape)
            keep = fit.sigma * (1 - size * rng.random()) + size * rng.random() * root @ root.T
            assert _state(observed, keep).criterion <= fit.criterion + 1e-9


def test_two_rounds_as_a_slope_give_the_index() -> None:
    observed, _ = rounds(2, 120)
    index = progress_index(observed)
    slope, misfit = progress_slope(observed, np.array([2.0, 4.0]))
    assert slope.change * 2 == pytest.approx(index.change, rel=1e-6)
    assert slope.se * 2 == pytest.approx(index.se, rel=1e-6)
    assert slope.raw * 2 == pytest.approx(index.raw, rel=1e-9)
    assert np.isnan(misfit)


def test_straight_lines_have_a_misfit_near_one_and_bent_ones_more() -> None:
    rng = np.random.default_rng(8)
    times = np.arange(5.0)
    lines = rng.normal(80, 3, (400, 1)) + rng.normal(1, 1, (400, 1)) * times
    variance = np.full(lines.shape, 2.0)
    noisy = lines + rng.normal(size=lines.shape) * np.sqrt(2)
    slopes, misfit = progress_slope(independent(noisy, variance), times)
    assert misfit == pytest.approx(1.0, abs=0.1)
    assert slopes.fit.sigma[1, 1] == pytest.approx(1.0, abs=0.3)
    bent = noisy + rng.normal(size=lines.shape) * 3
    assert progress_slope(independent(bent, variance), times)[1] > 3


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.permutations(range(40)), st.floats(-20, 20))
def test_order_and_a_common_shift_change_nothing(seed: int, order: list[int], shift: float) -> None:
    observed, _ = rounds(seed, 40)
    moved = KnownErrors(observed.value[order] + shift, observed.covariance[order], observed.group)
    one, two = progress_index(observed), progress_index(moved)
    assert two.change == pytest.approx(one.change[order], abs=1e-6)
    assert two.se == pytest.approx(one.se[order], abs=1e-6)


def test_points_in_other_units_scale_the_index() -> None:
    observed, _ = rounds(4, 80)
    thousand = KnownErrors(observed.value * 1000, observed.covariance * 1e6, observed.group)
    assert progress_index(thousand).change / 1000 == pytest.approx(progress_index(observed).change, rel=1e-7)


def test_each_lacking_round_has_its_state_and_no_number() -> None:
    observed, _ = rounds(6, 60)
    value = observed.value.copy()
    value[0, 0] = value[1, 1] = value[2, 0] = value[2, 1] = np.nan
    made = progress_index(KnownErrors(value, observed.covariance, observed.group))
    assert made.state[:4].tolist() == ["no_first_round", "no_last_round", "no_round", "shown"]
    assert np.isnan(made.change[:3]).all()
    assert np.isfinite(made.change[3:]).all()
    slope, _ = progress_slope(KnownErrors(value, observed.covariance, observed.group), np.array([0.0, 1.0]))
    assert slope.state[:4].tolist() == ["one_round", "one_round", "no_round", "shown"]


def test_no_differences_between_changes_are_an_answer() -> None:
    """Everybody gained exactly two points beyond noise that is smaller than announced."""
    rng = np.random.default_rng(3)
    value = np.array([80.0, 82.0]) + rng.normal(size=(100, 2)) * 0.1
    made = progress_index(independent(value, np.ones((100, 2))))
    assert set(made.state) == {"all_moved_alike"}
    assert made.fit.boundary
    assert made.change == pytest.approx(np.full(100, np.diff(value.mean(axis=0))[0]))
    assert set(made.p_above_peers) == {0.5}


def test_bad_input_is_named() -> None:
    observed, _ = rounds(1, 30)
    zero = observed.covariance.copy()
    zero[3] = 0.0
    with pytest.raises(InputError, match="variance_not_positive"):
        fit_known_errors(KnownErrors(observed.value, zero, observed.group))
    with pytest.raises(RefusedError, match="too_few_pairs"):
        fit_known_errors(KnownErrors(observed.value[:5], observed.covariance[:5], observed.group[:5]))
    with pytest.raises(RefusedError, match="group_without_wave"):
        fit_known_errors(KnownErrors(observed.value, observed.covariance, observed.group, 2))
    with pytest.raises(InputError, match="group_out_of_range"):
        fit_known_errors(KnownErrors(observed.value, observed.covariance, observed.group + 1, 1))
    with pytest.raises(InputError, match="waves_not_in_order"):
        progress_index(observed, first=1, last=0)
    with pytest.raises(InputError, match="times_not_rising"):
        progress_slope(observed, np.array([1.0, 1.0]))
    panel = np.broadcast_to(np.array([[1.0, 2.0], [2.0, 1.0]]) * 9, (30, 2, 2))
    with pytest.raises(InputError, match="covariance_not_positive"):
        fit_known_errors(KnownErrors(observed.value, panel, observed.group))


def test_both_rounds_are_averaged_over_one_mix() -> None:
    """Young 60, old 90 in both rounds; only the mix changes: plain means move, standardised do not."""
    n = np.array([[[10, 30], [30, 10]]])
    value = np.array([60, 90])
    made = standardised_waves(n, n * value, n * value**2 + n)
    assert made.value[0].tolist() == [75.0, 75.0]
    assert made.kept[0] == 1.0
    assert made.variance[0] == pytest.approx([40 / 38 * (0.25 / 10 + 0.25 / 30)] * 2)


def test_a_cell_seen_once_is_left_out_of_both_rounds() -> None:
    n = np.array([[[10, 10], [10, 0]], [[5, 5], [0, 0]]])
    made = standardised_waves(n, n * 70, n * 4900 + n, size=np.array([[30, 10], [30, 10]]))
    assert made.kept.tolist() == [0.75, 1.0]
    assert made.value[0].tolist() == [70.0, 70.0]
    assert np.isnan(made.value[1, 1])
    assert made.value[1, 0] == 70.0


@pytest.mark.deep
@pytest.mark.parametrize("design", ["normal", "heavy_tails", "unequal"])
def test_plain_change_regresses_and_the_index_does_not(design: str) -> None:
    """Who was lowest in round one: plain change overstates her gain, the index does not; 95 % covers."""
    rng = np.random.default_rng(20261122)
    raw_bias, index_bias, hits, total = [], [], 0, 0
    for _ in range(150):
        count = 250
        noise = rng.normal(size=(count, 2))
        if design == "heavy_tails":
            noise = rng.standard_t(6, size=(count, 2)) / np.sqrt(1.5)
        truth = np.array([80.0, 81.0]) + noise @ np.linalg.cholesky(SIGMA).T
        variance = rng.uniform(0.5, 12, truth.shape) if design == "unequal" else np.full(truth.shape, 4.0)
        observed = independent(truth + rng.normal(size=truth.shape) * np.sqrt(variance), variance)
        made = progress_index(observed)
        change = truth[:, 1] - truth[:, 0]
        lowest = np.argsort(observed.value[:, 0])[:50]
        raw_bias.append(np.mean(made.raw[lowest] - change[lowest]))
        index_bias.append(np.mean(made.change[lowest] - change[lowest]))
        hits += int(np.sum(np.abs(made.change - change) <= 1.96 * made.se))
        total += count
    assert np.mean(raw_bias) > 1.0
    assert abs(np.mean(index_bias)) < 0.15
    assert 0.93 < hits / total < 0.97


@pytest.mark.deep
@pytest.mark.parametrize(
    ("count", "sigma"),
    [(20, SIGMA), (30, np.full((2, 2), 9.0) + np.eye(2)), (60, np.eye(3) * 2 + 6)],
    ids=["twenty", "nearly_alike", "three_rounds_some_missing"],
)
def test_intervals_cover_with_few_assessees_and_missing_rounds(count: int, sigma: np.ndarray) -> None:
    rng = np.random.default_rng(12)
    covers, without = [], []
    for seed in range(200):
        observed, truth = rounds(5000 + seed, count, sigma)
        value = observed.value.copy()
        if len(sigma) > 2:
            value[rng.random(count) < 0.3, 1] = np.nan
        waves = KnownErrors(value, observed.covariance, observed.group)
        made = progress_index(waves)
        error = np.abs(made.change - (truth[:, -1] - truth[:, 0]))
        covers.append(np.mean(error <= 1.96 * made.se))
        _, spread = posterior(waves, made.fit)
        bare = spread[:, 0, 0] + spread[:, -1, -1] - 2 * spread[:, 0, -1]
        without.append(np.mean(error <= 1.96 * np.sqrt(bare)))
    assert 0.93 < np.mean(covers) < 0.97
    assert np.mean(without) < np.mean(covers)
