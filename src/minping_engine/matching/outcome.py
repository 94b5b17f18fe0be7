"""What came of the choice, with the reason for everybody who was left out (docs/method/two-way-choice.md).

In: a market and pairs, from `stable` or after a mediation. Out: `Matching` with pairs, refusals, open
seats and how many choices were met. Reasons are data; words are in `words`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from minping_engine.matching.market import Market, Position, Side
from minping_engine.matching.ties import TieOrder


class Pair(NamedTuple):
    """One person on one position."""

    person_id: str
    position_id: str


class UnmatchedReason(StrEnum):
    """Why a person has no position."""

    LISTED_NOBODY = "listed_nobody"
    NOT_LISTED_BACK = "not_listed_back"
    FILLED = "filled"
    LEFT_OUT = "left_out"


class Refusal(StrEnum):
    """Why a position on a person's list did not take her."""

    NOT_LISTED_BACK = "not_listed_back"
    NO_SEATS = "no_seats"
    FILLED_BY_PREFERRED = "filled_by_preferred"
    TIE_DECIDED = "tie_decided"
    WOULD_TAKE = "would_take"


class VacancyReason(StrEnum):
    """Why a position has seats open."""

    LISTED_NOBODY = "listed_nobody"
    NOBODY_CHOSE_IT = "nobody_chose_it"
    NO_COMMON_CHOICE = "no_common_choice"
    TOO_FEW_COMMON = "too_few_common"
    WENT_ELSEWHERE = "went_elsewhere"
    LEFT_OPEN = "left_open"


@dataclass(frozen=True)
class RefusedChoice:
    """One position that a person wanted and did not get.

    `own_rank`: which choice it was for her; `their_rank`: which choice she was there (0: none);
    `last_rank`: which choice the last one taken was (0: nobody, or from outside its list).
    """

    position_id: str
    refusal: Refusal
    own_rank: int
    their_rank: int
    last_rank: int


@dataclass(frozen=True)
class UnmatchedPerson:
    """Who has no position, and what became of each of her choices, best first."""

    person_id: str
    reason: UnmatchedReason
    refused: tuple[RefusedChoice, ...]


@dataclass(frozen=True)
class Vacancy:
    """Open seats of a position.

    `common` people stand on both lists; `elsewhere` of them got what they like as well or better.
    """

    position_id: str
    seats: int
    reason: VacancyReason
    common: int
    elsewhere: int


@dataclass(frozen=True)
class Matching:
    """Pairs by position and person. `proposing` and `ties` say how they were found; mediation keeps both."""

    market: Market = field(repr=False)
    pairs: tuple[Pair, ...]
    proposing: Side
    ties: TieOrder

    @cached_property
    def position_of(self) -> Mapping[str, str]:
        """Position by person."""
        return dict(self.pairs)

    @cached_property
    def people_of(self) -> Mapping[str, tuple[str, ...]]:
        """People by position; none is an empty tuple."""
        found: dict[str, list[str]] = {position.position_id: [] for position in self.market.positions}
        for pair in self.pairs:
            found[pair.position_id].append(pair.person_id)
        return {position: tuple(some) for position, some in found.items()}

    @cached_property
    def unmatched(self) -> tuple[UnmatchedPerson, ...]:
        """Everybody without a position, by id."""
        ids = sorted(self.market.ranks_of_people.keys() - self.position_of.keys())
        return tuple(_unmatched(self, person_id) for person_id in ids)

    @cached_property
    def vacancies(self) -> tuple[Vacancy, ...]:
        """Positions with open seats, by id."""
        ordered = sorted(self.market.positions, key=lambda one: one.position_id)
        return tuple(
            _vacancy(self, one) for one in ordered if len(self.people_of[one.position_id]) < one.capacity
        )

    def choices_met(self, side: Side) -> dict[int, int]:
        """Which choice -> how many pairs; choice 0: from outside the list, by mediation."""
        market, met = self.market, Counter[int]()
        for person, position in self.pairs:
            if side is Side.PEOPLE:
                met[market.ranks_of_people[person].get(position, 0)] += 1
            else:
                met[market.ranks_of_positions[position].get(person, 0)] += 1
        return dict(sorted(met.items()))

    def refused_choices(self, person_id: str) -> tuple[RefusedChoice, ...]:
        """The choices she would have liked better than what she has, each with the reason; best first."""
        ranks = self.market.ranks_of_people[person_id]
        got = ranks.get(self.position_of.get(person_id, ""), len(ranks) + 1)
        better = sorted((rank, position) for position, rank in ranks.items() if rank < got)
        return tuple(_refused(self, person_id, position, rank) for rank, position in better)


