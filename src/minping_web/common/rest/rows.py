"""Many rows at once: the import of a table, with rows in JSON instead of a file.

Columns, checks and writes are those of the import page (`Importer`): codes identify, a field that a row
does not have stays as it is, null empties it. With `dry_run` the same edit is taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints, create_model

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Recorder, preview, recording
from minping_web.common.differences import Difference
from minping_web.common.import_flow import Importer
from minping_web.common.problems import RefusedError
from minping_web.common.rest.fields import STORABLE, Given, Sent, example
from minping_web.common.scope import Scope
from minping_web.common.tabular import Column, ReadRow, ReadTable, TableSpec
from minping_web.common.tabular.columns import CellError

MOST_ROWS = 2000
MOST_DIFFERENCES = 200

Words = Annotated[str, StringConstraints(max_length=2000, pattern=STORABLE)]
Cell = Words | int | float | bool | None


class RowsGiven(Given):
    """Rows to write; `dry_run` tells what would happen and changes nothing."""

    dry_run: bool = False
    rows: list[Any]


class DifferenceOut(Sent):
    """What happened, or would happen, to one row of the register."""

    kind: str = Field(description="created, updated or deleted.")
    label: str
    fields: list[str] = Field(description="Which fields differ.")


class RowsOut(Sent):
    """What the rows did, or would do."""

    model_config = example(
        dry_run=True, created=0, updated=1, deleted=0, unchanged=3, change_set=None,
        differences=[{"kind": "updated", "label": "第一网格", "fields": ["households"]}],
    )  # fmt: skip

    dry_run: bool
    created: int
    updated: int
    deleted: int
    unchanged: int
    change_set: int | None = Field(
        description="The record that takes it back; null when nothing was written."
    )
    differences: list[DifferenceOut] = Field(description=f"The first {MOST_DIFFERENCES}.")


def body_of(importer: Importer) -> type[RowsGiven]:
    """The schema of the rows of one import."""
    name = "".join(part.capitalize() for part in importer.kind.replace(".", "_").split("_"))
    fields: dict[str, Any] = {column.key: _field(column) for column in importer.spec.columns}
    row = create_model(f"{name}Row", __base__=Given, __doc__=f"One row: {importer.spec.en}.", **fields)
    shown = {column.key: column.example for column in importer.spec.columns if column.example}
    body = create_model(
        f"{name}Rows",
        __base__=RowsGiven,
        __doc__=RowsGiven.__doc__,
        rows=(list[row], Field(min_length=1, max_length=MOST_ROWS)),
    )
    body.model_config = ConfigDict(**{**body.model_config, **example(dry_run=True, rows=[shown])})
    body.model_rebuild(force=True)
    return body


def _field(column: Column) -> tuple[Any, Any]:
    about = ". ".join(part for part in (column.en, column.help_en) if part)
    if column.required:
        return (Words | int | float, Field(description=about))
    return (Cell, Field(None, description=about))


def write_rows(scope: Scope, importer: Importer, given: RowsGiven) -> RowsOut:
    """Check and write, or only tell; raises `RefusedError` with the problems of all rows."""
    table = _table(importer.spec, [row.model_dump(exclude_unset=True) for row in given.rows])
    if table.refused:
        raise RefusedError(table.problems)

    def edit() -> Recorder:
        with recording(scope, importer.kind, f"{importer.title}: {scope.label}") as recorder:
            importer.apply(scope, table, recorder)
        return recorder

    return _told(preview(edit) if given.dry_run else edit(), dry_run=given.dry_run)


def _told(recorder: Recorder, *, dry_run: bool) -> RowsOut:
    return RowsOut(
        dry_run=dry_run,
        created=recorder.count("created"),
        updated=recorder.count("updated"),
        deleted=recorder.count("deleted"),
        unchanged=recorder.unchanged,
        change_set=recorder.change_set.pk if recorder.change_set else None,
        differences=[_difference(found) for found in recorder.differences[:MOST_DIFFERENCES]],
    )


def _difference(found: Difference) -> DifferenceOut:
    names = [name for name, _, _ in found.fields if name != "path"]
    return DifferenceOut(kind=found.kind, label=found.label, fields=names)


@dataclass
class _Reading:
    columns: Mapping[str, Column]
    problems: list[Problem]

    def value(self, key: str, cell: object, row: int) -> object:
        """The value of one cell; its fault goes to the problems."""
        place, column = Place(row=row, column=key), self.columns[key]
        text = _text(cell)
        if not text:
            if column.required:
                self.problems.append(Problem("table.cell_empty", place))
            return None
        try:
            return column.read(text)
        except CellError as error:
            params = error.params | ({"found": "•••"} if column.secret and "found" in error.params else {})
            self.problems.append(Problem(error.code, place, params))
        return None


def _text(cell: object) -> str:
    """A JSON value as somebody would have typed it into a sheet."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "" if cell is None else str(cell).strip()


def _table(spec: TableSpec, rows: list[dict[str, object]]) -> ReadTable:
    reading = _Reading({column.key: column for column in spec.columns}, [])
    found = ReadTable(columns=tuple(column.key for column in spec.columns))
    for number, row in enumerate(rows, start=1):
        values = {key: reading.value(key, cell, number) for key, cell in row.items()}
        found.rows.append(ReadRow(Place(row=number), values))
    found.problems = [*reading.problems, *_repeated(found.rows, spec)]
    return found


def _repeated(rows: list[ReadRow], spec: TableSpec) -> list[Problem]:
    first: dict[tuple[object, ...], int] = {}
    problems = []
    for row in rows:
        key = tuple(row.values.get(name) for name in spec.key)
        if None not in key and first.setdefault(key, row.place.row) != row.place.row:
            params = {"columns": "、".join(spec.key), "first": first[key]}
            problems.append(Problem("table.key_twice", row.place, params))
    return problems
