"""Marks as people write them -> whole thousandths, and what the marks of a group come to.

In: texts of a form; sheets. Out: marks by assessee and item, problems with the place in the sheet; means that
no single mark can be read from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from minping_engine.errors import Place, Problem
from minping_web.appraisals.rules.asked import AskedGroup, AskedItem
from minping_web.appraisals.rules.numbers import milli_from, written

Sheet = dict[str, dict[str, int]]
"""Assessee -> item -> mark in thousandths."""
FEWEST_SHOWN = 3
"""With fewer raters a mean would tell one of them what the other wrote."""


def mark_from(text: str, item: AskedItem, place: Place) -> int | Problem | None:
    """A mark; None where nothing was written."""
    if not text.strip():
        return None
    milli = milli_from(text)
    allowed = {0, item.most_milli} if item.is_yes_no else None
    if milli is None or not 0 <= milli <= item.most_milli or (allowed and milli not in allowed):
        params: dict[str, object] = {"found": text[:20], "most": item.most, "item": item.title}
        return Problem("appraisal.mark_off_scale", place, params)
    return milli


@dataclass(frozen=True)
class GroupMean:
    """What one item of one assessee got: how many marked it, and the mean where it may be shown."""

    assessee_id: str
    item: str
    n: int
    mean: str


def group_means(sheets: Iterable[Sheet], group: AskedGroup) -> list[GroupMean]:
    """Means by assessee and item; empty where fewer than needed, or too few to hide one mark."""
    found: dict[tuple[str, str], list[int]] = {}
    for sheet in sheets:
        for who, marks in sheet.items():
            for item, milli in marks.items():
                found.setdefault((who, item), []).append(milli)
    least = max(group.minimum, FEWEST_SHOWN)
    return [
        GroupMean(who, item, len(marks), _mean(marks) if len(marks) >= least else "")
        for (who, item), marks in sorted(found.items())
    ]


def _mean(marks: list[int]) -> str:
    return written(round(sum(marks) / len(marks)))


def raters_by_assessee(sheets: Iterable[Sheet]) -> Mapping[str, int]:
    """How many marked somebody at all."""
    counted: dict[str, int] = {}
    for sheet in sheets:
        for who, marks in sheet.items():
            if marks:
                counted[who] = counted.get(who, 0) + 1
    return counted


def is_well_mixed(group: AskedGroup, kinds: Iterable[str]) -> bool:
    """Whether the kinds of raters have the shares that the scheme demands."""
    listed = list(kinds)
    return all(
        least * len(listed) <= 100 * listed.count(kind) <= most * len(listed)
        for kind, least, most in group.shares
    )
