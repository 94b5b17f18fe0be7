"""Fingerprints of typed tables, and canonical JSON (RFC 8785).

A fingerprint covers column names, types and values in row order, not file bytes: it survives
another Parquet writer, not another value (evidence.md 6, engines notes on bit-identity).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def canonical_json(value: Any) -> bytes:
    """RFC 8785 bytes: one value, one text."""
    import rfc8785

    return rfc8785.dumps(value)


def json_sha256(value: Any) -> str:
    """SHA-256 of a value's canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def _column_bytes(column: pa.ChunkedArray) -> list[bytes]:
    """A column's nulls and values as bytes that do not depend on chunks or offsets."""
    kind = column.type
    if pa.types.is_integer(kind) and not column.null_count:
        whole = column.cast(pa.int64()).combine_chunks().to_numpy(zero_copy_only=False)
        return [bytes(len(column)), whole.astype("<i8", copy=False).tobytes()]
    nulls = column.is_null().combine_chunks().cast(pa.uint8())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        texts = pc.fill_null(column.cast(pa.large_string()), "").combine_chunks()
        lengths = (
            pc.binary_length(texts).combine_chunks()
            if isinstance(texts, pa.ChunkedArray)
            else pc.binary_length(texts)
        )
        data = "".join(texts.to_pylist()).encode()
        return [
            nulls.to_numpy(zero_copy_only=False).tobytes(),
            lengths.to_numpy(zero_copy_only=False).astype("<i8").tobytes(),
            data,
        ]
    if pa.types.is_list(kind):
        lengths = pc.fill_null(pc.list_value_length(column), 0).combine_chunks()
        inner = pa.chunked_array([pc.list_flatten(column).combine_chunks()])
        sizes = lengths.to_numpy(zero_copy_only=False).astype("<i8").tobytes()
        return [nulls.to_numpy(zero_copy_only=False).tobytes(), sizes, *_column_bytes(inner)]
    if pa.types.is_date32(kind):
        column = column.cast(pa.int32())
    target = pa.float64() if pa.types.is_floating(kind) else pa.int64()
    values = pc.fill_null(column.cast(target), 0).combine_chunks().to_numpy(zero_copy_only=False)
    return [
        nulls.to_numpy(zero_copy_only=False).tobytes(),
        values.astype("<f8" if target == pa.float64() else "<i8").tobytes(),
    ]


def table_fingerprint(table: pa.Table) -> str:
    """SHA-256 over names, types and values of `table`, rows in their order."""
    digest = hashlib.sha256()
    for field in table.schema:
        digest.update(f"{field.name}:{field.type}:{table.num_rows}\n".encode())
        for part in _column_bytes(table.column(field.name)):
            digest.update(part)
    return digest.hexdigest()


def joint_fingerprint(fingerprints: Mapping[str, str]) -> str:
    """One fingerprint for several named ones."""
    return json_sha256(dict(fingerprints))
