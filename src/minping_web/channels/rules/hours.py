"""When messages may leave: not at night, by the clock of the district."""

from __future__ import annotations

from datetime import datetime, timedelta


def may_send(moment: datetime, first_hour: int, last_hour: int) -> bool:
    """Whether a local moment lies in the window [first, last).

    >>> may_send(datetime(2026, 9, 1, 9, 0), 9, 20), may_send(datetime(2026, 9, 1, 20, 0), 9, 20)
    (True, False)
    """
    return first_hour <= moment.hour < last_hour


def next_window(moment: datetime, first_hour: int, last_hour: int) -> datetime:
    """The moment itself inside the window, else the next beginning."""
    if may_send(moment, first_hour, last_hour):
        return moment
    begin = moment.replace(hour=first_hour, minute=0, second=0, microsecond=0)
    return begin if moment < begin else begin + timedelta(days=1)
