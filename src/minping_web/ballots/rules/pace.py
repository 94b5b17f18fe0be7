"""How fast reports may come in, without knowing from whom: a bucket that fills again with time.

No address is stored or compared. One process counts for itself and forgets when it ends; a ceiling for the
day is counted in the tables (`services.reports`). Time is passed in.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Pace:
    """`burst` at once, then `per_minute`."""

    burst: int
    per_minute: float
    left: float = -1
    at: float = 0

    def takes(self, moment: float) -> bool:
        """Whether one more may come at this moment (seconds of a clock that never goes back)."""
        if self.left < 0:
            self.left, self.at = float(self.burst), moment
        self.left = min(self.burst, self.left + max(0.0, moment - self.at) * self.per_minute / 60)
        self.at = moment
        if self.left < 1:
            return False
        self.left -= 1
        return True
