"""A round's open data with the releases before it: what the new tables may show beside the public ones.

In: the round as it is now, the same round as it was published before, oldest first. Out: `Protected` by
questionnaire. Earlier releases are protected again in their order, as when they went out. Answers of ballots
that were taken out are as secret as those of a place with as few assessed people (G1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from minping_engine.disclosure import Cell, CellKey, Protected
from minping_engine.errors import RefusedError
from minping_engine.reporting.corrections import changed_people
from minping_engine.reporting.open_data.counting import EVERYWHERE, Counted
from minping_engine.reporting.open_data.protecting import (
    BALLOTS,
    Releases,
    is_of_answers,
    place_in,
    protected_tables,
)
from minping_engine.reporting.open_data.rounds import OpenDataRound
from minping_engine.scheme import Instrument


def protected_release(round_: OpenDataRound, earlier: Sequence[OpenDataRound] = ()) -> dict[str, Protected]:
    """Questionnaire -> what may be shown. Raises `RefusedError` where the audit finds an unsafe cell."""
    for one in (*earlier, round_):
        one.check()
    return {form.id: _protected(form, [*_with(form, earlier), round_]) for form in round_.forms}


def _with(form: Instrument, rounds: Sequence[OpenDataRound]) -> list[OpenDataRound]:
    return [one for one in rounds if any(each.id == form.id for each in one.forms)]


def _protected(form: Instrument, rounds: Sequence[OpenDataRound]) -> Protected:
    """The last of these releases, each protected beside those before it."""
    counted = [one.counted(form) for one in rounds]
    public = [(BALLOTS, ())] if all(len(one.forms) == 1 for one in rounds) else []
    withholds = _Withheld(rounds, counted)
    done: list[Protected] = []
    for round_, here in zip(rounds, counted, strict=True):
        releases = Releases(tuple(done), withholds, public)
        safe = protected_tables(here, round_.scheme, round_.may_show, releases)
        if unsafe := safe.unsafe():
            raise RefusedError.of("disclosure.unsafe", n=len(unsafe))
        done.append(safe)
    return done[-1]


class _Withheld:
    """Answers of what was taken out between two releases, where that is too few people or ballots."""

    def __init__(self, rounds: Sequence[OpenDataRound], counted: Sequence[Counted]) -> None:
        self.rounds = rounds
        self.ballots = [_by_place(one) for one in counted]
        self.people: dict[tuple[int, int], dict[str, int]] = {}

    def __call__(self, earlier: int, later: int, key: CellKey, cell: Cell) -> bool:
        if not is_of_answers(key) or cell.n <= 0:
            return False
        place, limits = place_in(key), self.rounds[later].scheme.disclosure
        taken = self.ballots[earlier][place] - self.ballots[later][place]
        return self._people(earlier, later, place) < limits.mean_from or taken < limits.scored_from

    def _people(self, earlier: int, later: int, place: str) -> int:
        """Assessed people of a place whose score is made of other ballots than before."""
        pair = earlier, later
        if pair not in self.people:
            before, after = self.rounds[earlier], self.rounds[later]
            found = changed_people(before.result, after.result, after.snapshot)
            everybody = frozenset[str]().union(*found.values())
            self.people[pair] = {place: len(some) for place, some in found.items()}
            self.people[pair][EVERYWHERE] = len(everybody)
        return self.people[pair].get(place, 0)


def _by_place(counted: Counted) -> Counter[str]:
    """Ballots of every place that is shown, with all places around it."""
    found: Counter[str] = Counter()
    for leaf, ballots in counted.ballots.items():
        place: str | None = leaf
        while place is not None:
            found[place] += ballots
            place = counted.parents.get(place)
    return found
