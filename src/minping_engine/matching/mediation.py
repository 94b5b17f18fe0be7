"""What leaders change after the matching, and whom each change would part (docs/method/two-way-choice.md).

In: a matching and changes that were agreed. Out: the matching afterwards, the blocking pairs that came and
went, each new one with the changes that made it. Whether all sides signed is the product's matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minping_engine.errors import InputError, Place, Problem
from minping_engine.matching.blocking import BlockingPair, find_blocking_pairs, raise_faults, unlisted_pairs
from minping_engine.matching.outcome import Matching, Pair, matching_of


@dataclass(frozen=True)
class MediatedChange:
    """A person goes to a position; an empty `position_id`: she leaves hers and has none."""

    person_id: str
    position_id: str = ""


@dataclass(frozen=True)
class NewBlockingPair:
    """A blocking pair that was none before; `because_of`: numbers of the changes, from 0, that touch it."""

    pair: BlockingPair
    because_of: tuple[int, ...]


@dataclass(frozen=True)
class Mediation:
    """All changes together, for a swap is two of them. `unlisted`: pairs that no list foresaw."""

    before: Matching
    after: Matching
    changes: tuple[MediatedChange, ...]
    made: tuple[NewBlockingPair, ...]
    ended: tuple[BlockingPair, ...]
    unlisted: tuple[Pair, ...]


def apply_mediation(matching: Matching, changes: Sequence[MediatedChange]) -> Mediation:
    """The matching after all changes at once.

    Seats are counted when all are done, so that two can swap. Raises `InputError` with all faults:
    strangers, one person twice, no change at all, more people than seats.
    """
    problems = _problems(matching, changes)
    if problems:
        raise InputError(problems)
    position_of = {**matching.position_of, **{one.person_id: one.position_id for one in changes}}
    pairs = [Pair(person, position) for person, position in position_of.items() if position]
    raise_faults(matching.market, pairs)
    after = matching_of(matching.market, pairs, matching.proposing, matching.ties)
    made, ended = _difference(matching, after)
    return Mediation(
        matching,
        after,
        tuple(changes),
        tuple(NewBlockingPair(pair, _touching(matching, changes, pair)) for pair in made),
        ended,
        unlisted_pairs(matching.market, after.pairs),
    )


def _problems(matching: Matching, changes: Sequence[MediatedChange]) -> list[Problem]:
    problems, seen = [], set[str]()
    for change in changes:
        place = Place(key=change.person_id)
        if change.person_id not in matching.market.ranks_of_people:
            problems.append(Problem("matching.unknown_person", place))
        elif change.person_id in seen:
            problems.append(Problem("matching.changed_twice", place))
        elif change.position_id == matching.position_of.get(change.person_id, ""):
            problems.append(Problem("matching.no_change", place))
        if change.position_id and change.position_id not in matching.market.ranks_of_positions:
            problems.append(Problem("matching.unknown_position", Place(key=change.position_id)))
        seen.add(change.person_id)
    return problems


def _difference(before: Matching, after: Matching) -> tuple[list[BlockingPair], tuple[BlockingPair, ...]]:
    """Blocking pairs that are new, and those that are gone; who would be displaced does not matter."""
    old, new = (
        {(pair.person_id, pair.position_id): pair for pair in find_blocking_pairs(one.market, one.pairs)}
        for one in (before, after)
    )
    made = [pair for key, pair in sorted(new.items()) if key not in old]
    return made, tuple(pair for key, pair in sorted(old.items()) if key not in new)


def _touching(matching: Matching, changes: Sequence[MediatedChange], pair: BlockingPair) -> tuple[int, ...]:
    """Changes that moved this person, or somebody to or from this position: nothing else can make it."""
    return tuple(
        number
        for number, change in enumerate(changes)
        if change.person_id == pair.person_id
        or pair.position_id in (change.position_id, matching.position_of.get(change.person_id))
    )
