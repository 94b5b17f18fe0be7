"""Numbers are rounded as readers expect and written without surprises."""

from __future__ import annotations

import pytest

from minping_engine.reporting.numbers import (
    interval_text,
    percent_text,
    period_parts,
    period_text,
    plain_text,
    points_text,
    signed_text,
)


@pytest.mark.parametrize(
    ("value", "text"), [(85.205, "85.21"), (92.785, "92.79"), (0.125, "0.13"), (90.0, "90.00"), (2.5, "2.50")]
)
def test_a_score_rounds_halves_up_on_its_decimal_value(value: float, text: str) -> None:
    assert points_text(value) == text


def test_a_missing_score_is_a_dash_and_never_zero() -> None:
    assert points_text(None) == "–"


@pytest.mark.parametrize(("value", "text"), [(0.94, "+0.9"), (-0.95, "−1.0"), (0.04, "0.0"), (-0.04, "0.0")])
def test_a_change_that_rounds_to_zero_has_no_sign(value: float, text: str) -> None:
    assert signed_text(value) == text


def test_an_interval_without_an_end_is_a_dash() -> None:
    assert interval_text(None, 90.0) == "–"


def test_points_lose_needless_zeros() -> None:
    assert [plain_text(20.0), plain_text(2.5), plain_text(100)] == ["20", "2.5", "100"]


def test_a_share_of_nothing_is_a_dash() -> None:
    assert [percent_text(1, 0), percent_text(1, None), percent_text(1, 8)] == ["–", "–", "13%"]


def test_quarters_are_written_in_words_and_other_periods_as_they_are() -> None:
    assert period_text("2020Q4", "zh") == "2020年第四季度"
    assert period_text("2020Q4", "en") == "Q4 2020"
    assert period_text("wave-7", "zh") == "wave-7"
    assert period_parts("2020Q1", "en") == ("2020", "Q1")
