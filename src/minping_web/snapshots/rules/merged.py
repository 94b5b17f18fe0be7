"""What was merged at closing, in words: the manifest keeps it as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from minping_engine.terms import Mode, label
from minping_web.snapshots.rules.cells import FRAME_LABELS, NOT_APART

VARIABLES = {
    "mode": _("Way of answering"),
    "randomised": _("Way of asking by chance"),
    "stratum": _("Stratum of the draw"),
    "tenure": _("Home owned or rented"),
}
"""A variable of the frame that is not named here is shown by its name."""


@dataclass(frozen=True)
class MergedCell:
    """One row of the table."""

    area: str
    name: str
    cell: str
    """The cell of the population that it is about; empty = the whole area."""
    variable: str
    levels: tuple[str, ...]
    into: str


def merged_cells(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[MergedCell]:
    """The manifest's rows in the language of the page."""
    chinese = (get_language() or "zh").startswith("zh")
    apart = NOT_APART[0 if chinese else 1]
    return [
        MergedCell(
            row["area"],
            names.get(row["area"], ""),
            _cell(row, apart, chinese=chinese),
            str(VARIABLES.get(row["variable"], row["variable"])),
            tuple(_level(row["variable"], level, chinese=chinese, apart=apart) for level in row["levels"]),
            apart,
        )
        for row in rows
    ]


def _cell(row: Mapping[str, Any], apart: str, *, chinese: bool) -> str:
    """The cell in words, ways of asking and the questionnaire last."""
    cell = dict(row.get("cell", {}))
    form = cell.pop("instrument", None)
    told = [
        f"{VARIABLES.get(name, name)}: {_level(name, level, chinese=chinese, apart=apart)}"
        for name, level in sorted(cell.items())
    ]
    ways = [_level("mode", level, chinese=chinese, apart=apart) for level in row.get("modes", ())]
    return " · ".join([*told, *([" / ".join(ways)] if ways else []), *([form] if form else [])])


def _level(variable: str, level: int, *, chinese: bool, apart: str) -> str:
    known = FRAME_LABELS.get(variable, ())
    if variable == "mode" and level == Mode.UNKNOWN:
        return apart
    if variable == "mode" and level in {one.value for one in Mode}:
        return label(Mode(level), "zh" if chinese else "en")
    if variable == "randomised":
        return gettext("yes") if level else gettext("no")
    if level < len(known):
        return known[level][0 if chinese else 1]
    if known and level == len(known):
        return apart
    return gettext("level %(n)s") % {"n": level}
