"""The household rule: a grid holds 300 to 500 households, about 1,500 people (S53, S71, S76).

In: the general grids of one community with their households. Out: which lie outside, and suggestions;
`household_words` says each with its reason, its result and what the system cannot know. Nothing here
changes anything; a person decides on the ground.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, pairwise

LEAST, MOST = 300, 500
"""Households per grid, both ends included; the source gives about 1,500 people for the upper end."""
MOST_PIECES = 12
"""With more responsibility areas in a grid the ways to cut it are too many to try."""


class Standing(StrEnum):
    """Where a count lies against the rule."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Piece:
    """One responsibility area of a grid."""

    name: str
    households: int


@dataclass(frozen=True)
class Grid:
    """One grid as the rule sees it; `pieces` are empty where their households are not all known."""

    pk: int
    code: str
    name: str
    households: int
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """Some grids become `parts` ones; `touching` None means not known.

    Two that stay two hand buildings over. `along` are the pieces of each part where a split follows them.
    """

    grids: tuple[Grid, ...]
    parts: int = 1
    touching: bool | None = None
    along: tuple[tuple[Piece, ...], ...] = ()

    @property
    def kind(self) -> str:
        """merge, split, hand_over or recut."""
        if len(self.grids) == 1:
            return "split"
        if self.parts == 1:
            return "merge"
        return "hand_over" if self.parts == len(self.grids) == 2 else "recut"

    @property
    def is_merge(self) -> bool:
        """Several become one."""
        return self.kind == "merge"

    @property
    def households(self) -> int:
        """Of all its grids together."""
        return sum(grid.households for grid in self.grids)

    @property
    def fits(self) -> bool:
        """Whether what results lies within the rule."""
        if self.along:
            sums = [sum(piece.households for piece in part) for part in self.along]
            return all(standing_of(number) == Standing.WITHIN for number in sums)
        return LEAST * self.parts <= self.households <= MOST * self.parts

    @property
    def handed(self) -> int:
        """The fewest households that the larger of two hands over so that both lie within the rule."""
        small, large = sorted(grid.households for grid in self.grids)[:: len(self.grids) - 1 or 1]
        return max(large - MOST, LEAST - small, 0)


def standing_of(households: int | None) -> Standing:
    """Below, within or above; unknown without a count."""
    if households is None:
        return Standing.UNKNOWN
    if households < LEAST:
        return Standing.BELOW
    return Standing.ABOVE if households > MOST else Standing.WITHIN


Touch = Callable[[Grid, Grid], bool | None]


def suggestions_for(grids: Sequence[Grid], touch: Touch) -> list[Suggestion]:
    """For one community, each grid at most once, what ends within the rule before what does not.

    In turn: merges of small neighbours, splits, buildings handed to a neighbour with room, some neighbours
    re-cut into one more or one fewer. Only a grid for which all that fails gets what is at least nearer.
    Known not to touch: never joined. Not known: only when no other code lies between them.
    """
    ordered = sorted(grids, key=lambda grid: grid.code)
    free = {grid.pk: grid for grid in ordered}
    beside = _beside(ordered, touch)
    found: list[Suggestion] = []
    for choose in (_merge, _split, _hand_over, _recut, _nearer):
        for grid in sorted(ordered, key=lambda grid: (grid.households, grid.code)):
            outside = standing_of(grid.households) != Standing.WITHIN
            best = choose(grid, free, beside) if grid.pk in free and outside else None
            if best:
                found.append(best)
                for used in best.grids:
                    del free[used.pk]
    return found


Free = Mapping[int, Grid]
Beside = Mapping[int, Mapping[int, bool | None]]
"""Grid -> the grids that may be joined with it -> whether they touch, as far as known."""


