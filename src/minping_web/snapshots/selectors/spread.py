"""The merges of closing, as the other tables must follow them: a frame level or stratum that was merged for
ballots of an area is merged in its sample, margins and dispositions too; a way of asking that was pooled in a
cell of the population is pooled there in the dispositions. `withheld` names ballots
that none of them may tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from minping_web.snapshots.rules.generalise import Merge

INSTRUMENT, STRATUM, MODE = "instrument", "stratum", "mode"


class Spread:
    """Where a level went, by target and variable."""

    def __init__(
        self,
        merges: Iterable[Merge] = (),
        withheld: Mapping[tuple[int, int, str, int], int] = MappingProxyType({}),
    ) -> None:
        self.withheld = withheld
        """(target, stratum, frame cell, mode) as counted -> ballots that are not released."""
        self._into: dict[tuple[int, str, int], int] = {}
        self._pooled: dict[tuple[object, ...], set[int]] = {}
        for one in merges:
            if not one.cell:
                self._into |= {(one.target, one.variable, level): one.into for level in one.levels}
            elif one.variable == MODE:
                cell = [pair for pair in one.cell if pair[0] != INSTRUMENT]
                self._pooled.setdefault((one.target, *sorted(cell)), set()).update(one.levels)

    def level(self, target: int, variable: str, level: int) -> int:
        """The level as released."""
        return self._into.get((target, variable, level), level)

    def levels(self, target: int, variables: Sequence[str], levels: Sequence[int]) -> tuple[int, ...]:
        """Levels of several variables as released."""
        return tuple(self.level(target, name, one) for name, one in zip(variables, levels, strict=True))

    def pooled_modes(self, target: int, cell: Iterable[tuple[str, int]]) -> frozenset[int]:
        """Modes that are not shown apart in a released cell, of whichever questionnaire."""
        return frozenset(self._pooled.get((target, *sorted(cell)), ()))
