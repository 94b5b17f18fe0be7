"""The district kernel: one district's ballots -> integer sums per target, cell and variable.

A pure function of a Parquet part and a spec: typed Parquet in, typed Parquet out, the same bytes
under every scheduler (evidence.md 5-6). One thread, so that as many districts run at once as
there are cores. Weights, estimates and names come later, on the driver.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from minping_engine.errors import Place, Problem, SnapshotError
from minping_engine.evidence.asked import asked_tables, needed_columns, unpacked_keys
from minping_engine.evidence.spec import EvidenceSpec
from minping_engine.evidence.sql import REASON_RADIX, Layout, ballots_sql, cells_sql, key_limits, layout_for
from minping_engine.snapshot import table_fingerprint, write_json, write_parquet

CELLS = pa.schema(
    [
        pa.field(name, pa.int64(), nullable=False)
        for name in (
            "target",
            "stratum",
            "frame_cell",
            "calib_cell",
            "mode",
            "randomised",
            "variable",
            "n",
            "s",
            "ss",
        )
    ]
)
UNITS = pa.schema(
    [pa.field(name, pa.int64(), nullable=False) for name in ("target", "stratum", "variable", "n", "s", "ss")]
)
"""The sums of `CELLS` by unit (a stratum of a target) and variable."""
UNIT_MODES = pa.schema(
    [pa.field(name, pa.int64(), nullable=False) for name in ("target", "stratum", "mode", "n")]
)
MODES = 128
REJECTED = pa.schema([pa.field(name, pa.int64(), nullable=False) for name in ("target", "reason", "n")])
REASONS = {1: "out_of_range", 2: "incomplete", 3: "mode"}
MANIFEST = "manifest.json"
KERNEL_VERSION = 2
"""Goes up with every change of the kernel that could move a sum: old evidence is then made again."""


@dataclass(frozen=True)
class Task:
    """One call of the kernel; plain and picklable, so that any scheduler can carry it."""

    part: Path
    part_sha256: str
    spec: EvidenceSpec
    folder: Path


def reduce_part(task: Task) -> Path:
    """Run the kernel on one part; write its tables and, last, `manifest.json`."""
    file = pq.ParquetFile(task.part)
    _check_columns(task, file.schema_arrow)
    _check_ranges(task, file)
    rows = file.metadata.num_rows
    layout = layout_for(task.spec, rows)
    source = _source(task)
    wide, asked = _reduced(task.spec, layout, source)
    counts = pa.compute.equal(pa.compute.bit_wise_and(wide["key"], REASON_RADIX - 1), 0)
    kept = wide.filter(counts)
    rejected = wide.filter(pa.compute.invert(counts))
    tables = {
        **_cell_tables(kept, task.spec, layout),
        "rejected": _by_reason(rejected, task.spec),
        **asked,
    }
    for name, table in tables.items():
        write_parquet(table, task.folder / f"{name}.parquet")
    manifest = {
        "kernel": KERNEL_VERSION,
        "spec": task.spec.sha256,
        "input": task.part_sha256,
        "rows": rows,
        "kept": int(kept["n_ballots"].to_numpy().sum()),
        "fingerprints": {name: table_fingerprint(table) for name, table in tables.items()},
        "duckdb": duckdb.__version__,
    }
    write_json(manifest, task.folder / MANIFEST)
    return task.folder


def _reduced(spec: EvidenceSpec, layout: Layout, source: str) -> tuple[pa.Table, dict[str, pa.Table]]:
    """Sums by key and reason, and what else the spec asks for; then the ballots are decoded only once."""
    connection, raw = _connection(), needed_columns(spec)
    ballots = ballots_sql(spec, layout, source, raw)
    if not raw:
        return connection.sql(cells_sql(spec, layout, ballots)).to_arrow_table(), {}
    connection.execute(f"CREATE OR REPLACE TEMP TABLE ballots AS {ballots}")
    wide = connection.sql(cells_sql(spec, layout, "FROM ballots")).to_arrow_table()
    tables = asked_tables(connection, spec, layout, "(FROM ballots WHERE reason = 0)")
    connection.execute("DROP TABLE ballots")
    return wide, tables


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """One per process: opening costs more than a small district's sums."""
    return duckdb.connect(config={"threads": 1, "perfect_ht_threshold": 20})


def _source(task: Task) -> str:
    path = task.part.as_posix().replace("'", "''")
    return f"read_parquet('{path}', hive_partitioning = false)"


def _check_columns(task: Task, schema: pa.Schema) -> None:
    """Refuse a part that lacks a column, or holds text or decimal numbers where codes must be."""
    items = [f"item_{item.item}" for item in task.spec.items]
    items += [f"cluster_{kind}" for kind in task.spec.clusters]
    place = "/".join(task.part.parts[-4:])
    problems = []
    for name in [*items, *key_limits(task.spec)]:
        if name not in schema.names:
            problems.append(Problem("evidence.column_missing", Place(file=place), {"column": name}))
        elif not _holds_codes(schema.field(name).type, may_be_empty=name in items):
            params: dict[str, object] = {"found": str(schema.field(name).type)}
            problems.append(Problem("evidence.not_codes", Place(file=place, column=name), params))
    if problems:
        raise SnapshotError(problems)


def _holds_codes(kind: pa.DataType, *, may_be_empty: bool) -> bool:
    return bool(pa.types.is_signed_integer(kind) or (may_be_empty and pa.types.is_null(kind)))


