"""One list of choices, best first, and what the buttons beside its rows do to it.

A list is a list of tiers of ids: who stands in one tier is liked equally. All functions return a new list;
an id that is not there changes nothing. Nothing here knows whose list it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

Tiers = list[list[int]]
LONGEST = 500
"""Choices on one list."""


def from_places(places: Mapping[int, int]) -> Tiers:
    """A list from the number typed beside each id; equal numbers are a tie, gaps close.

    >>> from_places({7: 2, 8: 1, 9: 2})
    [[8], [7, 9]]
    """
    found: dict[int, list[int]] = defaultdict(list)
    for one, place in places.items():
        found[place].append(one)
    return [sorted(found[place]) for place in sorted(found)]


def read(stored: object) -> Tiers:
    """A list as the database keeps it; anything else is an empty one."""
    if not isinstance(stored, list):
        return []
    return [[one for one in tier if isinstance(one, int)] for tier in stored if isinstance(tier, list)]


def ids(tiers: Sequence[Sequence[int]]) -> list[int]:
    """All ids, best first."""
    return [one for tier in tiers for one in tier]


def place_of(tiers: Sequence[Sequence[int]], wanted: int) -> int:
    """Which choice it is, from 1; 0 when it is not on the list."""
    return next((place for place, tier in enumerate(tiers, 1) if wanted in tier), 0)


def added(tiers: Tiers, one: int) -> Tiers:
    """As the last choice."""
    return [list(tier) for tier in tiers] + ([] if place_of(tiers, one) else [[one]])


def without(tiers: Tiers, one: int) -> Tiers:
    """Off the list."""
    left = [[other for other in tier if other != one] for tier in tiers]
    return [tier for tier in left if tier]


def kept(tiers: Sequence[Sequence[int]], known: Collection[int]) -> Tiers:
    """Only ids that are known, each once: its best place counts."""
    seen: set[int] = set()
    found: Tiers = []
    for tier in tiers:
        fresh = [one for one in dict.fromkeys(tier) if one in known and one not in seen]
        seen.update(fresh)
        if fresh:
            found.append(fresh)
    return found


def raised(tiers: Tiers, one: int) -> Tiers:
    """One place better: out of a tie to the place before it, else past the tier above."""
    return _moved(tiers, one, -1)


def lowered(tiers: Tiers, one: int) -> Tiers:
    """One place worse: out of a tie to the place behind it, else past the tier below."""
    return _moved(tiers, one, 1)


def tied(tiers: Tiers, one: int) -> Tiers:
    """Liked as much as the tier above."""
    at = place_of(tiers, one) - 1
    if at < 1:
        return [list(tier) for tier in tiers]
    left = [[other for other in tier if other != one] for tier in tiers]
    left[at - 1].append(one)
    return [tier for tier in left if tier]


def _moved(tiers: Tiers, one: int, step: int) -> Tiers:
    found, at = [list(tier) for tier in tiers], place_of(tiers, one) - 1
    if at < 0:
        return found
    if len(found[at]) > 1:
        found[at].remove(one)
        found.insert(at if step < 0 else at + 1, [one])
        return found
    goal = at + step
    if 0 <= goal < len(found):
        found[at], found[goal] = found[goal], found[at]
    return found


ACTS = {"up": raised, "down": lowered, "tie": tied, "out": without, "add": added}


def acted(tiers: Tiers, pressed: str) -> Tiers:
    """What a button does; its value is `up:7`. An unknown one does nothing."""
    act, _colon, key = pressed.partition(":")
    if act not in ACTS or not key.isdecimal() or len(key) > 12:
        return tiers
    return ACTS[act](tiers, int(key))


def places(tiers: Iterable[Sequence[int]]) -> dict[int, int]:
    """Choice by id."""
    return {one: place for place, tier in enumerate(tiers, 1) for one in tier}
