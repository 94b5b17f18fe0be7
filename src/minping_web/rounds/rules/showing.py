"""Which numbers of votes a page may show, so that nobody learns of one household.

In: the counts of one line of a table (ways, areas, questionnaires) whose sum stands beside it. Out: which of
them are hidden. Two rules, both pure:

*While votes are taken* every number goes in steps of five, for everybody: from two readings nobody can tell
in which minute a certain household voted, and no difference of two numbers says what a third is. *After
that* the office and the survey firm see exact numbers; who only checks sees one to four as "<5", and so many
further numbers are hidden that none follows from the others and the sum (complementary suppression).
Whoever computes is taken to know this rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

SMALLEST_SHOWN = 5
STEP = 5


class Mark(Enum):
    """What stands in the place of a number."""

    OPEN = "open"
    SMALL = "small"
    """One to four: shown as "<5"."""
    BESIDE = "beside"
    """Large enough itself; shown, it would give a small one away."""


def in_steps(count: int) -> int:
    """The last full five."""
    return count - count % STEP


def is_small(count: int) -> bool:
    """One to four: of so few, "all voted" or "who else" tells of each."""
    return 0 < count < SMALLEST_SHOWN


def marks(counts: Sequence[int]) -> list[Mark]:
    """A mark for each count of a line. Nothing beside is hidden where the sum itself is hidden as small."""
    found = [Mark.SMALL if is_small(count) else Mark.OPEN for count in counts]
    if is_small(sum(counts)):
        return found
    for place in sorted(range(len(counts)), key=lambda at: (counts[at] == 0, counts[at])):
        if not solved(counts, found):
            return found
        if found[place] is Mark.OPEN:
            found[place] = Mark.BESIDE
    if solved(counts, found):  # two small ones alone: the sum says what "<5" must be, so no limit is told
        return [Mark.BESIDE] * len(counts)
    return found


def solved(counts: Sequence[int], found: Sequence[Mark]) -> bool:
    """Whether a hidden count follows from the shown ones, the sum and this rule."""
    hidden = [place for place, mark in enumerate(found) if mark is not Mark.OPEN]
    limits = [_limits(counts, found, place) for place in hidden]
    rest = sum(counts[place] for place in hidden)
    least, most = sum(low for low, _high in limits), sum(high for _low, high in limits)
    return any(
        max(low, rest - (most - high)) == min(high, rest - (least - low)) for low, high in limits
    )  # fmt: skip


def _limits(counts: Sequence[int], found: Sequence[Mark], place: int) -> tuple[int, int]:
    """Between which numbers a hidden count lies for who knows the rule: the smallest are hidden first."""
    if found[place] is Mark.SMALL:
        return 1, SMALLEST_SHOWN - 1
    larger = [
        count for count, mark in zip(counts, found, strict=True)
        if mark is Mark.OPEN and count >= SMALLEST_SHOWN
    ]  # fmt: skip
    lowest = 0 if any(not counts[at] for at, mark in enumerate(found) if mark is Mark.BESIDE) else 5
    return lowest, min(larger, default=sum(counts))
