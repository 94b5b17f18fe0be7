"""Whether a matching is stable, checked without the program that made it (docs/method/two-way-choice.md).

In: a market and pairs, whoever found them. Out: faults of the pairs (strangers, two positions, more
people than seats) and all blocking pairs. Reads both lists only; knows no order of ties and no algorithm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from minping_engine.errors import InputError, Place, Problem
from minping_engine.matching.market import Market, check_market
from minping_engine.matching.outcome import Pair

UNLISTED = 10**9
"""As a rank: behind everybody who is on the list."""


@dataclass(frozen=True, order=True)
class BlockingPair:
    """Both would rather have each other. `displaced`: whom it likes less; empty if a seat is open."""

    person_id: str
    position_id: str
    displaced: str


def find_blocking_pairs(market: Market, pairs: Iterable[Pair]) -> tuple[BlockingPair, ...]:
    """Every person and position that want each other strictly more than what they have, by id.

    She likes it better than her own (or has none), and it has a seat open or somebody whom it likes
    less. Somebody from outside a list counts as liked least. Raises `InputError` for pairs that cannot be.
    """
    check_market(market)
    made = tuple(pairs)
    raise_faults(market, made)
    position_of, people_of = dict(made), _people_of(market, made)
    found = []
    for person_id, wanted in market.ranks_of_people.items():
        own = wanted.get(position_of.get(person_id, ""), UNLISTED)
        for position_id, rank in wanted.items():
            if rank < own and person_id in market.ranks_of_positions[position_id]:
                found += _blocking(market, person_id, position_id, people_of[position_id])
    return tuple(sorted(found))


def raise_faults(market: Market, pairs: Iterable[Pair]) -> None:
    """Raises `InputError` with all pairs that cannot be: strangers, two positions, more than the seats."""
    made = tuple(pairs)
    problems = [problem for pair in made for problem in _strangers(market, pair)]
    for person_id, n in sorted(Counter(pair.person_id for pair in made).items()):
        if n > 1:
            problems.append(Problem("matching.two_positions", Place(key=person_id), {"n": n}))
    for position_id, n in sorted(Counter(pair.position_id for pair in made).items()):
        seats = market.capacities.get(position_id, n)
        if n > seats:
            params: dict[str, object] = {"n": n, "capacity": seats}
            problems.append(Problem("matching.over_capacity", Place(key=position_id), params))
    if problems:
        raise InputError(problems)


def unlisted_pairs(market: Market, pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """Pairs of which one side did not list the other: only a mediation makes such."""
    return tuple(sorted(pair for pair in pairs if not market.is_wanted_by_both(*pair)))


def _strangers(market: Market, pair: Pair) -> Iterator[Problem]:
    if pair.person_id not in market.ranks_of_people:
        yield Problem("matching.unknown_person", Place(key=pair.person_id))
    if pair.position_id not in market.ranks_of_positions:
        yield Problem("matching.unknown_position", Place(key=pair.position_id))


def _people_of(market: Market, pairs: Iterable[Pair]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {one: [] for one in market.ranks_of_positions}
    for person_id, position_id in pairs:
        found[position_id].append(person_id)
    return found


def _blocking(market: Market, person_id: str, position_id: str, there: list[str]) -> list[BlockingPair]:
    """The pair, if a seat is open or somebody there is liked less."""
    if len(there) < market.capacities[position_id]:
        return [BlockingPair(person_id, position_id, "")]
    ranks = market.ranks_of_positions[position_id]
    rank, last = max(((ranks.get(one, UNLISTED), one) for one in there), default=(0, ""))
    return [BlockingPair(person_id, position_id, last)] if ranks[person_id] < rank else []
