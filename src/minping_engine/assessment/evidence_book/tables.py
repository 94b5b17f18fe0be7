"""Typed rows of all sheets -> tables of the snapshot contract; who is named must be known.

In: rows by sheet, the scheme, the period, tables of an imported snapshot (or none). Out: tables. The
order of rows changes nothing: cases are numbered by what they hold, and keys sort the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pyarrow as pa

from minping_engine.assessment.evidence_book.layout import MARKS, Kind
from minping_engine.assessment.evidence_book.rows import Row
from minping_engine.assessment.evidence_book.sheets import SheetLines
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import TABLES, arrow_schema
from minping_engine.terms import first_day, year_of

SCHEMAS = {table.name: arrow_schema(table) for table in TABLES}
NEEDED = ("areas", "assessees", "targets", "postings", "item_codes")
WHOLE_PERIOD = 1000
"""A posting over the whole period, in per mille."""
Records = list[dict[str, Any]]


@dataclass(frozen=True)
class Filled:
    """What the workbook says, and what it is for. `known`: tables of the snapshot with the ballots."""

    loaded: LoadedScheme
    period: str
    sheets: Mapping[str, SheetLines]
    rows: Mapping[str, tuple[Row, ...]]
    known: Mapping[str, pa.Table] = field(default_factory=dict)

    def of(self, key: str) -> tuple[Row, ...]:
        """Rows of a sheet."""
        return self.rows.get(key, ())

    def records(self, table: str) -> Records:
        """Rows of a table that came with the ballots."""
        return self.known[table].to_pylist() if table in self.known else []


def book_tables(filled: Filled, earlier: Records) -> dict[str, pa.Table]:
    """All tables; those that came with the ballots stay unless the workbook brings rows for them."""
    areas, people = areas_of(filled), people_of(filled)
    targets, postings = _posts(filled, people)
    made: dict[str, Records] = {
        "areas": list(areas.values()),
        "assessees": list(people.values()),
        "targets": targets,
        "postings": postings,
        "item_codes": filled.records("item_codes"),
        "facts": list(_facts(filled)),
        "appraisals": list(_marks(filled)),
        "cases": _cases(filled),
        "visits": list(_visits(filled, postings)),
        "earlier_outcomes": earlier,
    }
    return {
        **filled.known,
        **{name: _table(name, rows) for name, rows in made.items() if rows or name in NEEDED},
    }


def _table(name: str, rows: Records) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMAS[name])


def areas_of(filled: Filled) -> dict[str, dict[str, Any]]:
    """By code; a row of the workbook stands above the one that came with the ballots."""
    rows = {row["area_id"]: row for row in filled.records("areas")}
    return rows | {
        row.values["area_id"]: dict(row.values) for row in filled.of("areas") if "area_id" in row.values
    }


def people_of(filled: Filled) -> dict[str, dict[str, Any]]:
    """By id; who came with the ballots may be told anew."""
    kind = filled.loaded.scheme.assessee_kind.value
    rows = {row["assessee_id"]: row for row in filled.records("assessees")}
    return rows | {
        row.values["assessee_id"]: {"kind": kind, **row.values}
        for row in filled.of("assessees")
        if "assessee_id" in row.values
    }


def _posts(filled: Filled, people: Mapping[str, Mapping[str, Any]]) -> tuple[Records, Records]:
    """A target of its own for everybody who came with the workbook."""
    targets, postings = filled.records("targets"), filled.records("postings")
    posted = {row["assessee_id"] for row in postings}
    number = max((row["target"] for row in targets), default=-1)
    for name in sorted(people.keys() - posted):
        number += 1
        kind, area = people[name]["kind"], people[name].get("area_id")
        targets.append({"target": number, "area_id": area, "subject": kind})
        start = first_day(filled.period)
        postings.append({"target": number, "assessee_id": name, "from_day": start, "share": WHOLE_PERIOD})
    return targets, postings


def _facts(filled: Filled) -> Iterator[dict[str, Any]]:
    for row in filled.of("facts"):
        for column in filled.sheets["facts"].columns:
            if column.id == "assessee_id" or column.id not in row.values:
                continue
            value = row.values[column.id]
            is_text = column.kind is Kind.WORD
            yield {
                "assessee_id": row.values.get("assessee_id"),
                "fact": column.id,
                "value_milli": None if is_text else _milli(value),
                "text": value if is_text else None,
            }


def _milli(value: Fraction | int) -> int:
    return int(value * 1000)


def _marks(filled: Filled) -> Iterator[dict[str, Any]]:
    for key, rows in filled.rows.items():
        if not key.startswith(MARKS):
            continue
        plan = filled.sheets[key].plan
        fixed = {"rater", "rater_kind", "assessee_id"}
        for row in rows:
            who = {name: row.values.get(name) for name in sorted(fixed)}
            for name, value in row.values.items():
                if name not in fixed:
                    marks = {"item": name, "marks_milli": _milli(value)}
                    yield {**who, "rater_group": plan.group, **marks}


def _cases(filled: Filled) -> Records:
    """Numbered by content: the number says nothing of the hotline's own or of the order of rows."""
    plain = (
        {name: value for name, value in row.values.items() if name != "case_no"} for row in filled.of("cases")
    )
    ordered = sorted(plain, key=lambda case: sorted((name, str(value)) for name, value in case.items()))
    return [{"case_id": number, **case} for number, case in enumerate(ordered)]


def _visits(filled: Filled, postings: Records) -> Iterator[dict[str, Any]]:
    """Visits stand by target: each assessee's own one, which nobody shares."""
    own = own_targets(postings)
    year = year_of(filled.period) or filled.period
    windows = {"households_period": filled.period, "households_year": year}
    for row in filled.of("visits"):
        counts = {windows[key]: value for key, value in row.values.items() if key in windows}
        for window, households in counts.items():
            target = own.get(row.values["assessee_id"])
            yield {"target": target, "period": window, "households": households}


def own_targets(postings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """By assessee the first target for which nobody else answers."""
    who: dict[int, set[str]] = {}
    for row in postings:
        who.setdefault(row["target"], set()).add(row["assessee_id"])
    own: dict[str, int] = {}
    for target in sorted(who):
        if len(who[target]) == 1:
            own.setdefault(next(iter(who[target])), target)
    return own
