"""Areas, assessees, targets and postings made out of the ballots' own columns.

For a firm that holds nothing but a spreadsheet: every target text becomes a target, its
assessee is the target itself or the person in a column, its place is built from district, street
and community columns. A target whose rows name two places or two persons is a fault, unless
`spread: most` lets the more frequent one hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minping_engine.errors import Place
from minping_engine.snapshot.importing.faults import Faults, shown
from minping_engine.snapshot.importing.mapping import PlaceMap, RegisterMap
from minping_engine.snapshot.importing.registers import (
    NO_DISTRICT,
    OWN_LEVEL,
    WHOLE,
    Area,
    Registers,
    areas_table,
    margins_table,
    table_of,
)
from minping_engine.snapshot.importing.rows import Rows
from minping_engine.snapshot.importing.texts import Distinct, number_in
from minping_engine.terms import AreaLevel, first_day

OFFICIAL_LENGTH = 6
"""A shorter code that begins like its parent's does so by chance: place 15 does not lie in place 1."""


@dataclass(frozen=True)
class _Made:
    """What all steps need: rows, the targets, the map, where faults go."""

    rows: Rows
    target: Distinct
    register: RegisterMap
    faults: Faults
    column: str

    def text_of_target(self, column: str, *, needed: bool = True) -> list[str | None]:
        """The column's text for each target: the only one, or the most frequent where that is allowed."""
        if column in self.rows.absent:
            return [None] * len(self.target.texts)
        found = self.rows.distinct(column)
        chosen, several = _most_frequent(self.target, found)
        if self.register.spread == "refuse":
            self._refuse_several(several, column)
        texts = [found.texts[code] if code >= 0 else None for code in chosen.tolist()]
        if needed:
            self._refuse_empty(texts, column)
        return texts

    def _refuse_several(self, several: list[int], column: str) -> None:
        for target in several:
            place = self.rows.place(int(np.argmax(self.target.codes == target)), column)
            self.faults.add("importing.target_spread", place, target=shown(self.target.texts[target]))

    def _refuse_empty(self, texts: list[str | None], column: str) -> None:
        for target in (number for number, text in enumerate(texts) if text is None):
            place = self.rows.place(int(np.argmax(self.target.codes == target)), column)
            self.faults.add("importing.place_missing", place, target=shown(self.target.texts[target]))


def _most_frequent(
    target: Distinct, found: Distinct
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[int]]:
    """Per target the most frequent code (-1 if none; ties: the first text), and targets with several."""
    both = (target.codes >= 0) & (found.codes >= 0)
    width = max(len(found.texts), 1)
    pairs, counts = np.unique(target.codes[both] * width + found.codes[both], return_counts=True)
    targets, codes = pairs // width, pairs % width
    chosen = np.full(len(target.texts), -1, np.int64)
    order = np.lexsort((-codes, counts, targets))
    chosen[targets[order]] = codes[order]
    several = np.flatnonzero(np.bincount(targets, minlength=len(target.texts)) > 1)
    return chosen, several.tolist()


def make_registers(
    rows: Rows, target: Distinct, register: RegisterMap, period: str, column: str, faults: Faults
) -> Registers:
    """Registers from the ballots themselves; `column` names the target column in messages."""
    made = _Made(rows, target, register, faults, column)
    areas: dict[str, Area] = {}
    districts = _districts(made, areas)
    parents = _communities(made, areas, districts)
    own = _own_areas(made, areas, parents)
    assessees, answering = _assessees(made, own, parents)
    numbers = range(len(target.texts))
    subject = register.assessee_kind.value
    tables = {
        "areas": areas_table(areas),
        "assessees": table_of("assessees", list(assessees.values())),
        "targets": table_of(
            "targets", [{"target": n, "area_id": own[n], "subject": subject} for n in numbers]
        ),
        "postings": table_of(
            "postings",
            [
                {"target": n, "assessee_id": answering[n], "from_day": first_day(period), "share": WHOLE}
                for n in numbers
            ],
        ),
    }
    if eligible := _eligible(made):
        tables["margins"] = margins_table(eligible)
    return Registers(tables, np.arange(len(target.texts), dtype=np.int64), tuple(districts))


