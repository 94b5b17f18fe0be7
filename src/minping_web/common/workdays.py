"""Working days of the district: the State Council's calendar, corrected by a list that the office keeps.

Each autumn the State Council publishes the next year's holidays and the weekends that are worked instead; a
library carries them. For what it does not know yet the list lies in the data folder as `working-days.txt`,
one day a line: `2027-02-08 off` or `2027-02-14 on`; what follows `#` is a remark. It is read again whenever
it has changed and goes before the library. In a year that neither knows every weekday is a working day.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import chinese_calendar
from django.conf import settings

FILE = "working-days.txt"
SATURDAY = 5
OPEN, SHUT = "on", "off"


def is_working_day(day: date) -> bool:
    """Whether offices are open."""
    listed = _listed().get(day)
    return _published(day) if listed is None else listed


def is_published(year: int) -> bool:
    """Whether the year's holidays are known, from the library or from the office's list."""
    return year in _published_years() or any(day.year == year for day in _listed())


def _published(day: date) -> bool:
    if day.year in _published_years():
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < SATURDAY


@lru_cache(maxsize=1)
def _published_years() -> range:
    days = chinese_calendar.holidays
    return range(min(days).year, max(days).year + 1)


def last_working_day(begins: date, working_days: int) -> date:
    """The last day of a term; the day that it begins on does not count."""
    day, left = begins, working_days
    while left > 0:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


def working_days_between(begins: date, ends: date) -> int:
    """Working days after `begins` up to and with `ends`; 0 when it is over."""
    days = (begins + timedelta(days=step) for step in range(1, (ends - begins).days + 1))
    return sum(is_working_day(day) for day in days)


def _listed() -> dict[date, bool]:
    path = Path(settings.DATA_FOLDER) / FILE
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return {}
    return _read(path, changed)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> dict[date, bool]:
    """Days of the file. A line that says nothing known is passed over: a clock must not stop for a typo."""
    found: dict[date, bool] = {}
    for line in path.read_text("utf-8").splitlines():
        words = line.partition("#")[0].split()
        if len(words) == 2 and words[1] in (OPEN, SHUT):
            try:
                found[date.fromisoformat(words[0])] = words[1] == OPEN
            except ValueError:
                continue
    return found
