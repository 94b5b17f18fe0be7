"""Ballots of a round as tables of the snapshot, one questionnaire at a time.

In: columns of counted ballots. Out: what their cells became over all questionnaires together, then a table
for each, in the order of random 63-bit numbers. Working arrays keep the small types of the columns; those of
a questionnaire are given back as soon as its table stands, so that a district's round fits in memory.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.snapshot import CELL, CLUSTER
from minping_engine.terms import Mode
from minping_web.snapshots.rules.cells import levels_of
from minping_web.snapshots.rules.columns import NONE, Numbering, Sheet, Small
from minping_web.snapshots.rules.generalise import Generalised, generalise
from minping_web.snapshots.rules.population import Dimension
from minping_web.snapshots.selectors.facts import RoundFacts
from minping_web.snapshots.selectors.spread import INSTRUMENT, MODE, STRATUM
from minping_web.snapshots.services.counting import Counted

RANDOMISED = "randomised"
CLUSTERS = {"interviewer": "cluster", "batch": "batch"}
"""Kinds of the contract, and the columns that have them: numbers of pseudonyms, 0 = none."""


@dataclass(frozen=True)
class Part:
    """Ballots of one questionnaire: which are released, and which of these are of invited households."""

    sheet: Sheet
    keep: NDArray[np.bool_]
    asked: NDArray[np.bool_]

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Released ballots of invited households: those whose cells are widened."""
        return self.keep & self.asked


@dataclass(frozen=True)
class Widened:
    """Cells of all released ballots of invited households, part behind part, and what is held back."""

    parts: tuple[Part, ...]
    names: tuple[str, ...]
    """Of the widened columns."""
    generalised: Generalised
    withheld: Mapping[int, int]
    """Target -> counted ballots that are not released."""
    open_withheld: int
    released: frozenset[tuple[str, int]]
    """(questionnaire, target) with released ballots of invited households."""


def widen_cells(facts: RoundFacts, counted: Counted) -> Widened:
    """Widen the cells of all questionnaires together; nothing of `counted` is changed."""
    sheets = [sheet for _key, sheet in sorted(counted.sheets.items()) if len(sheet.columns)]
    parts = tuple(_part(facts, sheet) for sheet in sheets)
    dimensions = _dimensions(facts, counted)
    seen = [part.seen for part in parts]
    columns = [
        _joined([_column(facts, counted, part.sheet, name, at)[mine]
                 for at, (part, mine) in enumerate(zip(parts, seen, strict=True))])
        for name in ("target", *(one.name for one in dimensions))
    ]  # fmt: skip
    found = generalise(columns[0], columns[1:], dimensions, facts.least)
    withheld = np.zeros(len(facts.areas), np.int64)
    for part in parts:
        lost = part.sheet.columns["target"][part.asked & ~part.keep]
        withheld += np.bincount(lost, minlength=len(facts.areas))
    return Widened(
        parts,
        tuple(one.name for one in dimensions),
        found,
        {int(target): int(withheld[target]) for target in np.flatnonzero(withheld)},
        sum(int((~part.asked & ~part.keep).sum()) for part in parts),
        frozenset(
            (part.sheet.instrument, target)
            for part in parts
            for target in np.unique(part.sheet.columns["target"][part.seen]).tolist()
        ),
    )


def withheld_cells(counted: Counted, widened: Widened) -> Counter[tuple[int, int, str, int]]:
    """Withheld ballots of invited households by (target, stratum, frame cell, mode): few."""
    found, cells = Counter[tuple[int, int, str, int]](), counted.cells.texts
    for part in widened.parts:
        columns, lost = part.sheet.columns, part.asked & ~part.keep
        names = ("target", "stratum", "frame_cell", "mode")
        rows = zip(*(columns[name][lost].tolist() for name in names), strict=True)
        found.update((target, stratum, cells[cell], mode) for target, stratum, cell, mode in rows)
    return found


def _joined(columns: Sequence[Small]) -> Small:
    return np.concatenate(columns) if columns else np.empty(0, np.int16)


def _part(facts: RoundFacts, sheet: Sheet) -> Part:
    """Fewer ballots of one questionnaire in an area than a cell needs are counted and not released.

    The office knows which questionnaire a household got, so a lone one would be read as that household's.
    Questionnaires cannot be merged; nor can answers to the open link be merged with those of invited
    households without being counted among them, so both are held against the number by themselves.
    """
    asked: NDArray[np.bool_] = sheet.columns["mode"] != Mode.OPEN_ONLINE
    target, keep = sheet.columns["target"], np.empty(len(asked), np.bool_)
    for mine in (asked, ~asked):
        many = np.bincount(target[mine], minlength=len(facts.areas)) >= facts.least
        keep[mine] = many[target[mine]]
    return Part(sheet, keep, asked)


