"""Direct estimates against R's survey package, against hand arithmetic, and their properties."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.estimation import (
    Responsibility,
    UnitSums,
    direct_estimates,
    group_means,
    interval,
)
from minping_engine.estimation.direct import unit_variances


def one_assessee(groups: list[list[int]], eligible: list[int]) -> tuple[UnitSums, Responsibility]:
    """One assessee whose units hold these whole values (thousandths)."""
    n = np.array([[len(values)] for values in groups])
    s = np.array([[sum(values)] for values in groups])
    ss = np.array([[sum(value * value for value in values)] for values in groups])
    units = np.arange(len(groups))
    rows = Responsibility(np.zeros_like(units), units, np.full_like(units, 1000), 1)
    return UnitSums(n, s, ss, np.array(eligible)), rows


def reference(outside_data: Path, case: str) -> tuple[list[dict[str, str]], dict[str, object]]:
    folder = outside_data.parent / "reference" / "stats" / case
    if not folder.is_dir():
        pytest.skip(f"no reference case at {folder}")
    with (folder / "data.csv").open() as stream:
        return list(csv.DictReader(stream)), json.loads((folder / "expected.json").read_text())


@pytest.mark.real_data
@pytest.mark.parametrize("variable", ["api00", "api99", "enroll"])
def test_a_simple_random_sample_agrees_with_r_survey(outside_data: Path, variable: str) -> None:
    rows, expected = reference(outside_data, "api_srs")
    values = [int(row[variable]) for row in rows]
    made = direct_estimates(*one_assessee([values], [int(rows[0]["fpc"])]))
    means: dict[str, dict[str, float]] = expected["mean"]  # type: ignore[assignment]
    assert made.mean[0, 0] * 1000 == pytest.approx(means["estimate"][variable], rel=1e-12)
    assert made.se_fpc[0, 0] * 1000 == pytest.approx(means["se"][variable], rel=1e-10)
    if variable == "api00":
        free: dict[str, dict[str, float]] = expected["mean_noFPC"]  # type: ignore[assignment]
        assert made.se[0, 0] * 1000 == pytest.approx(free["se"][variable], rel=1e-10)


@pytest.mark.real_data
@pytest.mark.parametrize("variable", ["api00", "enroll"])
def test_several_units_agree_with_r_survey_as_strata(outside_data: Path, variable: str) -> None:
    """R's weights are pw = N/n rounded to single precision: the tolerance says so."""
    rows, expected = reference(outside_data, "api_strat")
    strata: dict[str, list[int]] = defaultdict(list)
    sizes: dict[str, int] = {}
    for row in rows:
        strata[row["stype"]].append(int(row[variable]))
        sizes[row["stype"]] = int(row["fpc"])
    made = direct_estimates(*one_assessee(list(strata.values()), [sizes[name] for name in strata]))
    base: dict[str, dict[str, dict[str, float]]] = expected["base"]  # type: ignore[assignment]
    assert made.mean[0, 0] * 1000 == pytest.approx(base["mean"]["estimate"][variable], rel=5e-8)
    assert made.se_fpc[0, 0] * 1000 == pytest.approx(base["mean"]["se"][variable], rel=1e-7)


values = st.lists(st.integers(0, 20).map(lambda step: step * 5000), min_size=2, max_size=80)


@given(values, st.integers(2, 5))
def test_duplicating_all_ballots_never_widens_the_interval(given_values: list[int], times: int) -> None:
    once = direct_estimates(*one_assessee([given_values], [-1]))
    more = direct_estimates(*one_assessee([given_values * times], [-1]))
    assert more.se[0, 0] <= once.se[0, 0]
    assert more.mean[0, 0] == pytest.approx(once.mean[0, 0], rel=1e-14)


@given(values, st.data())
def test_a_better_answer_never_lowers_the_score(given_values: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(given_values) - 1))
    better = [*given_values]
    better[place] = data.draw(st.integers(given_values[place], 100_000))
    before = direct_estimates(*one_assessee([given_values], [-1])).mean[0, 0]
    assert direct_estimates(*one_assessee([better], [-1])).mean[0, 0] >= before