def matching_of(market: Market, pairs: Iterable[Pair], proposing: Side, ties: TieOrder) -> Matching:
    """The outcome of given pairs, in the one order of papers."""
    ordered = sorted(pairs, key=lambda pair: (pair.position_id, pair.person_id))
    return Matching(market, tuple(ordered), proposing, ties)


def _refused(matching: Matching, person_id: str, position_id: str, own_rank: int) -> RefusedChoice:
    ranks = matching.market.ranks_of_positions[position_id]
    taken = [ranks.get(one, 0) for one in matching.people_of[position_id]]
    last = 0 if 0 in taken else max(taken, default=0)
    refusal = _refusal(matching, person_id, position_id, last)
    return RefusedChoice(position_id, refusal, own_rank, ranks.get(person_id, 0), last)


def _refusal(matching: Matching, person_id: str, position_id: str, last: int) -> Refusal:
    market, capacity = matching.market, matching.market.capacities[position_id]
    if not market.is_wanted_by_both(person_id, position_id):
        return Refusal.NOT_LISTED_BACK
    if capacity == 0:
        return Refusal.NO_SEATS
    own = market.ranks_of_positions[position_id][person_id]
    if len(matching.people_of[position_id]) < capacity or last == 0 or own < last:
        return Refusal.WOULD_TAKE
    return Refusal.TIE_DECIDED if own == last else Refusal.FILLED_BY_PREFERRED


def _unmatched(matching: Matching, person_id: str) -> UnmatchedPerson:
    refused = matching.refused_choices(person_id)
    kinds = {choice.refusal for choice in refused}
    if not refused:
        reason = UnmatchedReason.LISTED_NOBODY
    elif kinds == {Refusal.NOT_LISTED_BACK}:
        reason = UnmatchedReason.NOT_LISTED_BACK
    elif Refusal.WOULD_TAKE in kinds:
        reason = UnmatchedReason.LEFT_OUT
    else:
        reason = UnmatchedReason.FILLED
    return UnmatchedPerson(person_id, reason, refused)


def _vacancy(matching: Matching, position: Position) -> Vacancy:
    one, market = position.position_id, matching.market
    common = [person for person in market.ranks_of_positions[one] if market.is_wanted_by_both(person, one)]
    elsewhere = sum(_is_content_elsewhere(matching, person, one) for person in common)
    open_seats = position.capacity - len(matching.people_of[one])
    here = sum(matching.position_of.get(person) == one for person in common)
    reason = _vacancy_reason(market, position, len(common))
    if len(common) > here + elsewhere:
        reason = VacancyReason.LEFT_OPEN
    return Vacancy(one, open_seats, reason, len(common), elsewhere)


def _is_content_elsewhere(matching: Matching, person_id: str, position_id: str) -> bool:
    """She has another position that she likes as well or better."""
    ranks, got = matching.market.ranks_of_people[person_id], matching.position_of.get(person_id)
    return got not in (None, position_id) and ranks.get(str(got), len(ranks) + 1) <= ranks[position_id]


def _vacancy_reason(market: Market, position: Position, common: int) -> VacancyReason:
    if not market.ranks_of_positions[position.position_id]:
        return VacancyReason.LISTED_NOBODY
    if not any(position.position_id in ranks for ranks in market.ranks_of_people.values()):
        return VacancyReason.NOBODY_CHOSE_IT
    if common == 0:
        return VacancyReason.NO_COMMON_CHOICE
    return VacancyReason.TOO_FEW_COMMON if common < position.capacity else VacancyReason.WENT_ELSEWHERE


def ranked_pairs(matching: Matching) -> Iterator[tuple[Pair, int, int]]:
    """Pairs with which choice each was for the other; 0 from outside the list."""
    market = matching.market
    for pair in matching.pairs:
        own = market.ranks_of_people[pair.person_id].get(pair.position_id, 0)
        yield pair, own, market.ranks_of_positions[pair.position_id].get(pair.person_id, 0)
