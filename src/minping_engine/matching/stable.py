"""Stable matching of people and positions by deferred acceptance (docs/method/two-way-choice.md).

In: a market, an order for ties, the side that proposes. Out: a `Matching`: pairs, why who is unmatched, which
seats stay open and why, choices met. Gale and Shapley 1962; many-to-one: Roth and Sotomayor 1990. Pure:
the order of the input changes nothing. What leaders change afterwards: `mediation`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

from minping_engine.matching.market import Market, Ranks, Side, check_market
from minping_engine.matching.outcome import Matching, Pair, matching_of
from minping_engine.matching.ties import TieOrder, tie_places

Offers = Mapping[str, Sequence[str]]
"""Proposer -> those it would go to, best first, ties decided."""


def match_stably(market: Market, ties: TieOrder, *, proposing: Side = Side.PEOPLE) -> Matching:
    """A matching that no pair would rather leave for each other.

    The proposing side gets, each member at once, the best that any stable matching gives it once ties
    are decided; the other side gets its worst.

    >>> from minping_engine.matching import Person, Position, tiers
    >>> people = (Person("an", tiers("east", "west")), Person("bo", tiers("east")))
    >>> positions = (Position("east", 1, tiers("bo", "an")), Position("west", 1, tiers("an")))
    >>> matching = match_stably(Market(people, positions), TieOrder.by_rule())
    >>> [(pair.person_id, pair.position_id) for pair in matching.pairs]
    [('bo', 'east'), ('an', 'west')]
    """
    check_market(market)
    places = tie_places(market, ties)
    to_positions = _offers(market.ranks_of_people, market.ranks_of_positions, places[Side.POSITIONS])
    to_people = _offers(market.ranks_of_positions, market.ranks_of_people, places[Side.PEOPLE])
    single = dict.fromkeys(to_positions, 1)
    if proposing is Side.PEOPLE:
        found = deferred_acceptance(to_positions, to_people, single, market.capacities)
    else:
        taken = deferred_acceptance(to_people, to_positions, market.capacities, single)
        found = [(person, position) for position, person in taken]
    return matching_of(market, (Pair(*pair) for pair in found), proposing, ties)


def _offers(own: Ranks, others: Ranks, places: Mapping[str, int]) -> Offers:
    """Everybody's list in one strict order, without those who do not want her."""
    return {
        owner: sorted(
            (one for one in ranks if owner in others[one]), key=lambda one: (ranks[one], places.get(one, -1))
        )
        for owner, ranks in own.items()
    }


def deferred_acceptance(
    proposers: Offers, receivers: Offers, seats: Mapping[str, int], room: Mapping[str, int]
) -> Iterable[tuple[str, str]]:
    """(proposer, receiver): each free seat proposes down its list, each receiver keeps the best so far.

    The order in which seats get their turn has no influence on the result (Gale and Shapley 1962).
    """
    place = {one: {other: at for at, other in enumerate(ranked)} for one, ranked in receivers.items()}
    turn = dict.fromkeys(proposers, 0)
    kept: dict[str, list[tuple[int, str]]] = {one: [] for one in receivers}
    free = [one for one in sorted(proposers) for _ in range(min(seats[one], len(proposers[one])))]
    while free:
        proposer = free.pop()
        if turn[proposer] == len(proposers[proposer]):
            continue
        receiver = proposers[proposer][turn[proposer]]
        turn[proposer] += 1
        heappush(kept[receiver], (-place[receiver][proposer], proposer))
        if len(kept[receiver]) > room[receiver]:
            free.append(heappop(kept[receiver])[1])
    return [(proposer, receiver) for receiver, some in kept.items() for _place, proposer in some]
