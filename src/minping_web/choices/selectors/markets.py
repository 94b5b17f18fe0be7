"""A two-way choice as the engine reads it, and what it found as matching, mediation and blocking pairs.

Ids are those of candidates and posted grids; lists name only who was handed in. The same rows give the same
market whatever order the database returns them in.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

from minping_engine.matching import (
    BlockingPair,
    Market,
    Matching,
    MediatedChange,
    Mediation,
    Pair,
    Person,
    Position,
    RefusedChoice,
    Side,
    TieOrder,
    UnmatchedPerson,
    apply_mediation,
    find_blocking_pairs,
    matching_of,
)
from minping_engine.sampling import seed_of
from minping_web.choices.models import Candidate, PostedGrid, TieRule, TwoWayChoice
from minping_web.choices.rules import ranking

FAR = "9999-12-31"


class Book:
    """Candidates and grids of a choice with their places in the engine's market."""

    def __init__(self, choice: TwoWayChoice) -> None:
        self.choice = choice
        self.candidates = {one.pk: one for one in choice.candidates.select_related("person")}
        grids = choice.grids.select_related("area__parent__parent", "owner")
        self.grids = {one.pk: one for one in grids}
        self.people_ids = {one.engine_id: pk for pk, one in self.candidates.items()}
        self.grid_ids = {one.engine_id: pk for pk, one in self.grids.items()}
        self._names = Counter(one.person.name for one in self.candidates.values())

    @property
    def market(self) -> Market:
        """Both sides with what they handed in."""
        people = {pk: one.engine_id for pk, one in self.candidates.items()}
        places = {pk: one.engine_id for pk, one in self.grids.items()}
        return Market(
            tuple(Person(one.engine_id, _tiers(one.tiers, places)) for one in self.candidates.values()),
            tuple(
                Position(one.engine_id, one.seats, _tiers(one.tiers, people)) for one in self.grids.values()
            ),
        )

    @property
    def ties(self) -> TieOrder:
        """By the drawn value, or by the stated order: of people seniority, of grids their code."""
        choice = self.choice
        if choice.ties == TieRule.DRAW:
            return TieOrder.by_seed(seed_of(bytes.fromhex(choice.posted_sha256), choice.seed_value))
        people = sorted(self.candidates.values(), key=_seniority)
        grids = sorted(self.grids.values(), key=lambda one: one.area.code)
        return TieOrder.by_rule([one.engine_id for one in people], [one.engine_id for one in grids])

    @property
    def side(self) -> Side:
        """Who proposes."""
        return Side(self.choice.proposing)

    def matching(self, pairs: Iterable[Sequence[int]]) -> Matching:
        """The outcome of kept pairs."""
        made = (Pair(self.candidates[who].engine_id, self.grids[where].engine_id) for who, where in pairs)
        return matching_of(self.market, made, self.side, self.ties)

    def kept(self, pairs: Iterable[Pair]) -> list[list[int]]:
        """The engine's pairs as rows keep them."""
        return sorted([self.people_ids[pair.person_id], self.grid_ids[pair.position_id]] for pair in pairs)

    def mediated(self, pairs: Iterable[Sequence[int]], changes: Iterable[Sequence[int]]) -> Mediation:
        """What changes (candidate, .., grid or 0) do to pairs; raises `InputError` for what cannot be."""
        wanted = [
            MediatedChange(
                self.candidates[row[0]].engine_id, self.grids[row[-1]].engine_id if row[-1] else ""
            )
            for row in changes
        ]
        return apply_mediation(self.matching(pairs), wanted)

    def name_of(self, engine_id: str) -> str:
        """A person's name, with the staff number where two are called so; a grid's with its place."""
        if engine_id in self.people_ids:
            person = self.candidates[self.people_ids[engine_id]].person
            return f"{person.name} ({person.code})" if self._names[person.name] > 1 else person.name
        return self.grids[self.grid_ids[engine_id]].placed if engine_id in self.grid_ids else ""

    def named_person(self, found: UnmatchedPerson) -> UnmatchedPerson:
        """With names for ids, for sentences."""
        return replace(found, refused=tuple(self.named_choice(one) for one in found.refused))

    def named_choice(self, found: RefusedChoice) -> RefusedChoice:
        """With the grid's name for its id."""
        return replace(found, position_id=self.name_of(found.position_id))

    def named_pair(self, found: BlockingPair) -> BlockingPair:
        """With names for ids."""
        return BlockingPair(
            *(self.name_of(one) for one in (found.person_id, found.position_id, found.displaced))
        )


def lists_sha256(book: Book) -> str:
    """Hash of both sides' lists, the same for any order of rows: what the ledger commits to."""
    told = {
        "people": {str(pk): ranking.read(one.tiers) for pk, one in sorted(book.candidates.items())},
        "grids": {str(pk): [one.seats, ranking.read(one.tiers)] for pk, one in sorted(book.grids.items())},
    }
    return digest(told)


def digest(told: object) -> str:
    """SHA-256 of canonical JSON."""
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def blocking_pairs(matching: Matching) -> tuple[BlockingPair, ...]:
    """Who would rather have each other, from the lists alone."""
    return find_blocking_pairs(matching.market, matching.pairs)


def _tiers(stored: object, known: dict[int, str]) -> tuple[tuple[str, ...], ...]:
    tiers = ranking.kept([sorted(tier) for tier in ranking.read(stored)], known)
    return tuple(tuple(known[one] for one in tier) for tier in tiers)


def _seniority(one: Candidate) -> tuple[str, str]:
    return str(one.person.started_on or FAR), one.person.code


def choosers_of(grid: PostedGrid) -> list[Candidate]:
    """People who handed in a list with this grid, by staff number; where it stands there is not told."""
    rows = grid.choice.candidates.filter(handed_in_at__isnull=False).select_related("person__profession_rank")
    return [
        one for one in rows.order_by("person__code") if ranking.place_of(ranking.read(one.tiers), grid.pk)
    ]
