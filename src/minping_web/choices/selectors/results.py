"""The result of a two-way choice for pages: pairs, why who is left out, open seats, load before and after.

Rows are computed from lists and pairs with the engine's words; nothing of it is stored, so it cannot differ
from what the protocol's hash commits to. Before the matching there is nothing to see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from minping_engine.errors import Language
from minping_engine.matching import (
    Matching,
    UnmatchedPerson,
    blocking_in_words,
    refusal_in_words,
    unmatched_in_words,
    vacancy_in_words,
)
from minping_web.choices.models import Candidate, PostedGrid, TwoWayChoice
from minping_web.choices.selectors.choices import below
from minping_web.choices.selectors.markets import Book, blocking_pairs
from minping_web.common.import_flow import page_language
from minping_web.people.models import Posting
from minping_web.people.rules import SINGLE_ROLES, LoadChange, load_band, load_changes
from minping_web.people.selectors import on_day
from minping_web.places.models import Area


@dataclass(frozen=True)
class PairRow:
    """One person on one grid. `own`, `their`: which choice each was for the other; 0 by mediation."""

    candidate: Candidate
    grid: PostedGrid
    own: int
    their: int
    moved: bool
    """Whether a mediation made it."""

    @property
    def stays(self) -> bool:
        """Whether she answers for it already."""
        return self.grid.owner_id == self.candidate.person_id


@dataclass(frozen=True)
class LeftRow:
    """Somebody without a grid, and why: one sentence, and one for each choice."""

    candidate: Candidate
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class OpenRow:
    """Seats that stay open, and why."""

    grid: PostedGrid
    seats: int
    sentence: str


@dataclass(frozen=True)
class Result:
    """All of it. `blocking`: sentences about people and grids that would rather have each other."""

    pairs: list[PairRow]
    left: list[LeftRow]
    open: list[OpenRow]
    blocking: list[str]
    unstable: list[str]
    """The same for the pairs as the engine found them: empty, else the engine is at fault."""
    first_choices: int


def result_of(choice: TwoWayChoice, book: Book | None = None) -> Result:
    """Everything about a matched choice, in the language of the page."""
    book = book or Book(choice)
    matching, first = book.matching(choice.pairs), book.matching(choice.first_pairs)
    rows = _pairs(book, matching, {(who, where) for who, where in choice.first_pairs})
    return Result(
        rows,
        [_left(book, one) for one in matching.unmatched],
        [
            OpenRow(book.grids[book.grid_ids[one.position_id]], one.seats, vacancy_in_words(one, _language()))
            for one in matching.vacancies
        ],
        _blocking(book, matching),
        _blocking(book, first),
        sum(row.own == 1 for row in rows),
    )


def _language() -> Language:
    return "en" if page_language() == "en" else "zh"


def _pairs(book: Book, matching: Matching, first: set[tuple[int, int]]) -> list[PairRow]:
    market, rows = matching.market, []
    for pair in matching.pairs:
        who, where = book.people_ids[pair.person_id], book.grid_ids[pair.position_id]
        own = market.ranks_of_people[pair.person_id].get(pair.position_id, 0)
        their = market.ranks_of_positions[pair.position_id].get(pair.person_id, 0)
        rows.append(PairRow(book.candidates[who], book.grids[where], own, their, (who, where) not in first))
    return sorted(rows, key=lambda row: (row.grid.area.path, row.candidate.person.code))


def _left(book: Book, found: UnmatchedPerson) -> LeftRow:
    candidate = book.candidates[book.people_ids[found.person_id]]
    return LeftRow(candidate, unmatched_in_words(book.named_person(found), _language()))


def _blocking(book: Book, matching: Matching) -> list[str]:
    return [blocking_in_words(book.named_pair(pair), _language()) for pair in blocking_pairs(matching)]


@dataclass(frozen=True)
class Outcome:
    """What came out for one person: the grid, or why not; why not what she would have liked better."""

    grid: PostedGrid | None
    own: int
    sentences: tuple[str, ...]
    refusal: str
    """The reason that a community gave, where she was told to be unsuitable."""


def outcome_of(candidate: Candidate) -> Outcome:
    """For the person's own page."""
    book = Book(candidate.choice)
    matching = book.matching(candidate.choice.pairs)
    got = matching.position_of.get(candidate.engine_id)
    refusals = [
        f"{grid.placed}: {grid.unsuitable[str(candidate.pk)]}"
        for grid in book.grids.values()
        if str(candidate.pk) in grid.unsuitable
    ]
    if got is None:
        found = next(one for one in matching.unmatched if one.person_id == candidate.engine_id)
        told = unmatched_in_words(book.named_person(found), _language(), to_herself=True)
        return Outcome(None, 0, told, "; ".join(refusals))
    better = matching.refused_choices(candidate.engine_id)
    own = matching.market.ranks_of_people[candidate.engine_id].get(got, 0)
    why = (refusal_in_words(book.named_choice(one), _language(), to_herself=True) for one in better)
    return Outcome(book.grids[book.grid_ids[got]], own, tuple(why) if own else (), "; ".join(refusals))