def _dimensions(facts: RoundFacts, counted: Counted) -> list[Dimension]:
    """What the office knows of a household; the questionnaire is told by the household's audience."""
    kinds = {"interviewer": counted.clusters, "batch": counted.batches}
    return [
        Dimension(INSTRUMENT, None),
        *(Dimension(one.name, one.rest) for one in facts.frame_variables),
        Dimension(STRATUM, 0, is_weight=True),
        Dimension(MODE, Mode.UNKNOWN.value, is_local=True),
        Dimension(RANDOMISED, 0, is_local=True),
        *(Dimension(name, 0, is_local=True) for name, known in kinds.items() if len(known.texts) > 1),
    ]


def _column(facts: RoundFacts, counted: Counted, sheet: Sheet, name: str, at: int) -> Small:
    """A column as it was counted; `at` is the questionnaire's number."""
    if name == INSTRUMENT:
        return np.full(len(sheet.columns), at, np.int16)
    for place, one in enumerate(facts.frame_variables):
        if one.name == name:
            levels = [levels_of(cell, facts.frame_variables)[place] for cell in counted.cells.texts]
            return np.array(levels, np.int16)[sheet.columns["frame_cell"]]
    return sheet.columns[CLUSTERS.get(name, name)]


def ballot_tables(facts: RoundFacts, counted: Counted, widened: Widened) -> Iterator[tuple[str, pa.Table]]:
    """(questionnaire, its released ballots by number); its columns are gone afterwards."""
    fresh = {name: _pseudonyms(known) for name, known in
             (("interviewer", counted.clusters), ("batch", counted.batches))}  # fmt: skip
    start = 0
    for at, part in enumerate(widened.parts):
        made = _Table(facts, counted, part, at)
        seen = part.seen
        end = start + int(seen.sum())
        released = {
            name: made.released(name, seen, column[start:end])
            for name, column in zip(widened.names, widened.generalised.columns, strict=True)
            if name != INSTRUMENT
        }
        start = end
        table = made.table(released, fresh)
        del made
        part.sheet.columns.drop()
        yield part.sheet.instrument, table


def _pseudonyms(known: Numbering) -> Small:
    return np.array([secrets.randbelow(2**31) for _text in known.texts], np.int32)


def fresh_numbers(n: int) -> NDArray[np.int64]:
    """Different random 63-bit numbers from the operating system."""
    while True:
        found = (np.frombuffer(os.urandom(8 * n), dtype="<u8") >> np.uint64(1)).view(np.int64)
        ordered = np.sort(found)
        if not (ordered[1:] == ordered[:-1]).any():
            return found


class _Table:
    """One questionnaire's ballots on their way into the order of their numbers."""

    def __init__(self, facts: RoundFacts, counted: Counted, part: Part, at: int) -> None:
        self._facts, self._counted, self._part, self._at = facts, counted, part, at
        numbers = fresh_numbers(len(part.keep))
        order = np.argsort(numbers)
        self._order = order[part.keep[order]].astype(np.int32)
        self._numbers = numbers[self._order]

    def released(self, name: str, seen: NDArray[np.bool_], levels: Small) -> Small:
        """A widened column; answers to the open link keep what they said."""
        column = _column(self._facts, self._counted, self._part.sheet, name, self._at).copy()
        column[seen] = levels
        return column[self._order]

    def table(self, released: Mapping[str, Small], fresh: Mapping[str, Small]) -> pa.Table:
        """All columns of the contract."""
        sheet, order = self._part.sheet, self._order
        made: dict[str, pa.Array] = {
            "ballot_id": pa.array(self._numbers, pa.int64()),
            "target": pa.array(sheet.columns["target"][order], pa.int32()),
            "stratum": pa.array(released[STRATUM], pa.int16()),
            "mode": pa.array(released[MODE], pa.int8()),
            "randomised": pa.array(released[RANDOMISED], pa.int8()),
        }
        for one in self._facts.frame_variables:
            made[CELL + one.name] = pa.array(released[one.name], pa.int16())
        made |= self._told()
        for name in sheet.items:
            codes = sheet.columns[f"item_{name}"][order]
            made[f"item_{name}"] = pa.array(codes, pa.int16(), mask=codes == NONE)
        for name, source in CLUSTERS.items():
            if sheet.columns[source].any():
                cluster = released[name]
                made[CLUSTER + name] = pa.array(fresh[name][cluster], pa.int32(), mask=cluster == 0)
        return pa.table(made)

    def _told(self) -> dict[str, pa.Array]:
        """What residents told about themselves, and how the form was filled in."""
        sheet, made = self._part.sheet, {}
        *about, filled = self._facts.about_variables
        for one in about:
            levels = np.full(len(self._order), one.rest, np.int16)
            if one.name in sheet.about:
                told = sheet.columns[f"about_{one.name}"][self._order]
                np.copyto(levels, told, where=told != NONE)
            made[CELL + one.name] = pa.array(levels, pa.int16())
        made[CELL + filled.name] = pa.array(sheet.columns["help"][self._order], pa.int16())
        return made