def _check_ranges(task: Task, file: pq.ParquetFile) -> None:
    """Refuse empty keys, and key values that would run into the next field of the packed key."""
    limits = key_limits(task.spec)
    place = "/".join(task.part.parts[-4:])
    problems = []
    for name, limit in limits.items():
        low, high, empty = _extremes(file, name)
        if empty:
            problems.append(Problem("snapshot.empty_cells", Place(file=place, column=name), count=empty))
        if low < 0 or high >= limit:
            worst = low if low < 0 else high
            params: dict[str, object] = {"value": worst, "limit": limit - 1}
            problems.append(Problem("evidence.key_out_of_range", Place(file=place, column=name), params))
    if problems:
        raise SnapshotError(problems)


def _extremes(file: pq.ParquetFile, name: str) -> tuple[int, int, int]:
    """Least value, greatest value, empty cells of a column: from the file's statistics, or by reading it."""
    index = file.schema_arrow.get_field_index(name)
    groups = [file.metadata.row_group(number).column(index) for number in range(file.num_row_groups)]
    told = [group.statistics for group in groups if group.is_stats_set]
    if groups and len(told) == len(groups) and all(one.has_min_max and one.has_null_count for one in told):
        return min(one.min for one in told), max(one.max for one in told), sum(one.null_count for one in told)
    column = file.read([name])[name]
    extremes = pa.compute.min_max(column).as_py()
    return extremes["min"] or 0, extremes["max"] or 0, column.null_count


Blocks = list[tuple[np.ndarray, np.ndarray, np.ndarray]]
"""Per variable n, s, ss, each (rows of cells,)."""


def _cell_tables(wide: pa.Table, spec: EvidenceSpec, layout: Layout) -> dict[str, pa.Table]:
    """Unpack keys and carriers; cells, and the same sums by unit and by unit and mode."""
    keys = unpacked_keys(wide["key"].to_numpy() // REASON_RADIX, spec)
    blocks = [_sums_of_total(wide), *(_sums_of_item(wide, item.item, spec, layout) for item in spec.items)]
    return {
        "cells": _long_cells(keys, blocks),
        "units": _units(keys, blocks),
        "unit_modes": _unit_modes(keys, blocks[0][0]),
    }


def _long_cells(keys: dict[str, np.ndarray], blocks: Blocks) -> pa.Table:
    """One row per cell and variable that anybody answered."""
    # The query's rows are in the order of the key and variables follow within a row: no sort is needed.
    there = np.stack([n for n, _, _ in blocks], axis=1) > 0
    width = np.count_nonzero(there, axis=1)
    values = {name: np.repeat(key, width) for name, key in keys.items()}
    values["variable"] = np.broadcast_to(np.arange(len(blocks)), there.shape)[there]
    for place, name in enumerate(("n", "s", "ss")):
        values[name] = np.stack([block[place] for block in blocks], axis=1)[there]
    return pa.table([values[name].astype(np.int64, copy=False) for name in CELLS.names], schema=CELLS)


def _unit_starts(keys: dict[str, np.ndarray]) -> np.ndarray:
    """First row of each unit (target and stratum); rows are in the order of the key."""
    if not len(keys["target"]):
        return np.zeros(0, dtype=np.int64)
    new = (np.diff(keys["target"]) != 0) | (np.diff(keys["stratum"]) != 0)
    return np.concatenate([[0], np.flatnonzero(new) + 1])


def _units(keys: dict[str, np.ndarray], blocks: Blocks) -> pa.Table:
    """Sums by unit and variable: what plain scores need."""
    starts = _unit_starts(keys)
    if not len(starts):
        return UNITS.empty_table()
    sums = [
        np.add.reduceat(np.stack([block[place] for block in blocks], axis=1), starts, axis=0)
        for place in range(3)
    ]
    there = sums[0] > 0
    width = np.count_nonzero(there, axis=1)
    columns = [np.repeat(keys[name][starts], width) for name in ("target", "stratum")]
    columns.append(np.broadcast_to(np.arange(len(blocks)), there.shape)[there])
    columns += [part[there] for part in sums]
    return pa.table([column.astype(np.int64, copy=False) for column in columns], schema=UNITS)


def _unit_modes(keys: dict[str, np.ndarray], n: np.ndarray) -> pa.Table:
    """Ballots by unit and mode."""
    starts = _unit_starts(keys)
    unit = np.repeat(np.arange(len(starts)), np.diff([*starts, len(n)]))
    found, place = np.unique(unit * MODES + keys["mode"], return_inverse=True)
    first = starts[found // MODES] if len(found) else starts
    columns = (
        keys["target"][first],
        keys["stratum"][first],
        found % MODES,
        np.bincount(place, n, len(found)),
    )
    return pa.table([np.asarray(column).astype(np.int64) for column in columns], schema=UNIT_MODES)


def _by_reason(wide: pa.Table, spec: EvidenceSpec) -> pa.Table:
    """Ballots that do not count, by target and reason."""
    key = wide["key"].to_numpy()
    columns = [
        unpacked_keys(key // REASON_RADIX, spec)["target"],
        key % REASON_RADIX,
        wide["n_ballots"].to_numpy(),
    ]
    rows = pa.table(columns, schema=REJECTED)
    grouped = rows.group_by(["target", "reason"]).aggregate([("n", "sum")]).rename_columns(REJECTED.names)
    return grouped.cast(REJECTED).sort_by([("target", "ascending"), ("reason", "ascending")])


def _sums_of_total(wide: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return wide["n_ballots"].to_numpy(), wide["t"].to_numpy(), wide["tt"].to_numpy()


def _sums_of_item(
    wide: pa.Table, item: str, spec: EvidenceSpec, layout: Layout
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    unit = spec.unit_milli
    carrier = wide[f"c0_{item}"].to_numpy()
    count = carrier & ((1 << layout.count_bits) - 1)
    total = (carrier >> layout.count_bits) & ((1 << layout.sum_bits) - 1)
    squares = carrier >> layout.square_shift if layout.joined else wide[f"c1_{item}"].to_numpy()
    return count, total * unit, squares * unit * unit