@dataclass(frozen=True)
class Kept:
    """A present posting on the day of the new ones: kept, or to whom it goes."""

    area: Area
    goes_to: str

    @property
    def placed(self) -> str:
        """With the areas around it."""
        return " · ".join([self.area.name, *(one.name for one in reversed(self.area.around))])


def kept_by(candidate: Candidate) -> list[Kept]:
    """What becomes of the areas that she answers for now: who gets a grid gives the others up.

    On the day before the new postings, so that it reads the same before and after they are written.
    """
    choice = candidate.choice
    rows = Posting.objects.filter(person=candidate.person_id, role__in=SINGLE_ROLES)
    held = on_day(rows, choice.takes_effect_on - timedelta(days=1)).select_related("area__parent__parent")
    areas = dict(choice.grids.filter(role__in=SINGLE_ROLES).values_list("pk", "area"))
    takers = {areas[where]: who for who, where in choice.pairs if where in areas}
    names = dict(choice.candidates.filter(pk__in=takers.values()).values_list("pk", "person__name"))
    moves = candidate.pk in takers.values()
    return [
        Kept(row.area, names[takers[row.area_id]] if row.area_id in takers else "—" if moves else "")
        for row in held
        if takers.get(row.area_id) != candidate.pk
    ]


def taken_by(choice: TwoWayChoice) -> dict[int, list[Candidate]]:
    """Grid -> people who got it."""
    people = {one.pk: one for one in choice.candidates.select_related("person")}
    found: dict[int, list[Candidate]] = defaultdict(list)
    for who, where in choice.pairs:
        found[where].append(people[who])
    return found


def loads_of(choice: TwoWayChoice, book: Book) -> list[LoadChange]:
    """Households per owner on the day of the new postings, without and with them; heaviest first."""
    levels = {grid.area.level for grid in book.grids.values()}
    rows = Posting.objects.filter(role__in=SINGLE_ROLES, area__level__in=levels)
    held = on_day(below(rows, choice.area, "area__path"), choice.takes_effect_on).values_list(
        "person", "person__name", "area", "area__households"
    )
    names = {person: name for person, name, _area, _n in held}
    before = {(person, area): n or 0 for person, _name, area, n in held}
    after = _after(before, choice, book)
    names |= {one.person_id: one.person.name for one in book.candidates.values()}
    return load_changes(_summed(before), _summed(after), names)


def _after(
    before: Mapping[tuple[int, int], int], choice: TwoWayChoice, book: Book
) -> dict[tuple[int, int], int]:
    new = {}
    for who, where in choice.pairs:
        grid = book.grids[where]
        if grid.role in SINGLE_ROLES:
            new[book.candidates[who].person_id, grid.area_id] = grid.households or 0
    people, areas = {person for person, _area in new}, {area for _person, area in new}
    stays = {key: n for key, n in before.items() if key[0] not in people and key[1] not in areas}
    return stays | new


def _summed(held: Mapping[tuple[int, int], int]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for (person, _area), n in held.items():
        found[person] += n
    return found


def spread(loads: Iterable[LoadChange]) -> dict[str, int]:
    """How many owners lie within the rule before and after."""
    rows = list(loads)
    return {
        "before": sum(row.before > 0 and _within(row.before) for row in rows),
        "after": sum(row.after > 0 and _within(row.after) for row in rows),
        "moved": len(rows),
    }


def _within(households: int) -> bool:
    return load_band(households) == "within"
