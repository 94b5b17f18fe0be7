"""Small logs for tests: a fixed key, numbered entries; and the tree word by word as the RFC defines it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from minping_engine.proof import (
    Appender,
    MemoryStore,
    SigningKey,
    TileStore,
    publish_checkpoint,
    sign_checkpoint,
)

ORIGIN = "example.gov.cn/minping-log"
KEY = SigningKey(ORIGIN, bytes(range(32)))


def numbered(count: int, *, first: int = 0) -> list[bytes]:
    """Entries that differ."""
    return [b"entry %d" % number for number in range(first, first + count)]


def grown(entries: Sequence[bytes], sizes: Sequence[int], store: TileStore | None = None) -> MemoryStore:
    """A log of these entries, with a checkpoint at each of the sizes."""
    kept = MemoryStore()
    log = Appender(store or kept)
    for size in sizes:
        log.append(entries[log.size : size])
        publish_checkpoint(store or kept, sign_checkpoint(log.seal(ORIGIN), KEY))
    return kept


def tree_hash(entries: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word by word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return sha256(b"\x01" + tree_hash(entries[:split]) + tree_hash(entries[split:])).digest()


def path_of(index: int, entries: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(entries) == 1:
        return []
    split = 1
    while split * 2 < len(entries):
        split *= 2
    if index < split:
        return [*path_of(index, entries[:split]), tree_hash(entries[split:])]
    return [*path_of(index - split, entries[split:]), tree_hash(entries[:split])]


def proof_of(old_size: int, entries: Sequence[bytes], *, is_old_root: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if old_size == len(entries):
        return [] if is_old_root else [tree_hash(entries)]
    split = 1
    while split * 2 < len(entries):
        split *= 2
    if old_size <= split:
        return [*proof_of(old_size, entries[:split], is_old_root=is_old_root), tree_hash(entries[split:])]
    return [*proof_of(old_size - split, entries[split:], is_old_root=False), tree_hash(entries[:split])]
