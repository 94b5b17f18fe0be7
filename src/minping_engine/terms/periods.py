"""Periods by their names: 2019Q1, 2019-03, 2019H2, 2019; anything else is a round without days.

In: a name as snapshots and maps write it. Out: its kind, its days, its year.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

from minping_engine.terms.words import PeriodKind

UNKNOWN_START = date(1970, 1, 1)
"""First day of a posting where the period's name tells no day."""


def first_day(period: str) -> date:
    """First day of a period as it is named: 2019Q1, 2019-03, 2019H2, 2019; else a day long ago."""
    found = re.match(r"^(\d{4})(?:Q([1-4])|H([12])|-?(0[1-9]|1[0-2]))?$", period)
    if not found:
        return UNKNOWN_START
    quarter, half, month = (int(part) if part else 0 for part in found.groups()[1:])
    return date(int(found[1]), month or (quarter * 3 - 2 if quarter else half * 6 - 5 if half else 1), 1)


MONTHS = {PeriodKind.QUARTER: 3, PeriodKind.MONTH: 1, PeriodKind.HALF_YEAR: 6, PeriodKind.YEAR: 12}
NAMED_LIKE = {
    PeriodKind.QUARTER: "2020Q4",
    PeriodKind.MONTH: "2020-10",
    PeriodKind.HALF_YEAR: "2020H2",
    PeriodKind.YEAR: "2020",
}
"""How periods of a kind are named; a round may be called anything."""


def days_of(period: str) -> tuple[date, date] | None:
    """First day of a period and of the next one; None where its name tells no days."""
    months = MONTHS.get(period_kind(period))
    if months is None:
        return None
    start = first_day(period)
    year, month = divmod(start.month - 1 + months, 12)
    return start, date(start.year + year, month + 1, 1)


def period_kind(period: str) -> PeriodKind:
    """The kind of period that a name shows."""
    for pattern, kind in (
        (r"^\d{4}Q[1-4]$", PeriodKind.QUARTER),
        (r"^\d{4}-?(0[1-9]|1[0-2])$", PeriodKind.MONTH),
        (r"^\d{4}H[12]$", PeriodKind.HALF_YEAR),
        (r"^\d{4}$", PeriodKind.YEAR),
    ):
        if re.match(pattern, period):
            return kind
    return PeriodKind.ROUND


@cache
def last_day(period: str) -> date | None:
    """Last day of a period: dated values in force that day hold for it. None where no days are known."""
    days = days_of(period)
    return days[1] - timedelta(days=1) if days else None


@cache
def period_order(period: str) -> tuple[date, tuple[tuple[int, str], ...]]:
    """Order of periods of any kind: by last day, then by name with numbers as numbers (r9 before r10)."""
    parts = tuple((int(digits or 0), text) for digits, text in re.findall(r"(\d+)|(\D+)", period))
    return last_day(period) or UNKNOWN_START, parts


def is_year_end(period: str) -> bool:
    """Whether a period ends with its year (a year does); false where its name tells no days."""
    last = last_day(period)
    return last is not None and (last.month, last.day) == (12, 31)


@cache
def year_of(period: str) -> str | None:
    """`2020` of `2020Q4`; None where a period is no part of a year."""
    kind = period_kind(period)
    return None if kind in (PeriodKind.ROUND, PeriodKind.YEAR) else period[:4]
