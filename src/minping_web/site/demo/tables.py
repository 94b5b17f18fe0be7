"""Rows as the importers of the registers take them, as if they had come out of a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from minping_engine.errors import Place
from minping_web.common.changes import Recorder, recording
from minping_web.common.scope import Scope
from minping_web.common.tabular import ReadRow, ReadTable

Apply = Callable[[Scope, ReadTable, Recorder], None]
SOURCE = "演示数据"


def import_rows(scope: Scope, kind: str, rows: Iterable[Mapping[str, object]], *, apply: Apply) -> int:
    """Run an importer on rows; gives how many."""
    read = [ReadRow(Place(file=SOURCE, row=number), dict(row)) for number, row in enumerate(rows, 2)]
    table = ReadTable(rows=read, columns=tuple(read[0].values) if read else ())
    with recording(scope, kind, SOURCE) as recorder:
        apply(scope, table, recorder)
    return len(read)
