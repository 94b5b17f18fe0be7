"""The weight table: whole millionths whose sums are the totals to the last one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.weighting import Margin, merge_thin_levels, rake, weight_table
from tests.engine.weighting.factory import AGE, TENURE, population, sums


def test_missing_millionths_go_to_the_largest_remainders() -> None:
    """Thirds of a household: 333333.33 each, one is missing and the earliest gets it."""
    assert weight_table(np.full((1, 3), 1 / 3)).tolist() == [[333334, 333333, 333333]]
    assert weight_table(np.array([[0.1e-6, 0.7e-6, 1.2e-6]])).tolist() == [[0, 1, 1]]


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_totals_are_met_exactly(seed: int) -> None:
    people = population(np.random.default_rng(seed))
    margins = merge_thin_levels(people.margins, people.n)
    raked = rake(people.base, margins).required()
    households = people.people.sum(axis=1).astype(np.int64) * 10**6
    assert (weight_table(raked).sum(axis=1) == households).all()
    made = weight_table(raked, margin=margins[0])
    assert (made.sum(axis=1) == households).all()
    assert (np.abs(made - raked * 1e6) < 1.01).all()
    assert np.abs(sums(made, TENURE) - sums(raked, TENURE) * 1e6).max() < 3


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_each_level_of_the_named_margin_is_met_exactly(seed: int) -> None:
    people = population(np.random.default_rng(seed))
    made = weight_table(rake(people.base, people.margins).required(), margin=people.margins[0])
    assert (sums(made, AGE) == sums(people.people, AGE).astype(np.int64) * 10**6).all()


def test_rows_without_weights_are_empty_and_empty_cells_stay_empty() -> None:
    made = weight_table(np.array([[np.nan, np.nan], [0.0, 2.5]]))
    assert made.tolist() == [[0, 0], [0, 2_500_000]]


def test_a_level_without_ballots_is_left_out() -> None:
    margin = Margin("age", np.array([0, 1, 2]), np.array([[100.0, 0.0, 300.0]]))
    assert weight_table(np.array([[100.0, 0.0, 300.0]]), margin=margin).tolist() == [[10**8, 0, 3 * 10**8]]


def test_totals_beyond_whole_doubles_are_refused() -> None:
    with pytest.raises(InputError, match=r"weighting\.parameter_range"):
        weight_table(np.array([[1e10, 1.0]]))
