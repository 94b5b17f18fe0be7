"""Cell variables of a snapshot: what the frame knows of a household, what a ballot tells.

A unit's frame cell is a text like `tenure=1` or `kind=0,tenure=1`, as the draw wrote it. Every variable has a
last level of its own for "not told" (a resident may leave the question out) or "not shown apart" (the levels
of an area were merged at closing).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

Labels = tuple[str, str]
"""Chinese, English."""

NOT_TOLD: Labels = ("未说明", "not told")
NOT_APART: Labels = ("未分列", "not shown apart")
FRAME_LABELS: Mapping[str, tuple[Labels, ...]] = {
    "tenure": (("自有住房", "owner"), ("租住", "tenant")),
}
"""Levels that the draw writes, in words; another variable is shown by its numbers."""
HELP_LABELS: tuple[Labels, ...] = (
    ("本人填写", "filled in alone"),
    ("有人协助", "with help"),
    ("他人代填", "by somebody for the household"),
)


@dataclass(frozen=True)
class Variable:
    """A cell variable with its levels in order, without the last one for everything else."""

    name: str
    known: str
    levels: tuple[Labels, ...]

    @property
    def rest(self) -> int:
        """The level for what is not told or not shown apart."""
        return len(self.levels)

    @property
    def all_labels(self) -> tuple[Labels, ...]:
        """Levels with the last one."""
        return (*self.levels, NOT_APART if self.known == "frame" else NOT_TOLD)


@lru_cache(maxsize=10_000)
def parse_cell(text: str) -> tuple[tuple[str, int], ...]:
    """`kind=0,tenure=1` -> pairs, sorted; ValueError for anything else."""
    if not text:
        return ()
    pairs = (part.split("=") for part in text.split(","))
    return tuple(sorted((name.strip(), int(level)) for name, level in pairs))


def frame_variables(cells: Iterable[str]) -> tuple[Variable, ...]:
    """The variables that the frame cells of a round name."""
    highest: dict[str, int] = {}
    for cell in cells:
        for name, level in parse_cell(cell):
            highest[name] = max(level, highest.get(name, 0))
    return tuple(Variable(name, "frame", _labels(name, most)) for name, most in sorted(highest.items()))


def _labels(name: str, most: int) -> tuple[Labels, ...]:
    known = FRAME_LABELS.get(name, ())
    return known + tuple((f"第{n}级", f"level {n}") for n in range(len(known), most + 1))


def levels_of(cell: str, variables: Iterable[Variable]) -> tuple[int, ...]:
    """The level of each variable in a frame cell; the last one where the cell does not name it."""
    told = dict(parse_cell(cell))
    return tuple(told.get(variable.name, variable.rest) for variable in variables)
