"""Registers that a bureau keeps as lists: areas and targets, optionally assessees and postings.

Column names stand in `registers_headers.py`. The targets' file
says which text in the ballots means which area, and how many units are eligible and drawn. All
faults of all files are collected; references between the tables are checked with the snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from minping_engine.errors import Place, Severity
from minping_engine.snapshot.importing.apply_times import DAY_MS, UNKNOWN, times_from_texts
from minping_engine.snapshot.importing.faults import Faults, shown, suggestion
from minping_engine.snapshot.importing.mapping import ImportMap, RegisterFiles
from minping_engine.snapshot.importing.raw import RawTable, ReadingOptions, read_raw
from minping_engine.snapshot.importing.registers import (
    NO_DISTRICT,
    WHOLE,
    Registers,
    margins_table,
    table_of,
)
from minping_engine.snapshot.importing.registers_headers import HEADERS, NEEDED
from minping_engine.snapshot.importing.rows import Rows
from minping_engine.snapshot.importing.texts import Codes, Distinct, distinct, fold, number_in
from minping_engine.terms import AreaLevel, AssesseeKind, first_day, label

Record = dict[str, str | None]


@dataclass(frozen=True)
class _List:
    """One register file: its rows as texts, with places."""

    raw: RawTable
    rows: list[Record]

    def place(self, number: int, column: str) -> Place:
        return self.raw.place(number, column)


@dataclass(frozen=True)
class _Reader:
    """What reading the lists needs: the files, the map's wishes, where faults go."""

    files: RegisterFiles
    folder: Path
    kind: AssesseeKind
    period: str
    faults: Faults

    def read(self, name: str) -> _List | None:
        file = getattr(self.files, name)
        if file is None:
            return None
        path = self.folder / file
        raw = read_raw(path, ReadingOptions(header_rows=1))[0]
        self.faults.take_all(problem for problem in raw.problems if problem.severity is Severity.ERROR)
        columns = {field: _column(raw, field, names) for field, names in HEADERS[name].items()}
        for field in NEEDED[name]:
            if columns[field] is None and raw.cells.num_columns:
                wanted = " / ".join((field, *HEADERS[name][field]))
                self.faults.add(
                    "importing.missing_column", raw.place(column=wanted), near=suggestion(field, raw.names)
                )
        return _List(raw, _records(raw, columns))


def _column(raw: RawTable, field: str, names: Sequence[str]) -> str | None:
    wanted = {fold(name) for name in (field, *names)}
    return next((name for name in raw.names if fold(name) in wanted), None)


def _records(raw: RawTable, columns: dict[str, str | None]) -> list[Record]:
    texts: dict[str, list[str | None]] = {}
    for field, name in columns.items():
        if name is None:
            texts[field] = [None] * raw.cells.num_rows
        else:
            found = distinct(raw.cells.column(name))
            texts[field] = [found.texts[code] if code >= 0 else None for code in found.codes.tolist()]
    return [dict(zip(texts, values, strict=True)) for values in zip(*texts.values(), strict=True)]


def read_registers(
    rows: Rows, target: Distinct, map_: ImportMap, kind: AssesseeKind, column: str, faults: Faults
) -> Registers:
    """Registers from files; a target text of the ballots that they lack is a fault."""
    assert map_.registers is not None
    reader = _Reader(map_.registers, map_.folder, kind, map_.period or "", faults)
    areas, targets = reader.read("areas"), reader.read("targets")
    assert areas is not None
    assert targets is not None
    area_rows = _area_rows(areas, reader)
    target_rows = _target_rows(targets, reader)
    numbers = {str(row["text"]): int(row["target"]) for row in target_rows}
    posting_rows = _posting_rows(reader, target_rows, numbers)
    tables = {
        "areas": table_of("areas", area_rows),
        "targets": table_of("targets", target_rows),
        "assessees": table_of("assessees", _assessee_rows(reader, target_rows, area_rows)),
        "postings": table_of("postings", posting_rows),
        **_frame(target_rows),
    }
    number = _numbers(rows, target, numbers, column, faults)
    return Registers(tables, number, _districts(target_rows, area_rows))


def _area_rows(areas: _List, reader: _Reader) -> list[dict[str, Any]]:
    levels = {fold(text): level for level in AreaLevel for text in (level.value, label(level))}
    found = []
    for number, row in enumerate(areas.rows):
        level = levels.get(fold(row["level"] or ""))
        if level is None:
            near = suggestion(row["level"] or "", (one.value for one in AreaLevel))
            place = areas.place(number, "level")
            reader.faults.add(
                "importing.unknown_area_level", place, value=shown(row["level"] or ""), near=near
            )
        _need(row, ("area_id", "name"), areas, number, reader)
        found.append({**row, "level": level.value if level else "", "area_id": row["area_id"] or ""})
    return [{**row, "name": row["name"] or row["area_id"]} for row in found]


def _need(row: Record, fields: Sequence[str], one: _List, number: int, reader: _Reader) -> None:
    for field in fields:
        if row[field] is None:
            reader.faults.add("importing.register_cell_missing", one.place(number, field))


