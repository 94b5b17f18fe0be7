"""The sealed input of every assessment: contract, canonical form, hash; importing of spreadsheets.

In: tables (from the product, the demo, or spreadsheets through `importing`). Out: a folder of
Parquet files with `snapshot.json`. Later steps read it and never edit it; corrections make a
new snapshot. Structure of the tables: `schema.py`, printed in `docs/reference/snapshot.md`.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.snapshot.check import check_snapshot, check_tables
    from minping_engine.snapshot.fingerprint import (
        canonical_json,
        file_sha256,
        joint_fingerprint,
        json_sha256,
        table_fingerprint,
    )
    from minping_engine.snapshot.importing.raw import RawTable, ReadingOptions, read_raw
    from minping_engine.snapshot.read import PartFile, Snapshot, open_snapshot, read_parquet, verify_files
    from minping_engine.snapshot.schema import CELL, CLUSTER, TABLES, TOTAL, Column, Table, arrow_schema
    from minping_engine.snapshot.seal import (
        BallotPart,
        SnapshotHead,
        put_in_place,
        seal_snapshot,
        write_json,
        write_parquet,
    )

__all__ = [
    "CELL",
    "CLUSTER",
    "TABLES",
    "TOTAL",
    "BallotPart",
    "Column",
    "PartFile",
    "RawTable",
    "ReadingOptions",
    "Snapshot",
    "SnapshotHead",
    "Table",
    "arrow_schema",
    "canonical_json",
    "check_snapshot",
    "check_tables",
    "file_sha256",
    "joint_fingerprint",
    "json_sha256",
    "open_snapshot",
    "put_in_place",
    "read_parquet",
    "read_raw",
    "seal_snapshot",
    "table_fingerprint",
    "verify_files",
    "write_json",
    "write_parquet",
]

__getattr__ = lazy_front(
    __name__,
    {
        "BallotPart": "seal",
        "CELL": "schema",
        "CLUSTER": "schema",
        "Column": "schema",
        "PartFile": "read",
        "RawTable": "importing.raw",
        "ReadingOptions": "importing.raw",
        "Snapshot": "read",
        "SnapshotHead": "seal",
        "TABLES": "schema",
        "TOTAL": "schema",
        "Table": "schema",
        "arrow_schema": "schema",
        "canonical_json": "fingerprint",
        "check_snapshot": "check",
        "check_tables": "check",
        "file_sha256": "fingerprint",
        "joint_fingerprint": "fingerprint",
        "json_sha256": "fingerprint",
        "open_snapshot": "read",
        "put_in_place": "seal",
        "read_parquet": "read",
        "read_raw": "importing.raw",
        "seal_snapshot": "seal",
        "table_fingerprint": "fingerprint",
        "verify_files": "read",
        "write_json": "seal",
        "write_parquet": "seal",
    },
)
