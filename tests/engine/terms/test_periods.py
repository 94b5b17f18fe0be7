"""Periods by their names."""

from __future__ import annotations

from datetime import date

import pytest

from minping_engine.terms import PeriodKind, last_day, period_kind, year_of


@pytest.mark.parametrize(
    ("period", "kind", "last", "year"),
    [
        ("2020Q4", PeriodKind.QUARTER, date(2020, 12, 31), "2020"),
        ("2020Q1", PeriodKind.QUARTER, date(2020, 3, 31), "2020"),
        ("2020-02", PeriodKind.MONTH, date(2020, 2, 29), "2020"),
        ("202011", PeriodKind.MONTH, date(2020, 11, 30), "2020"),
        ("2020H2", PeriodKind.HALF_YEAR, date(2020, 12, 31), "2020"),
        ("2020", PeriodKind.YEAR, date(2020, 12, 31), None),
        ("round-1", PeriodKind.ROUND, None, None),
    ],
)
def test_a_period_tells_its_kind_its_last_day_and_its_year(
    period: str, kind: PeriodKind, last: date | None, year: str | None
) -> None:
    assert (period_kind(period), last_day(period), year_of(period)) == (kind, last, year)
