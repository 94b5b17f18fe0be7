"""The household rule: a grid holds 300 to 500 households, about 1,500 people (S53, S71, S76).

In: the general grids of one community with their households. Out: which lie outside, and suggestions of
merges and splits, each with its reason, its result and what the system cannot know. Nothing here
changes anything; a person decides on the ground.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

LEAST, MOST = 300, 500
"""Households per grid, both ends included; the source gives about 1,500 people for the upper end."""


class Standing(StrEnum):
    """Where a count lies against the rule."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Grid:
    """One grid as the rule sees it."""

    pk: int
    code: str
    name: str
    households: int


@dataclass(frozen=True)
class Suggestion:
    """A merge of `grids`, or a split of the only one into `parts`; `touching` None means not known."""

    grids: tuple[Grid, ...]
    parts: int = 1
    touching: bool | None = None

    @property
    def is_merge(self) -> bool:
        """Else it is a split."""
        return len(self.grids) > 1

    @property
    def households(self) -> int:
        """Of all its grids together."""
        return sum(grid.households for grid in self.grids)

    @property
    def fits(self) -> bool:
        """Whether what results lies within the rule."""
        return standing_of(self.households // self.parts) == Standing.WITHIN

    def sentences(self) -> list[str]:
        """Why, what results, what the system cannot know."""
        return _merge_sentences(self) if self.is_merge else _split_sentences(self)


def standing_of(households: int | None) -> Standing:
    """Below, within or above; unknown without a count."""
    if households is None:
        return Standing.UNKNOWN
    if households < LEAST:
        return Standing.BELOW
    return Standing.ABOVE if households > MOST else Standing.WITHIN


Touch = Callable[[Grid, Grid], bool | None]


def suggestions_for(grids: Sequence[Grid], touch: Touch) -> list[Suggestion]:
    """For one community: merges of small neighbours, then splits of large grids.

    The smallest grid picks first; it takes the neighbour whose sum stays within the rule and comes nearest
    to its middle. Known not to touch: never. Not known: only when no other code lies between them.
    """
    ordered = sorted(grids, key=lambda grid: grid.code)
    free = {grid.pk: grid for grid in ordered}
    found = []
    for small in sorted(ordered, key=lambda grid: (grid.households, grid.code)):
        if small.pk in free and small.households < LEAST:
            merge = _best_merge(small, ordered, free, touch)
            if merge:
                found.append(merge)
                for grid in merge.grids:
                    del free[grid.pk]
    splits = [Suggestion((grid,), _parts(grid.households)) for grid in ordered if grid.households > MOST]
    return found + splits


def _best_merge(small: Grid, ordered: list[Grid], free: dict[int, Grid], touch: Touch) -> Suggestion | None:
    at = ordered.index(small)
    beside = {grid.pk for grid in ordered[max(at - 1, 0) : at + 2]}
    options = []
    for other in free.values():
        total = small.households + other.households
        touching = touch(small, other)
        near = other.pk in beside if touching is None else touching
        if other.pk != small.pk and near and total <= MOST:
            pair = tuple(sorted((small, other), key=lambda grid: grid.code))
            options.append((abs(total - (LEAST + MOST) // 2), other.code, Suggestion(pair, 1, touching)))
    return min(options, key=lambda option: option[:2])[2] if options else None


def _parts(households: int) -> int:
    """The fewest parts that stay within the upper end."""
    return -(-households // MOST)


def _merge_sentences(merge: Suggestion) -> list[str]:
    names = _(" and ").join(f"{grid.name} ({grid.households})" for grid in merge.grids)
    small = min(merge.grids, key=lambda grid: grid.households)
    result = (
        _("Together they have {all} households, within {least} to {most}.")
        if merge.fits
        else _("Together they have {all} households: nearer to the rule, still below {least}.")
    )
    ground = (
        _("Their outlines touch; whether a road or wall parts them is not in the data.")
        if merge.touching
        else _("Only their codes follow each other; whether they touch on the ground is not in the data.")
    )
    numbers = {"small": small.name, "all": merge.households, "least": LEAST, "most": MOST, "names": names}
    why = _("Merge {names}: {small} has fewer than {least} households.")
    return [why.format(**numbers), result.format(**numbers), ground]


def _split_sentences(split: Suggestion) -> list[str]:
    grid = split.grids[0]
    numbers = {
        "name": grid.name, "all": grid.households, "most": MOST, "parts": split.parts,
        "each": round(grid.households / split.parts),
    }  # fmt: skip
    why = _("Split {name}: it has {all} households, more than {most}.")
    result = _("{parts} parts would have about {each} households each.")
    ground = _("Which buildings go together, and where a gate or road parts them, is not in the data.")
    return [why.format(**numbers), result.format(**numbers), ground]
