"""Lines of cells -> rows of typed values: what must be filled is filled, nothing stands twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from minping_engine.assessment.evidence_book.cells import cell_value
from minping_engine.assessment.evidence_book.sheets import Line, SheetLines
from minping_engine.errors import Place
from minping_engine.snapshot.importing.faults import Faults


@dataclass(frozen=True)
class Row:
    """One row: where it stands, its values by column; what is empty or faulty is not there."""

    place: Place
    values: Mapping[str, Any]

    def at(self, column: str) -> Place:
        """Where a cell of the row stands."""
        return Place(self.place.file, self.place.sheet, self.place.row, column)


def typed_rows(sheet: SheetLines, faults: Faults) -> tuple[Row, ...]:
    """All rows of a sheet; rows with faults come too, so that others may refer to them."""
    rows = tuple(_row(line, sheet, faults) for line in sheet.lines)
    _note_doubles(rows, sheet, faults)
    return rows


def _row(line: Line, sheet: SheetLines, faults: Faults) -> Row:
    values = dict(_values(line, sheet, faults))
    row = Row(line.place, {name: value for name, value in values.items() if value is not None})
    for column in sheet.columns:
        if column.required and column.id not in line.cells:
            faults.add(
                "snapshot.book_empty",
                row.at(column.id),
                title=column.title.zh,
                title_en=column.title.en,
            )
    return row


def _values(line: Line, sheet: SheetLines, faults: Faults) -> Iterator[tuple[str, Any]]:
    for column in sheet.columns:
        if column.id in line.cells:
            yield column.id, cell_value(line.cells[column.id], column, faults)


def _note_doubles(rows: tuple[Row, ...], sheet: SheetLines, faults: Faults) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    optional = {column.id for column in sheet.columns if not column.required}
    for row in rows:
        key = tuple(row.values.get(name) for name in sheet.plan.key_columns)
        known = (
            name in optional or value is not None
            for name, value in zip(sheet.plan.key_columns, key, strict=True)
        )
        if all(known) and key in seen:
            faults.add("snapshot.book_row_twice", row.place, first=seen[key])
        seen.setdefault(key, row.place.row)
