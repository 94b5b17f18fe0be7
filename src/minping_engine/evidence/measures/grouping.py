"""Tables of a snapshot in the contract's shape, and rows grouped in a fixed order.

In: a snapshot and a table's name. Out: the table with every column of its contract; groups with
their counts, sorted by key, so that no step after it depends on the order of rows or of threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from minping_engine.snapshot import TABLES, Snapshot, arrow_schema

CONTRACT = {table.name: arrow_schema(table) for table in TABLES}


def contract_table(snapshot: Snapshot, name: str) -> pa.Table:
    """The table with all columns of its contract; one that the snapshot leaves out is empty."""
    table = snapshot.table(name)
    columns = [
        table[field.name] if field.name in table.column_names else pa.nulls(table.num_rows, field.type)
        for field in CONTRACT[name]
    ]
    return pa.table(columns, names=CONTRACT[name].names)


def count_rows(table: pa.Table, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """(*keys, rows), sorted by keys, empty cells last."""
    return _sorted_rows(table.group_by(list(keys)).aggregate([([], "count_all")]), keys, "count_all")


def count_distinct(table: pa.Table, keys: Sequence[str], column: str) -> Iterator[tuple[Any, ...]]:
    """(*keys, different values of `column`), sorted by keys, empty cells last."""
    counted = table.group_by(list(keys)).aggregate([(column, "count_distinct")])
    return _sorted_rows(counted, keys, f"{column}_count_distinct")


def _sorted_rows(grouped: pa.Table, keys: Sequence[str], count: str) -> Iterator[tuple[Any, ...]]:
    ordered = grouped.select([*keys, count]).sort_by([(key, "ascending") for key in keys])
    return zip(*(column.to_pylist() for column in ordered.columns), strict=True)
