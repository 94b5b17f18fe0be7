"""Seconds per stage of a run, by a clock that the caller brings; the engine has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Clock = Callable[[], float]
Progress = Callable[[str, int, int], None]


@dataclass
class Stages:
    """Seconds per stage, by the clock that was passed in."""

    clock: Clock | None
    seconds: dict[str, float] = field(default_factory=dict)
    _last: float = 0.0

    def __post_init__(self) -> None:
        self._last = self.clock() if self.clock else 0.0

    def done(self, stage: str) -> None:
        """Note how long the stage took."""
        if self.clock:
            now = self.clock()
            self.seconds[stage] = round(now - self._last, 4)
            self._last = now