def _place_of_target(
    made: _Made, place: PlaceMap | None, level: AreaLevel, areas: dict[str, Area], parents: list[str]
) -> list[str]:
    """The area of `level` for each target, entered into `areas`; `parents` where there is none."""
    if place is None:
        return parents
    count = len(made.target.texts)
    codes: list[str | None] = made.text_of_target(place.column) if place.column else [place.code] * count
    names = made.text_of_target(place.name_column) if place.name_column else [place.name] * count
    found = []
    for code, name, parent in zip(codes, names, parents, strict=True):
        area = Area(_inside(parent, code or "?"), parent or None, level, name or code or "?")
        areas.setdefault(area.area_id, area)
        found.append(area.area_id)
    return found


def _inside(parent: str, code: str) -> str:
    """An id of its own: official codes begin with their parent's; other texts are put behind it."""
    official = len(parent) >= OFFICIAL_LENGTH and code.startswith(parent)
    return code if official or parent in ("", NO_DISTRICT) else f"{parent}-{code}"


def _districts(made: _Made, areas: dict[str, Area]) -> list[str]:
    place = made.register.district or PlaceMap(code=NO_DISTRICT, name="全区")
    return _place_of_target(made, place, AreaLevel.DISTRICT, areas, [""] * len(made.target.texts))


def _communities(made: _Made, areas: dict[str, Area], districts: list[str]) -> list[str]:
    streets = _place_of_target(made, made.register.street, AreaLevel.STREET, areas, districts)
    return _place_of_target(made, made.register.community, AreaLevel.COMMUNITY, areas, streets)


def _own_areas(made: _Made, areas: dict[str, Area], parents: list[str]) -> list[str]:
    """Each target's own place."""
    kind = made.register.assessee_kind
    level = made.register.level or OWN_LEVEL.get(kind, AreaLevel.RESPONSIBILITY_AREA)
    column = made.register.name_column
    names = made.text_of_target(column) if column else list(made.target.texts)
    own = []
    for text, name, parent in zip(made.target.texts, names, parents, strict=True):
        area = Area(_inside(parent, text), parent, level, name or text)
        if area.area_id in areas:
            place = Place(column=made.column)
            made.faults.add("importing.place_twice", place, area=shown(area.area_id))
        areas[area.area_id] = area
        own.append(area.area_id)
    return own


def _assessees(
    made: _Made, own: list[str], parents: list[str]
) -> tuple[dict[str, dict[str, object]], list[str]]:
    """Assessees by id, and who answers for each target."""
    register = made.register
    column = register.assessee.column if register.assessee else None
    named = register.assessee.name_column if register.assessee else register.name_column
    ids = made.text_of_target(column) if column else list(made.target.texts)
    names = made.text_of_target(named) if named else ids
    is_place = register.assessee_kind in OWN_LEVEL and column is None
    answering = [who or text for who, text in zip(ids, made.target.texts, strict=True)]
    assessees: dict[str, dict[str, object]] = {}
    for number, who in enumerate(answering):
        row: dict[str, object] = {
            "assessee_id": who,
            "kind": register.assessee_kind.value,
            "name": names[number] or who,
            "area_id": own[number] if is_place else parents[number],
        }
        assessees.setdefault(who, row)
    return assessees, answering


def _eligible(made: _Made) -> dict[int, int]:
    column = made.register.eligible_column
    if column is None or column in made.rows.absent:
        return {}
    eligible = {}
    for target, text in enumerate(made.text_of_target(column)):
        count = _count(text or "", column, target, made)
        if count is not None:
            eligible[target] = count
    return eligible


def _count(text: str, column: str, target: int, made: _Made) -> int | None:
    count = number_in(text.replace("户", ""))
    if text and (count is None or count < 1):
        place = made.rows.place(int(np.argmax(made.target.codes == target)), column)
        made.faults.add("importing.not_a_count", place, value=shown(text))
        return None
    return count
