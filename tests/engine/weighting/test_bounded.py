"""Bounds and trimming: kept together with the totals, or a state says why not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.weighting import (
    Distance,
    Limits,
    Margin,
    Shape,
    WeightState,
    calibrate,
    rake,
    rake_within,
    trim,
    weight_cap,
)
from tests.engine.weighting.factory import AGE, TENURE, population, sums
from tests.engine.weighting.test_raking import N, two_by_two, worst

MARGINS = two_by_two([200.0, 200.0], [240.0, 160.0])
seeds = st.integers(0, 2**32 - 1)


def test_the_bounded_row_of_the_page() -> None:
    made = rake_within(N, MARGINS, N, limits=Limits(0.3, 1.25, None))
    assert made.required()[0] == pytest.approx([150, 50, 90, 110], rel=1e-10)


def test_who_keeps_the_bounds_anyway_keeps_the_raked_weights() -> None:
    assert (rake_within(N, MARGINS, N).total == rake(N, MARGINS).total).all()


def test_bounds_that_no_weights_can_keep_give_a_state() -> None:
    made = rake_within(N, MARGINS, N, limits=Limits(0.9, 1.1, None))
    assert made.state.tolist() == [WeightState.OUT_OF_BOUNDS]
    assert np.isnan(made.total).all()


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_bounds_and_totals_hold_together_or_the_state_says_no(seed: int) -> None:
    people = population(np.random.default_rng(seed), 8, fewest=3)
    limits = Limits(0.5, 2.0, None)
    made = rake_within(people.base, people.margins, people.n, limits=limits)
    met = made.state == WeightState.MET
    scaled = people.base * (people.people.sum(axis=1) / people.base.sum(axis=1))[:, None]
    g = (made.total / scaled)[met]
    assert ((g > 0.5 - 1e-9) & (g < 2 + 1e-9)).all()
    assert set(made.state) <= {WeightState.MET, WeightState.OUT_OF_BOUNDS, WeightState.NOT_CONVERGED}
    for level in (AGE, TENURE):
        assert sums(made.total, level)[met] == pytest.approx(sums(people.people, level)[met], rel=1e-11)
    assert (made.state[_impossible(scaled, people.people)] != WeightState.MET).all()


def _impossible(scaled: np.ndarray, people: np.ndarray) -> np.ndarray:
    ages, there = sums(people, AGE), sums(scaled, AGE)
    return np.asarray(((ages < 0.5 * there - 1e-9) | (ages > 2 * there + 1e-9)).any(axis=1))


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_wide_bounds_change_nothing_in_any_shape(seed: int) -> None:
    people = population(np.random.default_rng(seed), 3, fewest=5)
    columns = np.column_stack([AGE == 0, AGE == 1, AGE == 2, TENURE == 0]).astype(float)
    totals = np.concatenate([sums(people.people, AGE), sums(people.people, TENURE)[:, :1]], axis=1)
    for shape in (Shape.LINEAR, Shape.RAKING):
        free = calibrate(people.base, columns, totals, distance=Distance(shape))
        wide = calibrate(people.base, columns, totals, distance=Distance(shape, -1e9, 1e9))
        assert wide.required() == pytest.approx(free.required(), rel=1e-9)
    assert worst(rake(people.base, people.margins).required(), people) <= 1e-12


def test_linear_calibration_by_hand() -> None:
    """Base 10, 10, x 1 and 3, wanted sum of x 50: g = 1 + lambda x, 40 + 100 lambda = 50."""
    made = calibrate(
        np.array([[10.0, 10.0]]),
        np.array([[1.0], [3.0]]),
        np.array([[50.0]]),
        distance=Distance(Shape.LINEAR),
    )
    assert made.required()[0] == pytest.approx([11, 13], rel=1e-13)
    assert made.factor[0] == pytest.approx([1.1, 1.3], rel=1e-13)


def test_logit_weights_stay_between_their_bounds() -> None:
    made = calibrate(
        np.array([[10.0, 10.0, 10.0]]),
        np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]),
        np.array([[30.0, 42.0]]),
        distance=Distance(Shape.LOGIT, 0.5, 1.8),
    )
    assert made.state.tolist() == [WeightState.MET]
    assert ((made.factor > 0.5) & (made.factor < 1.8)).all()


@pytest.mark.parametrize("shape", list(Shape))
def test_totals_out_of_reach_are_a_state_in_every_shape(shape: Shape) -> None:
    made = calibrate(
        np.array([[10.0, 10.0]]), np.ones((2, 1)), np.array([[100.0]]), distance=Distance(shape, 0.5, 2.0)
    )
    assert made.state.tolist() == [WeightState.OUT_OF_BOUNDS]
    assert np.isnan(made.total).all()


def test_columns_that_contradict_each_other_are_not_met() -> None:
    """The same column twice, with two totals."""
    made = calibrate(
        np.array([[10.0, 10.0]]), np.ones((2, 2)), np.array([[30.0, 31.0]]), distance=Distance(Shape.LINEAR)
    )
    assert made.state.tolist() == [WeightState.NOT_CONVERGED]


def test_unknown_totals_and_no_sample_are_states() -> None:
    made = calibrate(np.array([[10.0, 10.0], [0.0, 0.0]]), np.ones((2, 1)), np.array([[np.nan], [5.0]]))
    assert made.state.tolist() == [WeightState.UNKNOWN_TOTAL, WeightState.NO_SAMPLE]


@pytest.mark.parametrize(("lower", "upper"), [(1.0, 3.0), (0.3, 1.0), (-0.1, 2.0), (2.0, 0.5)])
def test_bounds_that_leave_no_room_are_refused(lower: float, upper: float) -> None:
    with pytest.raises(InputError, match=r"weighting\.bounds"):
        Limits(lower, upper)
    with pytest.raises(InputError, match=r"weighting\.bounds"):
        Distance(Shape.LOGIT, lower, upper)


def test_logit_without_bounds_is_refused() -> None:
    with pytest.raises(InputError, match=r"weighting\.bounds"):
        Distance(Shape.LOGIT)


def test_the_cap_is_the_median_and_six_ranges_of_ballots() -> None:
    """Ballots weigh 1, 1, 2, 3, 3, 3, 10: quartiles 1.5, 3, 3 (type 7)."""
    n = np.array([[2.0, 1.0, 3.0, 1.0, 0.0]])
    total = np.array([[2.0, 2.0, 9.0, 10.0, 0.0]])
    assert weight_cap(total, n).tolist() == [3 + 6 * 1.5]


def test_equal_weights_have_no_cap_and_no_weights_none_known() -> None:
    made = weight_cap(np.array([[4.0, 8.0], [np.nan, np.nan]]), np.array([[2.0, 4.0], [1.0, 1.0]]))
    assert made[0] == np.inf
    assert np.isnan(made[1])


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_no_ballot_weighs_more_than_the_cap(seed: int) -> None:
    people = population(np.random.default_rng(seed), 6, fewest=3)
    limits = Limits(0.05, 50.0, 1.0)
    made = rake_within(people.base, people.margins, people.n, limits=limits)
    cap = weight_cap(rake(people.base, people.margins).total, people.n, ranges=1.0)
    met = made.state == WeightState.MET
    assert (made.total[met] / people.n[met] <= cap[met, None] * (1 + 1e-9)).all()


def test_a_cap_below_the_lower_bound_is_a_state() -> None:
    """One ballot's base is so large that even 0.9 of it passes the cap of the others."""
    n = np.array([[20.0, 20.0, 20.0, 1.0]])
    base = np.array([[20.0, 24.0, 28.0, 90.0]])
    margin = Margin("half", np.array([0, 0, 1, 1]), np.array([[44.0, 118.0]]))
    made = rake_within(base, (margin,), n, limits=Limits(0.9, 3.0, 6.0))
    assert made.state.tolist() == [WeightState.OUT_OF_BOUNDS]
    assert np.isnan(made.total).all()