def _beside(ordered: list[Grid], touch: Touch) -> Beside:
    found: dict[int, dict[int, bool | None]] = {grid.pk: {} for grid in ordered}
    for at, one in enumerate(ordered):
        for step, other in enumerate(ordered[at + 1 :]):
            touching = touch(one, other)
            if touching or (touching is None and step == 0):
                found[one.pk][other.pk] = found[other.pk][one.pk] = touching
    return found


def _pairs(grid: Grid, free: Free, beside: Beside, parts: int) -> list[Suggestion]:
    """The grid with each free neighbour."""
    return [
        Suggestion(tuple(sorted((grid, free[pk]), key=lambda one: one.code)), parts, touching)
        for pk, touching in beside[grid.pk].items()
        if pk in free
    ]


def _nearest(options: list[Suggestion]) -> Suggestion | None:
    middle = (LEAST + MOST) // 2
    return min(options, key=lambda one: (abs(one.households - middle * one.parts), _codes(one)), default=None)


def _codes(suggestion: Suggestion) -> tuple[str, ...]:
    return tuple(grid.code for grid in suggestion.grids)


def _merge(grid: Grid, free: Free, beside: Beside) -> Suggestion | None:
    return _nearest([one for one in _pairs(grid, free, beside, 1) if one.fits])


def _split(grid: Grid, free: Free, beside: Beside) -> Suggestion | None:
    if grid.households <= MOST:
        return None
    parts = _parts(grid.households)
    along = Suggestion((grid,), parts, along=_along(grid.pieces, parts))
    plain = Suggestion((grid,), parts)
    if along.along and along.fits:
        return along
    return plain if plain.fits else None


def _hand_over(grid: Grid, free: Free, beside: Beside) -> Suggestion | None:
    options = [one for one in _pairs(grid, free, beside, 2) if one.fits]
    return min(options, key=lambda one: (one.handed, _codes(one)), default=None)


def _recut(grid: Grid, free: Free, beside: Beside) -> Suggestion | None:
    """Three or four neighbours, or two that become three; the fewest first."""
    for size in (2, 3, 4):
        chains = [chain for chain in _chains(size, free, beside) if grid in chain]
        options = [
            Suggestion(chain, parts, _all_touch(chain, beside))
            for chain in chains
            for parts in (size - 1, size, size + 1)
            if parts > 1
        ]
        best = _nearest([one for one in options if one.fits])
        if best:
            return best
    return None


def _chains(size: int, free: Free, beside: Beside) -> list[tuple[Grid, ...]]:
    """Runs of free grids by code of which each may be joined with the next."""
    ordered = sorted(free.values(), key=lambda grid: grid.code)
    runs = [tuple(ordered[at : at + size]) for at in range(len(ordered) - size + 1)]
    return [run for run in runs if all(two.pk in beside[one.pk] for one, two in pairwise(run))]


def _all_touch(chain: Sequence[Grid], beside: Beside) -> bool | None:
    return all(beside[one.pk][two.pk] for one, two in pairwise(chain)) or None


def _nearer(grid: Grid, free: Free, beside: Beside) -> Suggestion | None:
    """Still outside the rule afterwards: a merge that grows, a split that shrinks."""
    if grid.households > MOST:
        parts = _parts(grid.households)
        return Suggestion((grid,), parts, along=_along(grid.pieces, parts))
    return _nearest([one for one in _pairs(grid, free, beside, 1) if one.households <= MOST])


def _parts(households: int) -> int:
    """The fewest parts that stay within the upper end."""
    return -(-households // MOST)


def _along(pieces: Sequence[Piece], parts: int) -> tuple[tuple[Piece, ...], ...]:
    """The pieces in their order cut into parts as equal as can be; nothing where they are too few or many."""
    if not parts <= len(pieces) <= MOST_PIECES:
        return ()
    cuts = combinations(range(1, len(pieces)), parts - 1)
    ways = [
        tuple(tuple(pieces[start:end]) for start, end in pairwise((0, *cut, len(pieces)))) for cut in cuts
    ]
    return min(ways, key=lambda way: max(sum(piece.households for piece in part) for part in way))
