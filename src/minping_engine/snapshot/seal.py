"""Writing a snapshot: tables in, a sealed folder out.

Sorted by key, typed by the contract, written beside and renamed at the end, so that a fault
leaves nothing half-written. `snapshot.json` holds the SHA-256 of every file; its own canonical
hash is the snapshot's name everywhere else.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from minping_engine.snapshot.fingerprint import file_sha256, json_sha256
from minping_engine.snapshot.schema import BY_NAME, SCHEMA_VERSION, arrow_schema

MANIFEST = "snapshot.json"
SORT_WITHIN = "ballot_id"
ROWS_AT_ONCE = 65_536
"""Of a Parquet file: a whole district in one group takes four times the memory while it is written."""


@dataclass(frozen=True)
class BallotPart:
    """Ballots of one instrument version in one district: the unit that the kernel reads."""

    instrument: str
    district: str
    ballots: pa.Table

    @property
    def path(self) -> str:
        """Where the part lies inside the snapshot."""
        return f"ballots/instrument={self.instrument}/district={self.district}/part-0.parquet"


@dataclass(frozen=True)
class SnapshotHead:
    """What `snapshot.json` says besides files: where the data come from and what was done to them.

    A row of `merged_cells` has `area`, `variable`, `levels` that became one, and `into`, the level they got.
    Where that holds in one cell of the area's population only, `cell` names it by the released level of each
    variable and by `instrument`; `modes` are the released ways of asking it is about, if not all of them.
    """

    period: str
    period_kind: str
    source: str
    synthetic: bool = False
    import_rule: Mapping[str, Any] = field(default_factory=dict)
    merged_cells: tuple[Mapping[str, Any], ...] = ()


def typed(name: str, table: pa.Table) -> pa.Table:
    """`table` in the contract's column order and types, sorted by key."""
    contract = BY_NAME[name]
    shaped = table.select(arrow_schema(contract, table.column_names).names)
    shaped = shaped.cast(arrow_schema(contract, table.column_names))
    keys = [column for column in shaped.column_names if (c := contract.column(column)) and c.key]
    return shaped if _stands_in_order(shaped, keys) else shaped.sort_by([(key, "ascending") for key in keys])


def _stands_in_order(table: pa.Table, keys: Sequence[str]) -> bool:
    """Whether sorting would give the same table and only cost a copy: one whole number, ascending."""
    if any(column.num_chunks != 1 or column.chunk(0).offset for column in table.columns):
        return False
    if (
        len(keys) != 1
        or not pa.types.is_integer(table.schema.field(keys[0]).type)
        or table[keys[0]].null_count
    ):
        return False
    numbers = table[keys[0]].chunk(0).to_numpy()
    return bool((numbers[1:] >= numbers[:-1]).all())


def write_parquet(table: pa.Table, path: Path) -> None:
    """One Parquet file with equal bytes for equal input and library."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table, path, row_group_size=ROWS_AT_ONCE, compression="zstd", compression_level=3,
        use_dictionary=True, write_statistics=True,
    )  # fmt: skip


def write_json(value: Any, path: Path) -> None:
    """Readable JSON with sorted keys and a final newline."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


def put_in_place(partial: Path, folder: Path) -> None:
    """Make the finished `partial` the `folder`; a former one is whole until it is gone.

    Deleting the former one where it stands would leave half of it if the run were killed.
    """
    former = folder.with_name(f".{folder.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if folder.exists():
        os.replace(folder, former)
    os.replace(partial, folder)
    shutil.rmtree(former, ignore_errors=True)


def seal_snapshot(
    folder: Path,
    head: SnapshotHead,
    tables: Mapping[str, pa.Table],
    ballots: Iterable[BallotPart],
    *,
    replace: bool = False,
) -> str:
    """Write the snapshot to `folder` and return its hash. Ballot parts may be a generator."""
    if folder.exists() and not replace and any(folder.iterdir()):
        raise FileExistsError(folder)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        manifest = _write_all(partial, head, tables, ballots)
        write_json(manifest, partial / MANIFEST)
        put_in_place(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return json_sha256(manifest)


def _files(tables: Mapping[str, pa.Table], ballots: Iterable[BallotPart]) -> Iterator[tuple[str, pa.Table]]:
    for name in sorted(tables):
        yield f"{name}.parquet", typed(name, tables[name])
    for part in ballots:
        yield part.path, typed("ballots", part.ballots)


def _write_all(
    folder: Path, head: SnapshotHead, tables: Mapping[str, pa.Table], ballots: Iterable[BallotPart]
) -> dict[str, Any]:
    files = []
    for relative, table in _files(tables, ballots):
        path = folder / relative
        write_parquet(table, path)
        files.append({"path": relative, "rows": table.num_rows, "sha256": file_sha256(path)})
    return {
        "schema_version": SCHEMA_VERSION,
        "period": head.period,
        "period_kind": head.period_kind,
        "source": head.source,
        "synthetic": head.synthetic,
        "import_rule": dict(head.import_rule),
        "merged_cells": [dict(merge) for merge in head.merged_cells],
        "files": sorted(files, key=lambda file: str(file["path"])),
    }