def _target_rows(targets: _List, reader: _Reader) -> list[dict[str, Any]]:
    """Targets numbered by their sorted texts."""
    order = sorted(range(len(targets.rows)), key=lambda number: targets.rows[number]["target"] or "")
    found: list[dict[str, Any]] = []
    seen = set[str]()
    for number in order:
        row = targets.rows[number]
        _need(row, ("target",), targets, number, reader)
        text = row["target"] or ""
        if text in seen:
            reader.faults.add("importing.target_twice", targets.place(number, "target"), target=shown(text))
        seen.add(text)
        found.append(
            {
                "text": text,
                "target": len(found),
                "area_id": row["area_id"] or text,
                "subject": row["subject"] or reader.kind.value,
                "name": row["name"],
                "eligible": _count(row, "eligible", targets, number, reader),
                "drawn": _count(row, "drawn", targets, number, reader),
            }
        )
    return found


def _count(row: Record, field: str, one: _List, number: int, reader: _Reader) -> int | None:
    text = row[field]
    count = number_in(text) if text else None
    if text and (count is None or count < 0):
        reader.faults.add("importing.not_a_count", one.place(number, field), value=shown(text))
    return count


def _assessee_rows(
    reader: _Reader, targets: list[dict[str, Any]], areas: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    listed = reader.read("assessees")
    if listed is None:
        names = {area["area_id"]: area["name"] for area in areas}
        return [
            {
                "assessee_id": row["text"],
                "kind": row["subject"],
                "name": row["name"] or names.get(row["area_id"], row["text"]),
                "area_id": row["area_id"],
            }
            for row in targets
        ]
    for number, row in enumerate(listed.rows):
        _need(row, NEEDED["assessees"], listed, number, reader)
    return [
        {name: value or "" for name, value in {**row, "kind": row["kind"] or reader.kind.value}.items()}
        for row in listed.rows
    ]


def _posting_rows(
    reader: _Reader, targets: list[dict[str, Any]], numbers: dict[str, int]
) -> list[dict[str, Any]]:
    start = first_day(reader.period)
    listed = reader.read("postings")
    if listed is None:
        return [
            {"target": row["target"], "assessee_id": row["text"], "from_day": start, "share": WHOLE}
            for row in targets
        ]
    found = []
    for number, row in enumerate(listed.rows):
        _need(row, NEEDED["postings"], listed, number, reader)
        text = row["target"] or ""
        if text and text not in numbers:
            near = suggestion(text, numbers)
            place = listed.place(number, "target")
            reader.faults.add("importing.unknown_target", place, value=shown(text), near=near)
        share = _count(row, "share", listed, number, reader)
        found.append(
            {
                "target": numbers.get(text, 0),
                "assessee_id": row["assessee_id"] or "",
                "from_day": _day(row, "from_day", listed, number, reader) or start,
                "to_day": _day(row, "to_day", listed, number, reader),
                "share": WHOLE if share is None else share,
            }
        )
    return found


def _day(row: Record, field: str, one: _List, number: int, reader: _Reader) -> date | None:
    text = row[field]
    if text is None:
        return None
    times, _ = times_from_texts(Distinct(np.zeros(1, np.int64), (text,)))
    if times[0] == UNKNOWN:
        reader.faults.add("importing.bad_date", one.place(number, field), value=shown(text))
        return None
    day: date = np.datetime64(int(times[0]) // DAY_MS, "D").item()
    return day


def _frame(targets: list[dict[str, Any]]) -> dict[str, Any]:
    """`sample` where the draw is known of every target, else `margins` of the eligible units."""
    known = {row["target"]: row["eligible"] for row in targets if row["eligible"] is not None}
    if known and all(row["eligible"] is not None and row["drawn"] is not None for row in targets):
        return {"sample": table_of("sample", [{**row, "stratum": 0} for row in targets])}
    return {"margins": margins_table(known)} if known else {}


def _numbers(rows: Rows, target: Distinct, numbers: dict[str, int], column: str, faults: Faults) -> Codes:
    folded = {fold(text): number for text, number in numbers.items()}
    counts, first = target.counts(), target.first_rows()
    found = [numbers.get(text, folded.get(fold(text), -1)) for text in target.texts]
    for number, text in enumerate(target.texts):
        if found[number] < 0:
            faults.add(
                "importing.unknown_target",
                rows.place(int(first[number]), column),
                count=int(counts[number]),
                value=shown(text),
                near=suggestion(text, numbers),
            )
    return np.array(found, np.int64)


def _districts(targets: list[dict[str, Any]], areas: list[dict[str, Any]]) -> tuple[str, ...]:
    """The district above each target's area."""
    by_id = {area["area_id"]: area for area in areas}

    def above(area_id: str | None) -> str:
        for _ in AreaLevel:
            area = by_id.get(area_id or "")
            if area is None or area["level"] == AreaLevel.DISTRICT.value:
                return area_id if area and area_id else NO_DISTRICT
            area_id = area["parent_id"]
        return NO_DISTRICT

    return tuple(above(row["area_id"]) for row in targets)
