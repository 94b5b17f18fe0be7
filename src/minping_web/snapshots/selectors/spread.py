"""The merges of closing, as the other tables must follow them: a frame level or stratum that was merged for
ballots of an area is merged in its sample, margins and dispositions too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minping_web.snapshots.rules.generalise import Merge

STRATUM = "stratum"


class Spread:
    """Where a level went, by target and variable."""

    def __init__(self, merges: Iterable[Merge] = ()) -> None:
        self._into = {(one.target, one.variable, level): one.into for one in merges for level in one.levels}

    def level(self, target: int, variable: str, level: int) -> int:
        """The level as released."""
        return self._into.get((target, variable, level), level)

    def levels(self, target: int, variables: Sequence[str], levels: Sequence[int]) -> tuple[int, ...]:
        """Levels of several variables as released."""
        return tuple(self.level(target, name, one) for name, one in zip(variables, levels, strict=True))
