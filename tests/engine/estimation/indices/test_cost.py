"""The cost index (S35): page, Fieller's three states, margins, properties."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.estimation.indices import (
    CostEffect,
    above_class_mean,
    cost_per_household,
    net_benefit,
)


def one(gain: float, gain_se: float, cost: float, cost_se: float, covariance: float = 0.0) -> CostEffect:
    parts = (gain, gain_se**2, cost, cost_se**2, covariance)
    return CostEffect(*(np.array([float(part)]) for part in parts))


PAGE = one(120, 40, 60_000, 6_000)


def test_the_worked_table_is_what_the_code_makes(root: Path) -> None:
    page = (root / "docs" / "method" / "cost.md").read_text("utf-8")
    made, ratio = net_benefit(PAGE, np.array([800.0])), cost_per_household(PAGE)
    assert f"**{made.value[0, 0]:,.0f}**" in page
    assert f"**{made.se[0, 0]:,.1f}**" in page
    assert f"**{made.acceptability[0, 0]:.4f}**" in page
    assert f"**{ratio.low[0]:.1f} to {ratio.high[0]:,.1f}**" in page
    assert ratio.ratio[0] == 500.0
    assert ratio.state[0] == "bounded"
    plain = 500 * np.sqrt((40 / 120) ** 2 + 0.1**2) * 1.959964
    assert f"{500 - plain:.0f} to {500 + plain:.0f}" in page


def _inside(data: CostEffect, ratio: float) -> bool:
    """The definition of Fieller's set."""
    away = data.cost[0] - ratio * data.gain[0]
    variance = data.cost_variance[0] + ratio**2 * data.gain_variance[0] - 2 * ratio * data.covariance[0]
    return bool(away**2 <= 1.959963984540054**2 * variance)


@given(
    st.floats(-200, 200),
    st.floats(1, 100),
    st.floats(-1e5, 1e5),
    st.floats(100, 5e4),
    st.floats(-0.9, 0.9),
    st.floats(-5000, 5000),
)
def test_fieller_limits_are_their_definition(
    gain: float, gain_se: float, cost: float, cost_se: float, correlation: float, ratio: float
) -> None:
    data = one(gain, gain_se, cost, cost_se, correlation * gain_se * cost_se)
    made = cost_per_household(data)
    low, high, state = made.low[0], made.high[0], made.state[0]
    if state != "unbounded" and min(abs(ratio - low), abs(ratio - high)) < 1e-6 * (1 + abs(ratio)):
        return
    said = {"bounded": low <= ratio <= high, "exclusive": not low < ratio < high, "unbounded": True}[state]
    assert said == _inside(data, ratio)


def test_the_three_states_of_the_ratio() -> None:
    assert cost_per_household(one(30, 40, 60_000, 6_000)).state[0] == "exclusive"
    unbounded = cost_per_household(one(10, 40, 5_000, 6_000))
    assert unbounded.state[0] == "unbounded"
    assert np.isnan(unbounded.low[0])
    assert cost_per_household(one(0, 0, 5_000, 100)).state[0] == "unbounded"
    assert cost_per_household(one(np.nan, 1, 5_000, 100)).state[0] == "no_data"


def test_without_error_the_answer_is_yes_no_or_the_margin() -> None:
    made = net_benefit(one(100, 0, 50_000, 0), np.array([400.0, 500.0, 600.0]))
    assert made.acceptability[0].tolist() == [0.0, 0.5, 1.0]


@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_a_dearer_project_is_never_more_acceptable(cost: float, more: float) -> None:
    worth = np.array([0.0, 100.0, 1000.0])
    cheap, dear = (net_benefit(one(50, 20, value, 1000), worth) for value in (cost, cost + more))
    assert (dear.acceptability <= cheap.acceptability).all()


def test_the_unit_of_money_changes_no_probability() -> None:
    yuan = net_benefit(PAGE, np.array([0.0, 500.0, 2000.0]))
    thousand = net_benefit(one(120, 40, 60, 6), np.array([0.0, 0.5, 2.0]))
    assert thousand.acceptability == pytest.approx(yuan.acceptability, rel=1e-12)


def test_comparison_is_with_the_own_class_only() -> None:
    gain = np.array([100.0, 140.0, 900.0, 50.0, np.nan])
    same = np.full(5, 400.0)
    data = CostEffect(gain, same, np.full(5, 1000.0), same * 0, same * 0)
    difference, p_above = above_class_mean(net_benefit(data, np.array([10.0])), np.array([0, 0, 1, 2, 0]), 3)
    assert difference[:2, 0].tolist() == [-200.0, 200.0]
    assert np.isnan(difference[2:]).all()
    assert p_above[0, 0] + p_above[1, 0] == pytest.approx(1.0)


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError, match="worth_not_rising"):
        net_benefit(PAGE, np.array([2.0, 1.0]))
    with pytest.raises(InputError, match="cost_covariance"):
        cost_per_household(one(1, 1, 1, 1, covariance=2.0))
    with pytest.raises(InputError, match="group_out_of_range"):
        above_class_mean(net_benefit(PAGE, np.array([1.0])), np.array([1]), 1)


@pytest.mark.deep
@pytest.mark.parametrize(("gain", "gain_se"), [(120.0, 30.0), (40.0, 30.0), (5.0, 30.0)])
def test_fieller_sets_cover_at_their_level_however_weak_the_gain(gain: float, gain_se: float) -> None:
    rng = np.random.default_rng(4)
    many, cost = 20_000, 60_000.0
    data = CostEffect(
        gain + gain_se * rng.normal(size=many),
        np.full(many, gain_se**2),
        cost + 6000 * rng.normal(size=many),
        np.full(many, 6000.0**2),
        np.zeros(many),
    )
    made, truth = cost_per_household(data), cost / gain
    within = (made.low <= truth) & (truth <= made.high)
    covers = np.where(made.state == "bounded", within, ~within | (made.state == "unbounded"))
    assert np.mean(covers) == pytest.approx(0.95, abs=0.006)
