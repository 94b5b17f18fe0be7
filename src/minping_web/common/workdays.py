"""Working days of the district: weekdays, corrected by a list that the office keeps.

The State Council publishes each year's holidays and the weekends that are worked instead. The list lies in
the data folder as `working-days.txt`, one day a line: `2027-02-08 off` or `2027-02-14 on`; what follows `#`
is a remark. Without the file every weekday is a working day. It is read again whenever it has changed.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings

FILE = "working-days.txt"
SATURDAY = 5
OPEN, SHUT = "on", "off"


def is_working_day(day: date) -> bool:
    """Whether offices are open."""
    return _listed().get(day, day.weekday() < SATURDAY)


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
