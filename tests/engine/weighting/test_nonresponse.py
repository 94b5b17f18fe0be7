"""Design weights and nonresponse factors: hand numbers, floors, states."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.weighting import (
    Merge,
    ResponseState,
    design_weights,
    response_by_cells,
    response_by_logit,
)

TWO = np.column_stack([np.ones(4), [0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])


def row(*values: float) -> np.ndarray:
    return np.array([values], dtype=float)


def test_design_weights_are_households_per_drawn_one() -> None:
    assert design_weights([30, 0], [400, 100]).tolist() == [400 / 30, 0.0]


@pytest.mark.parametrize("size", [0.075, 0.925, 29, 400.5, float("nan"), -400])
def test_a_share_in_place_of_population_size_is_refused(size: float) -> None:
    with pytest.raises(InputError, match=r"weighting\.population_size"):
        design_weights([30], [size])


def test_the_factors_of_the_page() -> None:
    made = response_by_cells(row(120, 40), row(90, 3), minimum=1)
    assert made.factor.tolist() == [[1.333333, 10.0]]
    assert made.at_floor.tolist() == [1]


def test_thin_cells_join_a_neighbour_first() -> None:
    made = response_by_cells(row(120, 40, 100), row(90, 3, 50))
    assert made.merges == [Merge(0, "frame_cell", 2, 1)]
    assert made.factor.tolist() == [[1.333333, round(140 / 53, 6), round(140 / 53, 6)]]


def test_states_of_streets() -> None:
    drawn = np.array([[50.0, 50.0], [0.0, 0.0], [50.0, 50.0], [50.0, 50.0]])
    answered = np.array([[25.0, 20.0], [0.0, 0.0], [0.0, 0.0], [50.0, 50.0]])
    made = response_by_cells(drawn, answered)
    states = [ResponseState.MET, ResponseState.NO_SAMPLE, ResponseState.NO_RESPONSE, ResponseState.MET]
    assert made.state.tolist() == states
    assert np.isnan(made.factor[1:3]).all()
    assert made.factor[3].tolist() == [1.0, 1.0]


def test_more_answers_than_drawn_are_refused() -> None:
    with pytest.raises(InputError, match=r"weighting\.more_answers_than_drawn"):
        response_by_cells(row(10), row(11))


def test_a_saturated_logistic_model_gives_the_rates_of_cells() -> None:
    x = np.column_stack([np.ones(2), [0.0, 1.0]])
    made = response_by_logit(row(120, 40), row(90, 10), x)
    assert made.state.tolist() == [ResponseState.MET]
    assert made.propensity.tolist() == [[0.75, 0.25]]


def test_main_effects_meet_the_marginal_counts() -> None:
    """The likelihood equations: fitted answers add up to those seen, per level of each variable."""
    drawn, answered = row(100, 80, 60, 90), row(70, 30, 45, 20)
    made = response_by_logit(drawn, answered, TWO, floor=0.01)
    fitted = drawn * made.propensity
    assert fitted[0, :2].sum() == pytest.approx(100, abs=2e-4)
    assert fitted[0, [0, 2]].sum() == pytest.approx(115, abs=2e-4)
    odds = made.propensity / (1 - made.propensity)
    assert odds[0, 0] * odds[0, 3] == pytest.approx(odds[0, 1] * odds[0, 2], rel=1e-4)


def test_redundant_columns_change_nothing() -> None:
    drawn, answered = row(100, 80, 60, 90), row(70, 30, 45, 20)
    more = np.column_stack([TWO, 1 - TWO[:, 1]])
    plain = response_by_logit(drawn, answered, TWO).factor
    assert (response_by_logit(drawn, answered, more).factor == plain).all()


def test_a_group_that_answered_in_full_is_an_answer() -> None:
    x = np.column_stack([np.ones(2), [0.0, 1.0]])
    made = response_by_logit(row(100, 50), row(40, 50), x)
    assert made.state.tolist() == [ResponseState.AT_BOUNDARY]
    assert made.factor.tolist() == [[2.5, 1.0]]


def test_logistic_states_do_not_touch_other_streets() -> None:
    drawn = np.array([[100.0, 80, 60, 90], [0, 0, 0, 0], [100, 80, 60, 90]])
    answered = np.array([[70.0, 30, 45, 20], [0, 0, 0, 0], [0, 0, 0, 0]])
    made = response_by_logit(drawn, answered, TWO)
    assert made.state.tolist() == [ResponseState.MET, ResponseState.NO_SAMPLE, ResponseState.NO_RESPONSE]
    assert (made.factor[0] == response_by_logit(drawn[:1], answered[:1], TWO).factor[0]).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_factors_are_whole_millionths_between_one_and_the_floor(seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, 60, (3, 4)).astype(float)
    answered = rng.binomial(drawn.astype(int), rng.uniform(0, 1, (3, 4))).astype(float)
    for made in (response_by_cells(drawn, answered), response_by_logit(drawn, answered, TWO)):
        known = made.factor[~np.isnan(made.factor)]
        assert ((known >= 1) & (known <= 10)).all()
        assert (np.rint(known * 1e6) / 1e6 == known).all()
        assert (made.state != ResponseState.NOT_CONVERGED).all()


@pytest.mark.deep
def test_logistic_propensities_recover_the_truth() -> None:
    """300 streets of 2,000 drawn: mean propensities within 4 standard errors of the truth."""
    rng = np.random.default_rng(5)
    drawn = np.full((300, 4), 500.0)
    truth = 1 / (1 + np.exp(-(TWO @ np.array([0.4, -0.9, 0.5]))))
    answered = rng.binomial(500, truth, (300, 4)).astype(float)
    made = response_by_logit(drawn, answered, TWO).propensity
    assert np.abs((made.mean(axis=0) - truth) / (made.std(axis=0) / np.sqrt(300))).max() < 4
