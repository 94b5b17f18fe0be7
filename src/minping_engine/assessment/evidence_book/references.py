"""Ids that one sheet names and another must introduce: each unknown one with its place and the nearest known.

In: what the workbook says. Out: faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minping_engine.assessment.evidence_book.layout import MARKS
from minping_engine.assessment.evidence_book.rows import Row
from minping_engine.assessment.evidence_book.tables import Filled, areas_of, own_targets, people_of
from minping_engine.snapshot.importing.faults import Faults, shown, suggestion

PLACES, PEOPLE = ("地区", "Areas"), ("对象", "Assessees")


def note_unknown(filled: Filled, faults: Faults) -> None:
    """Areas and assessees that stand on no list; raters of two kinds; visits without an own target."""
    areas, people = set(areas_of(filled)), set(people_of(filled))
    for row in (*filled.of("areas"), *filled.of("assessees")):
        for column in ("parent_id", "area_id"):
            _note_id(row, column, areas, PLACES, faults)
    for key, rows in filled.rows.items():
        if key not in ("areas", "assessees"):
            known = people | areas if key == "earlier" else people
            for row in rows:
                _note_id(row, "assessee_id", known, PEOPLE, faults)
        if key.startswith(MARKS):
            _note_two_kinds(rows, faults)
    _note_shared(filled, people, faults)


def _note_id(row: Row, column: str, known: set[str], sheet: tuple[str, str], faults: Faults) -> None:
    name = row.values.get(column)
    if name is not None and name not in known:
        near = suggestion(name, sorted(known))
        zh, en = sheet
        where = row.at(column)
        faults.add("snapshot.book_unknown_id", where, value=shown(name), near=near, sheet=zh, sheet_en=en)


def _note_two_kinds(rows: Iterable[Row], faults: Faults) -> None:
    """One rater is of one kind, whoever is marked."""
    first: dict[int, Row] = {}
    for row in _of_kind(rows):
        known = first.setdefault(row.values["rater"], row)
        if known.values["rater_kind"] != row.values["rater_kind"]:
            number = row.values["rater"]
            faults.add("snapshot.book_two_kinds", row.at("rater_kind"), rater=number, first=known.place.row)


def _of_kind(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if {"rater", "rater_kind"} <= row.values.keys())


def _note_shared(filled: Filled, people: set[str], faults: Faults) -> None:
    """Who came with the ballots and shares every target has none to which visits could be added."""
    postings = filled.records("postings")
    shared = {row["assessee_id"] for row in postings} - own_targets(postings).keys()
    for row in filled.of("visits"):
        name = row.values.get("assessee_id")
        if name in shared & people:
            faults.add("snapshot.book_no_own_target", row.at("assessee_id"), value=shown(str(name)))
