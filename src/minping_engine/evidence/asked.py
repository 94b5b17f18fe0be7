"""Evidence that only some schemes ask for: answer counts, cluster sums, cross-products (evidence.md 5).

In: a part's ballots that count, through the kernel's connection. Out: `counts` (histograms, ceiling,
quantiles by rank), `clusters` (for standard errors with buildings or interviewers) and `moments`
(for drivers), all whole numbers in thousandths of a point, sorted by key.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from minping_engine.evidence.spec import EvidenceSpec
from minping_engine.evidence.sql import Layout, key_radix

KEYS = ("target", "stratum", "frame_cell", "calib_cell", "mode", "randomised")


def _whole(*names: str) -> list[pa.Field]:
    return [pa.field(name, pa.int64(), nullable=False) for name in names]


COUNTS = pa.schema(_whole("target", "mode", "variable", "value", "n"))
"""`value` is the answer code of an item, or the total in thousandths."""
CLUSTERS = pa.schema(
    _whole(
        "target",
        "stratum",
        "cluster_kind",
        "cluster",
        "frame_cell",
        "calib_cell",
        "mode",
        "randomised",
        "variable",
        "n",
        "s",
    )
)
MOMENTS = pa.schema(
    [
        *_whole("target", "driver_set", "n"),
        pa.field("s", pa.list_(pa.int64()), nullable=False),
        pa.field("ss", pa.list_(pa.int64()), nullable=False),
    ]
)
"""Listwise complete; `ss` holds the products k <= l, row by row."""


def unpacked_keys(key: np.ndarray, spec: EvidenceSpec) -> dict[str, np.ndarray]:
    """The packed key (without reason) as columns."""
    keys: dict[str, np.ndarray] = {}
    for name, size in zip(reversed(KEYS[1:]), reversed(key_radix(spec)), strict=True):
        keys[name] = key % size
        key = key // size
    return {"target": key, **keys}


def needed_columns(spec: EvidenceSpec) -> tuple[str, ...]:
    """Columns of the ballots, beside key and sums, that these tables are made from; none without a wish."""
    if not (spec.histograms or spec.clusters or spec.driver_sets):
        return ()
    items = (f"item_{item.item}" for item in spec.items)
    return ("target", "mode", *items, *(f"cluster_{kind}" for kind in spec.clusters))


def asked_tables(
    connection: duckdb.DuckDBPyConnection, spec: EvidenceSpec, layout: Layout, kept: str
) -> dict[str, pa.Table]:
    """The tables that the spec asks for, from the table `kept` of the ballots that count."""
    tables = {}
    if spec.histograms:
        tables["counts"] = connection.sql(_counts_sql(spec, kept)).to_arrow_table().cast(COUNTS)
    if spec.clusters:
        parts = [_clusters(connection, spec, layout, (kept, number)) for number in range(len(spec.clusters))]
        order = [(name, "ascending") for name in CLUSTERS.names[:-2]]
        tables["clusters"] = pa.concat_tables(parts).sort_by(order)
    if spec.driver_sets:
        parts = [
            _moments(connection, spec, layout, (kept, number)) for number in range(len(spec.driver_sets))
        ]
        order = [("target", "ascending"), ("driver_set", "ascending")]
        tables["moments"] = pa.concat_tables(parts).sort_by(order)
    return tables


def _counts_sql(spec: EvidenceSpec, kept: str) -> str:
    columns = ["t", *(f"item_{item.item}" for item in spec.items)]
    blocks = " UNION ALL ".join(
        f"SELECT target, mode, {number} AS variable, {column} AS value, count(*) AS n FROM {kept}"
        f" WHERE {column} IS NOT NULL GROUP BY ALL"
        for number, (name, column) in enumerate(zip(spec.variables, columns, strict=True))
        if name in spec.histograms
    )
    return f"SELECT * FROM ({blocks}) ORDER BY target, mode, variable, value"


def _clusters(
    connection: duckdb.DuckDBPyConnection, spec: EvidenceSpec, layout: Layout, source: tuple[str, int]
) -> pa.Table:
    """Counts and sums by cell and cluster; ballots without a cluster of the kind are left out."""
    kept, kind = source
    items = [item.item for item in spec.items]
    sums = ["count(*) AS n_0", "sum(t) AS s_0"]
    for number, item in enumerate(items, 1):
        sums.append(f"sum({layout.count_of(f'c0_{item}')}) AS n_{number}")
        sums.append(f"sum({layout.sum_of(f'c0_{item}')}) * {spec.unit_milli} AS s_{number}")
    typed = ", ".join(f"({term.split(' AS ')[0]})::BIGINT AS {term.split(' AS ')[1]}" for term in sums)
    column = f"cluster_{spec.clusters[kind]}"
    wide = connection.sql(
        f"SELECT key, {column}::BIGINT AS cluster, {typed} FROM {kept} WHERE {column} IS NOT NULL"
        " GROUP BY ALL ORDER BY key, cluster"
    ).to_arrow_table()
    keys = unpacked_keys(wide["key"].to_numpy(), spec) | {"cluster": wide["cluster"].to_numpy()}
    blocks = []
    for number in range(len(items) + 1):
        there = wide[f"n_{number}"].to_numpy() > 0
        values = {name: key[there] for name, key in keys.items()}
        values |= {"n": wide[f"n_{number}"].to_numpy()[there], "s": wide[f"s_{number}"].to_numpy()[there]}
        values |= {"cluster_kind": np.full(there.sum(), kind), "variable": np.full(there.sum(), number)}
        blocks.append(pa.table([values[name].astype(np.int64) for name in CLUSTERS.names], schema=CLUSTERS))
    return pa.concat_tables(blocks)


def _moments(
    connection: duckdb.DuckDBPyConnection, spec: EvidenceSpec, layout: Layout, source: tuple[str, int]
) -> pa.Table:
    """Sums and cross-products of a driver set over ballots that answered all of it."""
    kept, number = source
    drivers = spec.driver_sets[number]
    points = [f"({layout.sum_of(f'c0_{item}')} * {spec.unit_milli})" for item in drivers]
    sums = ", ".join(f"sum({one})::BIGINT" for one in points)
    products = ", ".join(
        f"sum({one} * {two})::BIGINT" for place, one in enumerate(points) for two in points[place:]
    )
    complete = " AND ".join(f"c0_{item} <> 0" for item in drivers)
    return (
        connection.sql(
            f"SELECT target, {number} AS driver_set, count(*) AS n, [{sums}] AS s, [{products}] AS ss"
            f" FROM {kept} WHERE {complete} GROUP BY target ORDER BY target"
        )
        .to_arrow_table()
        .cast(MOMENTS)
    )
