"""Terms in working days, with the holidays that the office listed (D11)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from minping_web.common.workdays import FILE, is_working_day, last_working_day, working_days_between

FRIDAY, MONDAY = date(2026, 9, 25), date(2026, 9, 28)


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


def test_holidays_and_worked_weekends_are_read_from_the_list_and_read_again(data: Path) -> None:
    """National Day 2026 as an example of the list's form; a line that says nothing is passed over."""
    lines = [f"2026-10-0{day} off" for day in range(1, 8)]
    (data / FILE).write_text("\n".join([*lines, "2026-10-10 on  # worked", "tomorrow off", "x"]), "utf-8")
    assert not is_working_day(date(2026, 10, 1))
    assert is_working_day(date(2026, 10, 10))
    assert last_working_day(date(2026, 9, 30), 3) == date(2026, 10, 10)
    (data / FILE).unlink()
    assert is_working_day(date(2026, 10, 1))
