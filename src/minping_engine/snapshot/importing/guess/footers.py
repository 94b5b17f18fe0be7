"""Rows that are no ballots: totals, averages and remarks that firms write below or among the data.

Known by a cell that says 合计 (or the like) and nothing else, or by a remark that stands alone in
its row. They are left out by the map's `where: not`, which shows in the map and is counted at import.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.snapshot.importing.guess.words import plain, plain_set, word_lists
from minping_engine.snapshot.importing.mapping import Where

LOOKED_AT = 4000


def find_footers(rows: pa.Table) -> tuple[Where, ...]:
    """One filter for every column in which a total or a remark is named."""
    filters = []
    for name in rows.column_names:
        values = pc.unique(rows.column(name).drop_null())
        if len(values) > LOOKED_AT:
            values = values.slice(len(values) - LOOKED_AT)
        named = [text for text in values.to_pylist() if _is_total(text) or _is_remark(text)]
        texts = [text for text in named if _stands_apart(rows, name, text)]
        if texts:
            filters.append(Where(column=name, not_=tuple(sorted(texts))))
    return tuple(filters)


def without_footers(rows: pa.Table, filters: Sequence[Where]) -> pa.Table:
    """The rows that stay."""
    for where in filters:
        gone = pc.is_in(rows.column(where.column), value_set=pa.array(where.not_, pa.large_string()))
        rows = rows.filter(pc.invert(gone))
    return rows


def _is_total(text: str) -> bool:
    return plain(text) in plain_set("total_rows")


def _is_remark(text: str) -> bool:
    return text.startswith(tuple(word_lists()["footer_starts"]))


def _stands_apart(rows: pa.Table, name: str, text: str) -> bool:
    """A total's row is emptier than a ballot's: at most two thirds of what rows usually hold."""
    usual = sum(len(column) - column.null_count for column in rows.columns) / max(rows.num_rows, 1)
    hits = rows.filter(pc.equal(rows.column(name), text))
    filled = sum(len(column) - column.null_count for column in hits.columns) / max(hits.num_rows, 1)
    return bool(filled <= usual * 2 / 3)
