"""Who goes first among those who are liked equally: one order for everybody, fixed before the lists are read.

In: a stated order of ids (a rule, such as years in the neighbourhood), or a seed from a public draw. Out: the
place of each id. Nothing depends on the order of the input. One order for all lists, not one per list:
the loss by ties is smaller so (Abdulkadiroglu, Pathak and Roth 2009).
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from minping_engine.errors import InputError, Place, Problem
from minping_engine.matching.market import Market, Side, Tiers

SEED_BYTES = 32


@dataclass(frozen=True)
class TieOrder:
    """Either `by_rule`, every id that ties once, first to last; or by the seed of a public draw.

    With a seed an id's place is that of HMAC-SHA-256(seed, "people:" or "positions:" and the id).
    """

    seed: bytes = field(default=b"", repr=False)
    people: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()

    @classmethod
    def by_seed(cls, seed: bytes) -> TieOrder:
        """The order that a seed of 32 bytes gives, as of a draw (docs/method/draw.md)."""
        if len(seed) != SEED_BYTES:
            raise InputError.of("matching.seed", n=len(seed), wanted=SEED_BYTES)
        return cls(seed=seed)

    @classmethod
    def by_rule(cls, people: Iterable[str] = (), positions: Iterable[str] = ()) -> TieOrder:
        """A stated order, first to last; needed for ids that stand in a tie, others may be absent."""
        return cls(people=tuple(people), positions=tuple(positions))

    @property
    def is_seeded(self) -> bool:
        """Whether chance decides."""
        return bool(self.seed)


def tie_places(market: Market, order: TieOrder) -> dict[Side, Mapping[str, int]]:
    """Place of every id that stands on a list; by rule, all faults of the order at once."""
    if order.is_seeded:
        return {
            Side.PEOPLE: _seeded(order.seed, Side.PEOPLE, (one.person_id for one in market.people)),
            Side.POSITIONS: _seeded(
                order.seed, Side.POSITIONS, (one.position_id for one in market.positions)
            ),
        }
    problems = [
        *_rule_problems(order.people, Side.PEOPLE, [one.choices for one in market.positions]),
        *_rule_problems(order.positions, Side.POSITIONS, [one.choices for one in market.people]),
    ]
    if problems:
        raise InputError(problems)
    return {Side.PEOPLE: _stated(order.people), Side.POSITIONS: _stated(order.positions)}


def _seeded(seed: bytes, side: Side, ids: Iterable[str]) -> dict[str, int]:
    hashed = sorted((hmac.digest(seed, f"{side.value}:{one}".encode(), "sha256"), one) for one in ids)
    return {one: place for place, (_hash, one) in enumerate(hashed)}


def _stated(ids: Iterable[str]) -> dict[str, int]:
    return {one: place for place, one in enumerate(ids)}


def _rule_problems(order: tuple[str, ...], side: Side, lists: Iterable[Tiers]) -> list[Problem]:
    """Ids that the rule names twice, and ids in a tie that it does not name."""
    named = Counter(order)
    tied = {one for choices in lists for tier in choices if len(tier) > 1 for one in tier}
    place = Place(key=side.value)
    problems = [
        Problem("matching.rule_twice", place, {"listed": one}) for one in sorted(named) if named[one] > 1
    ]
    if tied - named.keys():
        params = {"n": len(tied - named.keys()), "listed": min(tied - named.keys())}
        problems.append(Problem("matching.rule_silent", place, params))
    return problems
