"""Small markets to match: by hand, by chance for properties, and of the size of a district."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from hypothesis import strategies as st

from minping_engine.matching import Market, Pair, Person, Position, Tiers, find_blocking_pairs, tiers

SEED = bytes(range(32))


def market(people: dict[str, Tiers], positions: dict[str, tuple[int, Tiers]]) -> Market:
    """A market from lists."""
    return Market(
        tuple(Person(one, choices) for one, choices in people.items()),
        tuple(Position(one, seats, choices) for one, (seats, choices) in positions.items()),
    )


@st.composite
def _lists(draw: st.DrawFn, ids: Sequence[str], strict: bool) -> Tiers:
    """Some of the ids in some order, with ties unless strict."""
    chosen = draw(st.permutations(ids))[: draw(st.integers(0, len(ids)))]
    made: list[list[str]] = []
    for one in chosen:
        if made and not strict and draw(st.booleans()):
            made[-1].append(one)
        else:
            made.append([one])
    return tiers(*made)


@st.composite
def markets(draw: st.DrawFn, *, most: int = 6, strict: bool = False, seats: int = 3) -> Market:
    """Any market of a few people and positions, incomplete lists included."""
    people = [f"p{number}" for number in range(draw(st.integers(0, most)))]
    grids = [f"g{number}" for number in range(draw(st.integers(0, most)))]
    return market(
        {one: draw(_lists(grids, strict)) for one in people},
        {one: (draw(st.integers(0, seats)), draw(_lists(people, strict))) for one in grids},
    )


def every_matching(one: Market) -> Iterator[tuple[Pair, ...]]:
    """All ways to give people a position that both listed, seats kept. For small markets only."""
    options = [
        [None, *(grid for grid in ranks if one.is_wanted_by_both(person, grid))]
        for person, ranks in one.ranks_of_people.items()
    ]
    for chosen in product(*options):
        taken = [grid for grid in chosen if grid]
        if all(taken.count(grid) <= one.capacities[grid] for grid in set(taken)):
            people = zip(one.ranks_of_people, chosen, strict=True)
            yield tuple(Pair(person, grid) for person, grid in people if grid)


def every_stable_matching(one: Market) -> list[tuple[Pair, ...]]:
    """The slow way: all matchings, less those with a pair that blocks by the definition written out here."""
    return [pairs for pairs in every_matching(one) if not _is_blocked(one, pairs)]


def _is_blocked(one: Market, pairs: tuple[Pair, ...]) -> bool:
    got = dict(pairs)
    for person, wanted in one.ranks_of_people.items():
        for grid, wants in one.ranks_of_positions.items():
            if grid not in wanted or person not in wants:
                continue
            better = person not in got or wanted[grid] < wanted[got[person]]
            there = [other for other, place in pairs if place == grid]
            room = len(there) < one.capacities[grid]
            if better and (room or any(wants[person] < wants[other] for other in there)):
                return True
    return False


def district(people: int = 1076, *, choices: int = 40, seed: int = 7) -> Market:
    """As many people as Gulou has, 991 grids, `choices` on each person's list; grids list who chose them."""
    rng = np.random.default_rng(seed)
    grids = [f"g{number:04}" for number in range(991)]
    seats = {grid: 2 if number < people - 991 else 1 for number, grid in enumerate(grids)}
    wanted = {
        f"p{number:04}": [grids[at] for at in rng.choice(991, choices, replace=False)]
        for number in range(people)
    }
    askers: dict[str, list[str]] = {grid: [] for grid in grids}
    for person, own in wanted.items():
        for grid in own:
            askers[grid].append(person)
    lists = {
        grid: _in_threes([some[at] for at in rng.permutation(len(some))]) for grid, some in askers.items()
    }
    return market(
        {person: tiers(*own) for person, own in wanted.items()},
        {grid: (seats[grid], lists[grid]) for grid in grids},
    )


def _in_threes(ids: list[str]) -> Tiers:
    """Grid heads put three people on one place: ties."""
    return tuple(tuple(ids[at : at + 3]) for at in range(0, len(ids), 3))


def blocking(one: Market, pairs: tuple[Pair, ...]) -> set[tuple[str, str]]:
    """Blocking pairs without whom they displace."""
    return {(pair.person_id, pair.position_id) for pair in find_blocking_pairs(one, pairs)}
