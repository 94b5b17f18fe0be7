"""Reliability, least samples and states."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.estimation import (
    ReliabilityRules,
    ReliabilityState,
    minimum_sample_table,
    reliabilities,
    reliability_states,
    sample_for_reliability,
    scheme_reliability,
)

RULES = ReliabilityRules(30, 700_000, 800_000, 500_000)
NOWHERE = np.nan


def test_the_published_example_is_met() -> None:
    """methods.md 2.6: 201.6 / 9.0 gives 53, 90, 202; 300 ballots give 0.93."""
    table = minimum_sample_table((700_000, 800_000, 900_000), 9.0, 201.6)
    assert [row.ballots for row in table] == [53, 90, 202]
    assert reliabilities(9.0, np.array([201.6 / 300]))[0] == pytest.approx(0.93, abs=0.005)


def test_clusters_ask_for_more_ballots() -> None:
    assert sample_for_reliability(800_000, 9.0, 201.6, 2.0) == 180


def test_a_quotient_a_hair_above_a_whole_number_is_that_number() -> None:
    assert sample_for_reliability(500_000, 0.1, 0.3) == 3


def test_where_nobody_differs_no_sample_is_enough() -> None:
    assert sample_for_reliability(700_000, 0.0, 200.0) == -1
    assert reliabilities(0.0, np.array([0.0, 1.0])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("target", [0, 1_000_000, -5])
def test_a_reliability_of_one_is_refused(target: int) -> None:
    with pytest.raises(InputError, match="reliability_target"):
        sample_for_reliability(target, 1.0, 1.0)


def test_a_negative_variance_is_refused() -> None:
    with pytest.raises(InputError, match="negative_variance"):
        reliabilities(-1.0, np.array([1.0]))


@given(st.floats(0.01, 100), st.floats(0.1, 1000), st.integers(10_000, 990_000))
def test_the_table_gives_the_reliability_it_promises(between: float, unit: float, target: int) -> None:
    n = sample_for_reliability(target, between, unit)
    assert reliabilities(between, np.array([unit / n]))[0] >= target / 1e6 - 1e-5
    if n > 1:
        assert reliabilities(between, np.array([unit / (n - 1)]))[0] < target / 1e6 + 1e-5


@given(st.floats(0, 100), st.floats(0, 1000), st.floats(0, 1000))
def test_a_smaller_error_never_lowers_reliability(between: float, one: float, two: float) -> None:
    low, high = reliabilities(between, np.array([max(one, two), min(one, two)]))
    assert 0 <= low <= high <= 1


def test_each_state_has_its_place() -> None:
    made = reliability_states(
        np.array([0, 29, 60, 60, 60, 60, 60]),
        np.array([np.nan, 0.9, 0.9, 0.5, 0.75, 0.9, np.nan]),
        np.array([NOWHERE, 1.0, 0.9, 0.2, 0.2, NOWHERE, 0.2]),
        RULES,
    )
    state = ReliabilityState
    assert made.state.tolist() == [
        state.NO_SAMPLE,
        state.TOO_FEW,
        state.ONE_BUILDING,
        state.UNRELIABLE,
        state.SCORE_ONLY,
        state.ASSESSED,
        state.UNRELIABLE,
    ]
    assert not made.borderline.any()


def test_no_differences_are_said_of_all() -> None:
    made = reliability_states(np.array([60, 5]), np.array([0.0, 0.0]), np.full(2, NOWHERE), RULES)
    assert made.state.tolist() == [ReliabilityState.NO_DIFFERENCES, ReliabilityState.TOO_FEW]


def test_decisions_compare_millionths_and_list_the_close_ones() -> None:
    reliability = np.array([0.7999996, 0.7999984, 0.799])
    made = reliability_states(np.full(3, 60), reliability, np.full(3, NOWHERE), RULES)
    assert made.state.tolist() == [6, 5, 5]
    assert made.borderline.tolist() == [True, True, False]


def test_thresholds_out_of_order_are_refused() -> None:
    with pytest.raises(InputError, match="reliability_rules"):
        reliability_states(
            np.array([1]), np.array([1.0]), np.array([0.1]), ReliabilityRules(30, 900_000, 800_000, 1)
        )


def test_the_reliability_of_a_scheme_is_the_mean_of_those_with_an_error() -> None:
    assert scheme_reliability(1.0, np.array([1.0, 3.0, np.nan])) == pytest.approx((0.5 + 0.25) / 2)
    assert scheme_reliability(1.0, np.array([np.nan])) == 0.0
