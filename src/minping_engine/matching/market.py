"""People and positions with what each side wants (docs/method/two-way-choice.md, rules 1 and 2).

In: ids, capacities, lists of both sides, best first, where ids of one tier are liked equally. Out: a
`Market` that answers who stands where on whose list; all faults at once. Holds no names, matches nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from minping_engine.errors import InputError, Place, Problem

Tiers = tuple[tuple[str, ...], ...]
"""A list of choices, best first; whoever stands in one tier is liked equally."""
Ranks = Mapping[str, Mapping[str, int]]
"""Owner of a list -> id on the list -> its choice, counted from 1."""


class Side(StrEnum):
    """The two sides of the choice."""

    PEOPLE = "people"
    POSITIONS = "positions"


@dataclass(frozen=True)
class Person:
    """Somebody who looks for a position; whatever is not on the list is not wanted."""

    person_id: str
    choices: Tiers


@dataclass(frozen=True)
class Position:
    """A grid that takes up to `capacity` people; whoever is not on the list is not taken."""

    position_id: str
    capacity: int
    choices: Tiers


@dataclass(frozen=True)
class Market:
    """Both sides. The order of people and positions, and of ids in a tier, means nothing."""

    people: tuple[Person, ...]
    positions: tuple[Position, ...]

    @cached_property
    def ranks_of_people(self) -> Ranks:
        """Which choice a position is for a person."""
        return {person.person_id: _ranks(person.choices) for person in self.people}

    @cached_property
    def ranks_of_positions(self) -> Ranks:
        """Which choice a person is for a position."""
        return {position.position_id: _ranks(position.choices) for position in self.positions}

    @cached_property
    def capacities(self) -> Mapping[str, int]:
        """Seats by position."""
        return {position.position_id: position.capacity for position in self.positions}

    def is_wanted_by_both(self, person_id: str, position_id: str) -> bool:
        """Whether each stands on the other's list: only such pairs are matched."""
        return (
            position_id in self.ranks_of_people[person_id]
            and person_id in self.ranks_of_positions[position_id]
        )


def tiers(*choices: str | Iterable[str]) -> Tiers:
    """A list of choices, best first: an id alone, or several that are liked equally.

    >>> tiers("north", ("south", "west"))
    (('north',), ('south', 'west'))
    """
    return tuple((choice,) if isinstance(choice, str) else tuple(choice) for choice in choices)


def check_market(market: Market) -> None:
    """Raises `InputError` with all faults: ids twice, strangers or repetitions on a list, capacities."""
    people = [person.person_id for person in market.people]
    positions = [position.position_id for position in market.positions]
    problems = [*_twice(people, Side.PEOPLE), *_twice(positions, Side.POSITIONS)]
    for person in market.people:
        problems += _of_list(person.choices, person.person_id, set(positions))
    for position in market.positions:
        problems += _of_list(position.choices, position.position_id, set(people))
        if type(position.capacity) is not int or position.capacity < 0:
            place = Place(key=position.position_id)
            problems.append(Problem("matching.capacity", place, {"value": position.capacity}))
    if problems:
        raise InputError(problems)


def _ranks(choices: Tiers) -> dict[str, int]:
    return {one: rank for rank, tier in enumerate(choices, 1) for one in tier}


def _twice(ids: Iterable[str], side: Side) -> Iterator[Problem]:
    for one, n in sorted(Counter(ids).items()):
        if n > 1 or not one:
            yield Problem("matching.id_twice", Place(key=one), {"listed": one, "side": side.value, "n": n})


def _of_list(choices: Tiers, owner: str, known: set[str]) -> Iterator[Problem]:
    listed = Counter(one for tier in choices for one in tier)
    for one in sorted(listed):
        if one not in known:
            yield Problem("matching.stranger", Place(key=owner), {"listed": one})
        if listed[one] > 1:
            yield Problem("matching.listed_twice", Place(key=owner), {"listed": one, "n": listed[one]})
    if not all(choices):
        yield Problem("matching.empty_tier", Place(key=owner))
