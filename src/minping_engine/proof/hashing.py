"""The hashes of the tree (RFC 6962, section 2.1, SHA-256).

In: entries, or hashes of whole subtrees. Out: hashes. A leaf and an inner node start with another byte, so
that no node can pass for an entry. Everything else in this package stands on these functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

HASH_SIZE = 32
TILE_WIDTH = 256
"""Hashes of a full tile, entries of a full bundle."""
TILE_HEIGHT = 8
"""Levels of the tree that one level of tiles stands for: 2 ** 8 = 256."""
EMPTY_ROOT = sha256(b"").digest()
"""Root of a log without entries."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry.

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """The root over hashes of equally large subtrees; only the last may be smaller.

    Joining neighbours and carrying an odd last one up gives the tree of the RFC, which splits at the
    largest power of two below the size.
    """
    row = list(hashes)
    if not row:
        return EMPTY_ROOT
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2], strict=False)
        joined = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        if len(row) % 2:
            joined.append(row[-1])
        row = joined
    return row[0]


def root_of_edge(edge: Sequence[Sequence[bytes]]) -> bytes:
    """The root from the right edge: hashes of the unfinished tile of each level, lowest level first.

    What stands on lower levels lies to the right of all that stands above it and is smaller than one of
    its hashes, so it joins the next level as its last subtree.
    """
    rest: list[bytes] = []
    for hashes in edge:
        row = [*hashes, *rest]
        rest = [root_of_hashes(row)] if row else []
    return rest[0] if rest else EMPTY_ROOT


def split_hashes(tile: bytes) -> list[bytes]:
    """The hashes of a tile's bytes."""
    return [tile[start : start + HASH_SIZE] for start in range(0, len(tile), HASH_SIZE)]
