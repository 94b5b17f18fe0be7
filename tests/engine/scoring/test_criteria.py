"""Criteria: worked points, edges, and that a better value never brings fewer points."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from minping_engine.scheme.model import Criterion
from minping_engine.scoring.criteria import compared_points, points_of, slope_of, standard_deviation

READ: TypeAdapter[Any] = TypeAdapter(Criterion)
FIXED = {
    "linear": {"kind": "linear", "from": 0, "to": 100},
    "bands": {"kind": "bands", "steps": [{"from": 60, "points": 5}, {"from": 90, "points": 20}]},
    "deduct": {"kind": "deduct", "full_from": 95, "per": 1, "points": 0.5},
    "begun": {"kind": "deduct", "full_from": 95, "per": 1, "points": 0.5, "counting": "begun"},
    "per_step": {"kind": "per_step", "per": 10, "points": 2},
}
LOW = {
    "linear": {"kind": "linear", "from": 100, "to": 0},
    "bands": {
        "kind": "bands",
        "steps": [{"from": 10, "points": 20}, {"from": 40, "points": 5}],
        "low_is_good": True,
    },
    "deduct": {"kind": "deduct", "full_from": 5, "per": 1, "points": 0.5, "low_is_good": True},
}
NUMBERS = st.fractions(min_value=-50, max_value=150, max_denominator=1000)


@pytest.mark.parametrize(
    ("criterion", "value", "points"),
    [
        (FIXED["linear"], Fraction(90), Fraction(18)),
        (FIXED["linear"], Fraction(130), Fraction(20)),
        (FIXED["linear"], Fraction(-1), Fraction(0)),
        (FIXED["bands"], Fraction(90), Fraction(20)),
        (FIXED["bands"], Fraction("89.999"), Fraction(5)),
        (FIXED["bands"], Fraction(59), Fraction(0)),
        (FIXED["deduct"], Fraction(95), Fraction(20)),
        (FIXED["deduct"], Fraction("92.5"), Fraction("18.75")),
        (FIXED["begun"], Fraction("92.5"), Fraction("18.5")),
        (FIXED["per_step"], Fraction(39), Fraction(6)),
        (FIXED["per_step"], Fraction(900), Fraction(20)),
        (LOW["linear"], Fraction(25), Fraction(15)),
        (LOW["bands"], Fraction(10), Fraction(20)),
        (LOW["bands"], Fraction("10.1"), Fraction(5)),
        (LOW["deduct"], Fraction(7), Fraction(19)),
    ],
)
def test_points_as_worked_by_hand(criterion: dict[str, Any], value: Fraction, points: Fraction) -> None:
    assert points_of(READ.validate_python(criterion), Fraction(20), value) == points


def test_a_word_brings_its_share_and_an_unknown_word_nothing_at_all() -> None:
    table = READ.validate_python({"kind": "table", "shares": {"优秀": 1, "良好": 0.9}})
    assert points_of(table, Fraction(70), "良好") == 63
    assert points_of(table, Fraction(70), "不明") is None


@pytest.mark.parametrize("name", FIXED)
@given(one=NUMBERS, other=NUMBERS)
def test_a_better_value_never_brings_fewer_points(name: str, one: Fraction, other: Fraction) -> None:
    criterion = READ.validate_python(FIXED[name])
    low, high = (points_of(criterion, Fraction(20), value) for value in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert 0 <= low <= high <= 20


@pytest.mark.parametrize("name", LOW)
@given(one=NUMBERS, other=NUMBERS)
def test_where_less_is_good_a_smaller_value_never_brings_fewer_points(
    name: str, one: Fraction, other: Fraction
) -> None:
    criterion = READ.validate_python(LOW[name])
    low, high = (points_of(criterion, Fraction(20), value) for value in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert 20 >= low >= high >= 0


def test_percentile_counts_those_below_and_half_of_the_equals() -> None:
    rule = READ.validate_python({"kind": "percentile"})
    group = [Fraction(1), Fraction(2), Fraction(2), Fraction(5), Fraction(9)]
    assert [compared_points(rule, Fraction(8), value, group) for value in group] == [0, 3, 3, 6, 8]


def test_z_gives_the_mean_its_points_and_a_flat_group_the_same_to_all() -> None:
    rule = READ.validate_python({"kind": "z", "at_mean": 0.8, "per_sd": 0.1})
    group = [Fraction(1), Fraction(3), Fraction(5)]
    assert [compared_points(rule, Fraction(10), value, group) for value in group] == [7, 8, 9]
    assert compared_points(rule, Fraction(10), Fraction(4), [Fraction(4)] * 5) == 8


@pytest.mark.parametrize("kind", [{"kind": "percentile"}, {"kind": "z", "at_mean": 0.8, "per_sd": 0.1}])
def test_two_are_too_few_to_compare(kind: dict[str, Any]) -> None:
    assert (
        compared_points(READ.validate_python(kind), Fraction(10), Fraction(1), [Fraction(1), Fraction(2)])
        is None
    )


@given(st.lists(NUMBERS, min_size=3, max_size=20))
def test_the_standard_deviation_is_the_exact_one_cut_after_nine_places(values: list[Fraction]) -> None:
    made = standard_deviation(values)
    mean = sum(values, Fraction(0)) / len(values)
    variance = sum(((value - mean) ** 2 for value in values), Fraction(0)) / (len(values) - 1)
    assert made**2 <= variance < (made + Fraction(1, 10**9)) ** 2


@given(value=NUMBERS)
def test_the_slope_is_what_a_small_step_changes(value: Fraction) -> None:
    for name in ("linear", "deduct"):
        rule, step = READ.validate_python(FIXED[name]), Fraction(1, 10**6)
        here, there = points_of(rule, Fraction(20), value), points_of(rule, Fraction(20), value + step)
        assert here is not None
        assert there is not None
        slope = slope_of(rule, Fraction(20), value)
        at_an_edge = value in (0, 100, 95, 55)
        assert at_an_edge or slope == (there - here) / step
