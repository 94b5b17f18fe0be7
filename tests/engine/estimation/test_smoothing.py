"""Smoothed variances: unanimity is no certainty, streets lend each other their spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.estimation import SmoothingRule, SmoothingState, smooth_variances

RULE = SmoothingRule(floor=0.01, least_df=30)


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def test_the_worked_table_by_hand() -> None:
    """n 41, 61, 21; s^2 100, 160, 0: pooled (4000 + 9600 + 0) / 120 = 113.333."""
    n = column(41, 61, 21)
    made = smooth_variances(column(100, 160, 0) / n, n, (n - 1).astype(np.int64), np.array([0, 0, 0]), RULE)
    assert made.unit_variance[:, 0] == pytest.approx([13600 / 120] * 3)
    assert made.variance[:, 0] == pytest.approx(13600 / 120 / n[:, 0])


def test_own_variance_counts_by_its_degrees_of_freedom() -> None:
    n = column(41, 61, 21)
    rule = SmoothingRule(0.01, 30, prior_df=20)
    made = smooth_variances(column(100, 160, 0) / n, n, (n - 1).astype(np.int64), np.zeros(3, int), rule)
    assert made.unit_variance[2, 0] == pytest.approx(0.5 * 13600 / 120)


def test_a_thin_street_takes_the_variance_of_all() -> None:
    n = column(41, 61, 5)
    made = smooth_variances(column(100, 160, 5) / n, n, (n - 1).astype(np.int64), np.array([0, 0, 1]), RULE)
    assert made.state[:, 0].tolist() == [SmoothingState.GROUP, SmoothingState.GROUP, SmoothingState.ALL]
    assert made.unit_variance[2, 0] == pytest.approx((4000 + 9600 + 20) / 104)


def test_a_unanimous_district_has_the_floor_not_zero() -> None:
    n = column(40, 50)
    made = smooth_variances(column(0, 0), n, (n - 1).astype(np.int64), np.array([0, 0]), RULE)
    assert (made.variance > 0).all()
    assert (made.state == SmoothingState.FLOOR).all()


def test_one_ballot_borrows_and_none_says_so() -> None:
    n = column(41, 1, 0)
    made = smooth_variances(
        column(100 / 41, np.nan, np.nan), n, np.array([[40], [0], [0]]), np.array([0, 0, 0]), RULE
    )
    assert made.variance[1, 0] == pytest.approx(100.0)
    assert made.state[2, 0] == SmoothingState.NO_SAMPLE


def test_a_floor_of_zero_is_refused() -> None:
    with pytest.raises(InputError, match="smoothing_rule"):
        smooth_variances(column(1), column(2), np.array([[1]]), np.array([0]), SmoothingRule(0.0))


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 400), st.floats(0, 1000)), min_size=1, max_size=20))
def test_everybody_with_ballots_has_a_positive_finite_error(rows: list[tuple[int, float]]) -> None:
    n, unit = (column(*values) for values in zip(*rows, strict=True))
    variance = np.where(n > 1, unit / np.where(n > 0, n, 1), np.nan)
    made = smooth_variances(variance, n, np.maximum(n - 1, 0).astype(np.int64), np.zeros(len(n), int), RULE)
    there = n > 0
    assert (made.variance[there] > 0).all()
    assert np.isfinite(made.variance[there]).all()
