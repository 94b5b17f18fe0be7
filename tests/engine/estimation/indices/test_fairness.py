"""The fairness report: page, verdicts against known truth, counts by hand, states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.estimation.indices import (
    attribute_slopes,
    leave_one_adjuster_out,
    mode_shares,
    moves_by_step,
    response_gaps,
    unequal_weights,
)

INVITED = np.array([[50, 50], [20, 80]])
ANSWERED = np.array([[20, 30], [5, 40]])


def test_the_worked_table_is_what_the_code_makes(root: Path) -> None:
    page = (root / "docs" / "method" / "fairness-report.md").read_text("utf-8").replace("−", "-")
    made = response_gaps(INVITED, ANSWERED, floor=0.3, tolerance=0.1)
    assert f"**{made.gap[0]:.4f}**" in page
    assert f"**{made.low[0]:.4f} to {made.high[0]:.4f}**" in page
    assert made.verdict.tolist() == ["unfair", "unfair"]
    assert made.gap[1] == pytest.approx(-made.gap[0])
    deff, _ = unequal_weights(np.array([4]), np.array([6.0]), np.array([12.0]))
    assert f"**{deff[0]:.4f}**" in page
    assert f"**{mode_shares(np.array([[80, 20], [20, 80]])).distance[0]:.2f}**" in page


def test_a_slope_is_that_of_least_squares_with_group_constants() -> None:
    rng = np.random.default_rng(1)
    group = rng.integers(0, 4, 60)
    attribute = rng.normal(size=60) + group
    score = 80 + 2 * attribute + 5 * group + rng.normal(size=60)
    design = np.column_stack([attribute, *(group == number for number in range(4))])
    inverse = np.linalg.inv(design.T @ design)
    slope = inverse @ design.T @ score
    leverage = np.einsum("ia,ab,ib->i", design, inverse, design)
    residual = (score - design @ slope) / (1 - leverage)
    error = np.sqrt((inverse @ (design.T * residual**2) @ design @ inverse)[0, 0])
    made = attribute_slopes(score, attribute[:, None], group, tolerance=0.5)
    sd = made.effect[0] / made.slope[0]
    assert made.slope[0] == pytest.approx(slope[0], rel=1e-10)
    assert (made.high[0] - made.low[0]) / 2 / sd == pytest.approx(2.004045 * error, rel=1e-6)  # t, 55 df
    assert made.verdict[0] == "unfair"


def test_verdicts_compare_the_interval_with_the_tolerance() -> None:
    rng = np.random.default_rng(2)
    attribute, noise = rng.normal(size=400), rng.normal(size=400)
    group = np.zeros(400, dtype=np.int64)

    def verdict(slope: float, tolerance: float, size: float = 1.0) -> str:
        score = 80 + slope * attribute + size * noise
        return str(attribute_slopes(score, attribute[:, None], group, tolerance=tolerance).verdict[0])

    assert verdict(0.0, 0.5) == "none"
    assert verdict(0.4, 0.45) == "small"
    assert verdict(0.0, 0.5, size=20) == "unclear"
    assert verdict(2.0, 0.5) == "unfair"


def test_an_attribute_that_does_not_vary_or_few_assessees_are_states() -> None:
    score, group = np.arange(20.0), np.repeat([0, 1], 10)
    attributes = np.column_stack([group * 3.0, np.where(np.arange(20) < 6, np.arange(20), np.nan)])
    made = attribute_slopes(score, attributes, group, tolerance=1)
    assert made.verdict.tolist() == ["no_spread", "too_few"]
    nobody = attribute_slopes(score, attributes, np.full(20, -1), tolerance=1)
    assert nobody.verdict.tolist() == ["too_few", "too_few"]


def test_moves_say_who_was_moved_most_by_which_step() -> None:
    scores = np.array([[80.0, 81.0, 81.0], [70.0, 70.2, 68.0], [90.0, np.nan, 90.0]])
    made = moves_by_step(scores)
    assert made.who.tolist() == [0, 1]
    assert made.largest == pytest.approx([1.0, 2.2])
    assert made.mean_absolute == pytest.approx([0.6, 1.1])
    assert made.share_over.tolist() == [0.5, 0.5]
    assert moves_by_step(np.full((2, 2), np.nan)).who.tolist() == [-1]


def test_grades_without_an_adjuster_count_who_rose_and_who_fell() -> None:
    score = np.array([85.0, 74.9999999, 60.0, np.nan, 90.0])
    without = np.array([[84.0, 70.0], [75.0, 75.0], [76.0, 60.0], [80.0, 80.0], [90.0, np.nan]])
    made = leave_one_adjuster_out(score, without, np.array([65.0, 75.0, 85.0]))
    assert made.grade.tolist() == [3, 2, 0, -1, 3]
    assert made.raised.tolist() == [1, 1]
    assert made.lowered.tolist() == [1, 0]
    assert made.borderline.tolist() == [True, True, False, False, False]
    with pytest.raises(InputError, match="cuts_not_rising"):
        leave_one_adjuster_out(score, without, np.array([75.0, 65.0]))


def test_a_street_that_answers_rarely_does_not_pass_for_an_age_group() -> None:
    """Inside each area both ages answer alike; young people live where few answer."""
    invited = np.array([[900, 100], [100, 900]])
    answered = np.array([[180, 20], [60, 540]])
    made = response_gaps(invited, answered, floor=0.3, tolerance=0.05)
    assert made.gap == pytest.approx([0.0, 0.0], abs=1e-12)
    assert made.below_floor.tolist() == [True, False]


def test_levels_nobody_can_be_compared_on_are_a_state() -> None:
    made = response_gaps(np.array([[10, 0], [0, 0]]), np.array([[5, 0], [0, 0]]), floor=0.6, tolerance=0.1)
    assert made.verdict.tolist() == ["no_spread", "no_spread"]
    assert made.below_floor.tolist() == [True, False]
    with pytest.raises(InputError, match="more_answers"):
        response_gaps(np.array([[1, 1]]), np.array([[2, 1]]), floor=0.1, tolerance=0.1)


def test_an_unusual_mix_of_modes_is_marked() -> None:
    made = mode_shares(np.array([[50, 50], [52, 48], [95, 5], [0, 0]]))
    assert made.unusual.tolist() == [False, False, True, False]
    assert np.isnan(made.distance[3])


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=30))
def test_weights_design_effect_is_one_only_if_equal(weights: list[float]) -> None:
    given_weights = np.array(weights)
    sums = (np.array([len(weights)]), np.array([given_weights.sum()]), np.array([(given_weights**2).sum()]))
    deff, marked = unequal_weights(*sums)
    assert deff[0] >= 1 - 1e-12
    assert marked[0] == (round(deff[0], 6) > 2)


def test_no_weight_has_no_design_effect() -> None:
    deff, marked = unequal_weights(np.array([0]), np.array([0.0]), np.array([0.0]))
    assert np.isnan(deff[0])
    assert not marked[0]


@given(st.permutations(range(30)))
def test_order_and_names_of_groups_change_nothing(order: list[int]) -> None:
    rng = np.random.default_rng(5)
    score, attribute, group = rng.normal(80, 3, 30), rng.normal(size=(30, 2)), rng.integers(0, 3, 30)
    one = attribute_slopes(score, attribute, group, tolerance=1)
    two = attribute_slopes(score[order], attribute[order], 2 - group[order], tolerance=1)
    assert two.slope == pytest.approx(one.slope, rel=1e-10)
    assert two.low == pytest.approx(one.low, rel=1e-9)


@pytest.mark.deep
def test_intervals_of_a_fair_score_hold_zero_at_their_level() -> None:
    """Unequal variances and heavy tails: 93-97 % of 3,000 rounds contain 0."""
    rng = np.random.default_rng(6)
    attributes = rng.normal(size=(80, 3000))
    group = rng.integers(0, 4, 80)
    score = 80 + 3 * rng.standard_t(5, 80) * rng.uniform(0.3, 2, 80) + group
    made = attribute_slopes(score, attributes, group, tolerance=0.5)
    assert 0.93 < np.mean((made.low <= 0) & (made.high >= 0)) < 0.97
