"""Terms in working days, with the holidays that the office listed (D11)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from minping_web.common.workdays import (
    FILE,
    is_published,
    is_working_day,
    last_working_day,
    working_days_between,
)

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)
UNKNOWN = 2090
"""A year that nobody has published holidays for."""


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Settings) -> Path:
    """A data folder without a list."""
    settings.DATA_FOLDER = tmp_path
    return tmp_path


def test_without_a_list_weekends_do_not_count() -> None:
    assert last_working_day(FRIDAY, 1) == MONDAY
    assert last_working_day(FRIDAY, 0) == FRIDAY
    assert working_days_between(FRIDAY, MONDAY) == 1
    assert working_days_between(MONDAY, FRIDAY) == 0


def test_published_holidays_and_worked_weekends_are_known() -> None:
    """National Day 2026 with its worked Saturday; a year without a calendar has weekdays only."""
    assert not is_working_day(date(2026, 10, 1))
    assert is_working_day(date(2026, 10, 10))
    assert last_working_day(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert is_published(2026)
    assert not is_published(UNKNOWN)
    assert is_working_day(date(UNKNOWN, 10, 2))


def test_the_list_of_the_office_goes_before_and_is_read_again(data: Path) -> None:
    """A line that says nothing is passed over."""
    lines = [f"{UNKNOWN}-10-02 off", f"{UNKNOWN}-10-07 on  # worked", "2026-10-01 on", "tomorrow off", "x"]
    (data / FILE).write_text("\n".join(lines), "utf-8")
    assert not is_working_day(date(UNKNOWN, 10, 2))
    assert is_working_day(date(UNKNOWN, 10, 7))
    assert is_working_day(date(2026, 10, 1))
    assert is_published(UNKNOWN)
    (data / FILE).unlink()
    assert not is_working_day(date(2026, 10, 1))
    assert not is_published(UNKNOWN)
