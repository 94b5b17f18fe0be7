"""Parquet -> `RawTable`: columns have names and types, cells become texts all the same.

So one set of rules (labels, numbers, dates, missing) holds for every kind of file. Rows are
counted from 1, as there is no header row.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from minping_engine.errors import Place, Problem
from minping_engine.snapshot.importing.raw import RawTable, unreadable
from minping_engine.snapshot.importing.reading_header import null_if_empty


def read_parquet(path: Path) -> list[RawTable]:
    """The one table of a Parquet file."""
    try:
        table = pq.read_table(path, partitioning=None)
        cells = pa.table({name: _texts(table.column(name)) for name in table.column_names})
    except (OSError, pa.ArrowException) as error:
        return [unreadable(path, "importing.unreadable", reason=str(error))]
    problems = () if table.num_rows else (Problem("importing.no_rows", Place(path.name)),)
    return [RawTable(path.name, "", cells, 1, 0, 0, "parquet", problems)]


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts as a spreadsheet would show them: whole floats without `.0`."""
    if pa.types.is_floating(column.type):
        whole = pc.all(pc.equal(column, pc.round(column)), min_count=0).as_py()
        column = column.cast(pa.int64()) if whole else column
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = pc.local_timestamp(column)
    return null_if_empty(column.cast(pa.large_string()))