@given(values)
def test_the_order_of_ballots_changes_nothing(given_values: list[int]) -> None:
    forward = direct_estimates(*one_assessee([given_values], [500]))
    backward = direct_estimates(*one_assessee([given_values[::-1]], [500]))
    assert forward.mean[0, 0] == backward.mean[0, 0]
    assert forward.se_fpc[0, 0] == backward.se_fpc[0, 0]


def test_the_whole_population_asked_leaves_no_sampling_error() -> None:
    made = direct_estimates(*one_assessee([[0, 100_000] * 50], [100]))
    assert made.se_fpc[0, 0] == 0.0
    assert made.se[0, 0] > 0


def test_a_unanimous_unit_has_exactly_zero_variance_even_with_huge_sums() -> None:
    n = np.array([[3_000_000]])
    sums = UnitSums(n, n * 99_999, n * 99_999**2, np.array([-1]))
    assert unit_variances(sums)[0, 0] == 0.0


def test_one_ballot_has_a_mean_and_no_error() -> None:
    made = direct_estimates(*one_assessee([[70_000]], [-1]))
    assert made.mean[0, 0] == 70.0
    assert np.isnan(made.se[0, 0])


def test_a_unit_without_answers_leaves_the_mean_to_the_others() -> None:
    made = direct_estimates(*one_assessee([[70_000, 90_000], []], [100, 300]))
    assert made.mean[0, 0] == 80.0


def test_a_large_sample_interval_is_the_normal_one() -> None:
    low, high = interval(np.array([80.0]), np.array([1.0]), np.array([10**6]), 95)
    assert high[0] - 80.0 == pytest.approx(NormalDist().inv_cdf(0.975), rel=1e-5)
    assert 80.0 - low[0] == pytest.approx(high[0] - 80.0)


def test_a_small_sample_interval_is_wider() -> None:
    """t with 9 degrees of freedom: 2.2622 (any printed table)."""
    _, high = interval(np.array([80.0]), np.array([1.0]), np.array([9]), 95)
    assert high[0] - 80.0 == pytest.approx(2.2622, abs=5e-5)


def test_group_means_leave_out_who_belongs_nowhere() -> None:
    count, mean, se = group_means(
        np.array([0, 0, -1, 1]), 3, np.array([80.0, 90.0, 10.0, np.nan]), np.array([3.0, 4.0, 1.0, 1.0])
    )
    assert count.tolist() == [2, 0, 0]
    assert (mean[0], se[0]) == (85.0, 2.5)
    assert np.isnan(mean[1:]).all()


@pytest.mark.deep
def test_intervals_cover_the_truth_at_their_level_in_simulation() -> None:
    """Finite populations of 400 with a ceiling, 300 sampled: the corrected 95 % interval covers 93-97 %."""
    rng = np.random.default_rng(7)
    hits, repeats = 0, 4000
    for _ in range(repeats):
        population = 5000 * rng.binomial(20, np.clip(rng.normal(0.9, 0.12, 400), 0, 1))
        drawn = rng.choice(population, 300, replace=False)
        made = direct_estimates(*one_assessee([[int(value) for value in drawn]], [400]))
        low, high = interval(made.mean[:, 0], made.se_fpc[:, 0], made.df[:, 0], 95)
        hits += bool(low[0] <= population.mean() / 1000 <= high[0])
    assert 0.93 < hits / repeats < 0.97


@settings(max_examples=50)
@given(st.lists(values, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_relabelling_units_changes_nothing_visible(groups: list[list[int]], shuffle: object) -> None:
    order = list(range(len(groups)))
    shuffle.shuffle(order)  # type: ignore[attr-defined]
    sizes = [100 + number for number in range(len(groups))]
    one = direct_estimates(*one_assessee(groups, sizes))
    two = direct_estimates(*one_assessee([groups[i] for i in order], [sizes[i] for i in order]))
    assert one.mean[0, 0] == pytest.approx(two.mean[0, 0], rel=1e-13)
