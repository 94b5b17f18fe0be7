"""Retention clocks: what each app erases, how long after which event, on which ground (PIPL 19 and 47).

An app registers its clocks beside the sweeps that erase; `ledger.services.erasing` runs, counts and seals
them; the page of clocks lists all. A sweep erases what is due and says how many rows; `forget` erases at
once what one person may ask to have deleted. Neither ever says whose rows they were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import ngettext

from minping_web.common.clock import today

Words = str | Promise


@dataclass(frozen=True)
class Clock:
    """One clock; `key` is `<app>.<name>`, `entry` the kind of its ledger entries."""

    key: str
    entry: str
    what: Words
    since: Words
    source: Words
    sweep: Callable[[], int]
    years: int = 0
    days: int = 0
    forget: Callable[[int], int] | None = None
    """Given the id of a person of the register, erases what that person may have deleted before its time."""

    @property
    def app(self) -> str:
        """Whose clock it is."""
        return self.key.partition(".")[0]

    @property
    def kept(self) -> str:
        """How long, in words."""
        if self.years:
            return ngettext("%(n)s year", "%(n)s years", self.years) % {"n": self.years}
        return ngettext("%(n)s day", "%(n)s days", self.days) % {"n": self.days}


_clocks: dict[str, Clock] = {}


def register_clocks(*found: Clock) -> None:
    """Called once by each app when it is loaded."""
    _clocks.update({clock.key: clock for clock in found})


def clocks(app: str = "") -> tuple[Clock, ...]:
    """All clocks in order of their keys, or those of one app."""
    return tuple(_clocks[key] for key in sorted(_clocks) if app in ("", _clocks[key].app))


def clock_name(key: str) -> str:
    """What a clock erases, in words; a key that no app has any more stands for itself."""
    return str(_clocks[key].what) if key in _clocks else key


def years_ago(years: int) -> date:
    """The day so many years before today; 29 February counts as the 28th."""
    day = today()
    return (day - timedelta(days=1) if (day.month, day.day) == (2, 29) else day).replace(
        year=day.year - years
    )
