"""Roots that the log commits to at closing: one over the ballots and one over the receipts of each area.

Made when a round is counted, and once more by whoever checks the count from its snapshot and its receipts.
A ballot's leaf is `leaf_hash(SHA-256(salt || canonical JSON of its row))`, leaves by questionnaire and
ballot number. The salt is HMAC-SHA-256 of the ballot's number under one random key, which stands in the
snapshot: who has the snapshot can make every leaf, who has only a leaf cannot try out answers. Receipts are
leaves as they stand, in their sorted order. A root over areas has `code + root` as leaves, by code.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.proof import HASH_SIZE, leaf_hash, root_of_hashes

ROWS_AT_ONCE = 5_000
NONE = bytes(HASH_SIZE)


def ballot_leaf(row: Mapping[str, int | None], instrument: str, key: bytes) -> bytes:
    """The leaf of one row of the snapshot's table `ballots`."""
    number = row["ballot_id"] or 0
    salt = hmac.digest(key, number.to_bytes(8, "big"), hashlib.sha256)
    # Integers, nulls and plain ASCII names: sorted and without blanks this is the canonical form (RFC 8785).
    plain = json.dumps({**row, "instrument": instrument}, sort_keys=True, separators=(",", ":"))
    return leaf_hash(hashlib.sha256(salt + plain.encode()).digest())


def ballot_roots(parts: Sequence[tuple[str, pa.Table]], key: bytes) -> dict[int, bytes]:
    """Target -> root over its ballots; parts are (instrument, table), in the order of instruments."""
    leaves = [
        _leaves(instrument, table, key) for instrument, table in sorted(parts, key=lambda part: part[0])
    ]
    targets = sorted({target for found in leaves for target in found})
    return {
        target: root_of_hashes([leaf for found in leaves for leaf in _split(found.get(target, b""))])
        for target in targets
    }


def _leaves(instrument: str, table: pa.Table, key: bytes) -> dict[int, bytearray]:
    """Target -> leaves one behind the other, in the order of ballot numbers."""
    found: dict[int, bytearray] = {}
    order = pc.sort_indices(table, sort_keys=[("target", "ascending"), ("ballot_id", "ascending")])
    for start in range(0, len(order), ROWS_AT_ONCE):  # a sorted copy would double the table
        for row in table.take(order.slice(start, ROWS_AT_ONCE)).to_pylist():
            found.setdefault(row["target"], bytearray()).extend(ballot_leaf(row, instrument, key))
    return found


def _split(leaves: bytes | bytearray) -> list[bytes]:
    return [bytes(leaves[at : at + HASH_SIZE]) for at in range(0, len(leaves), HASH_SIZE)]


def receipts_root(receipts: Iterable[str]) -> bytes:
    """Root over receipts in sorted order."""
    return root_of_hashes([leaf_hash(one.encode()) for one in sorted(receipts)])


def has_roots(record: Mapping[str, Any], key: str) -> bool:
    """Whether the one root of a record is that over its areas; 32 zero bytes where no area has one."""
    roots = {str(area["area"]): bytes.fromhex(area[key]) for area in record["areas"] if area[key]}
    return bool(record[key] == (root_over_areas(roots) if roots else NONE).hex())


def root_over_areas(roots: Mapping[str, bytes]) -> bytes:
    """Root over the roots of areas, by code."""
    return root_of_hashes([leaf_hash(code.encode() + roots[code]) for code in sorted(roots)])
