"""Windows of time in which cases count, cut where the district cuts its months.

In: a period's name, the day and hour at which a month of cases ends. Out: its first moment and
the first one after it, in local time. Beijing's Huairou, for one, counts from the 19th at noon.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from minping_engine.errors import InputError
from minping_engine.terms import days_of

Basis = Literal["created", "closed", "called_back"]
LAST_CUT_DAY = 28
"""The last day that every month has."""


@dataclass(frozen=True)
class Window:
    """Cases whose time named by `basis` is at or after `start` and before `end`; local, without zone."""

    basis: Basis
    start: datetime
    end: datetime


def period_window(period: str, *, cut_day: int, cut_hour: int, basis: Basis) -> Window:
    """The window of a named period: `2020-11` cut on the 19th at 12 is 10-19 12:00 to 11-19 12:00.

    With the 1st as day of the cut a month begins in itself, so 1 and 0 give the calendar's; with
    any other day it begins in the month before and bears the name of the month in which it ends.
    Quarters, half-years and years begin and end as their months do. Raises `InputError` for a
    name that tells no days, and for a day or hour that some month lacks.
    """
    days = days_of(period)
    if days is None:
        raise InputError.of("snapshot.period_without_days", period=period)
    if not (1 <= cut_day <= LAST_CUT_DAY and 0 <= cut_hour < 24):
        raise InputError.of("snapshot.bad_cut", day=cut_day, hour=cut_hour)
    start, end = (_cut(first, cut_day, cut_hour) for first in days)
    return Window(basis, start, end)


def _cut(first: date, day: int, hour: int) -> datetime:
    """The cut that begins the month whose first day is `first`."""
    month = first if day == 1 else first - timedelta(days=1)
    return datetime.combine(month.replace(day=day), time(hour))