def test_trimming_by_hand() -> None:
    """Weights 1 x 10 ballots and 21 x 1: cut to 11, the 10 shared by 10 ballots."""
    made = trim(np.array([[10.0, 21.0]]), np.array([[10.0, 1.0]]), upper=11.0)
    assert made.required().tolist() == [[20.0, 11.0]]


def test_strict_trimming_goes_on_until_nobody_passes() -> None:
    total, n = np.array([[50.0, 9.5, 1.0]]), np.ones((1, 3))
    once = trim(total, n, upper=30.0)
    again = trim(total, n, upper=18.0, strict=True)
    assert once.total.tolist() == [[30.0, 19.5, 11.0]]
    assert again.state.tolist() == [WeightState.OUT_OF_BOUNDS]
    fits = trim(total, n, upper=25.0, strict=True)
    assert fits.required().tolist() == [[25.0, 22.0, 13.5]]


def test_unused_margin_levels_do_not_disturb_bounds() -> None:
    margin = Margin("age", np.array([0, 1, 2]), np.array([[100.0, 0.0, 300.0]]))
    n = np.array([[10.0, 0.0, 10.0]])
    made = rake_within(n, (margin,), n, limits=Limits(0.3, 1.4, None))
    assert made.state.tolist() == [WeightState.OUT_OF_BOUNDS]
    assert rake_within(n, (margin,), n, limits=Limits(0.3, 1.6, None)).required().tolist() == [[100, 0, 300]]
