"""How much time is left, in the one unit that people think in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SHORT = timedelta(hours=48)
"""Below this, hours are told."""


@dataclass(frozen=True)
class Left:
    """Whole days, or whole hours when it is short; both 0 within the last hour."""

    days: int = 0
    hours: int = 0


def time_left(moment: datetime, end: datetime) -> Left:
    """Rounded down: nobody is promised more than there is."""
    rest = end - moment
    if rest >= SHORT:
        return Left(days=rest.days)
    return Left(hours=max(0, int(rest.total_seconds()) // 3600))
