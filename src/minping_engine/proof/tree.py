"""Reads hashes of the tree from tiles, for roots and proofs.

In: a store and the size of a tree. Out: the hash of any subtree of RFC 6962. Each tile is read once. Tiles
are taken as they are: a proof made of wrong ones fails when it is checked against a signed root.
"""

from __future__ import annotations

from minping_engine.errors import IntegrityError, Place
from minping_engine.proof.hashing import (
    EMPTY_ROOT,
    HASH_SIZE,
    TILE_HEIGHT,
    TILE_WIDTH,
    node_hash,
    root_of_hashes,
    split_hashes,
)
from minping_engine.proof.paths import TilePath, tile_at
from minping_engine.proof.store import TileStore


class TileTree:
    """The tree of one size over stored tiles."""

    def __init__(self, store: TileStore, size: int) -> None:
        self._store = store
        self.size = size
        self._tiles: dict[TilePath, list[bytes]] = {}

    def hashes(self, level: int, start: int, count: int) -> list[bytes]:
        """`count` hashes of a level of tiles from `start`, all within one tile."""
        if not count:
            return []
        index, offset = divmod(start, TILE_WIDTH)
        return self._tile(tile_at(level, index, size=self.size))[offset : offset + count]

    def subtree(self, start: int, end: int) -> bytes:
        """The hash over the entries `start` to `end`, a subtree of the RFC: `start` is a multiple of the
        smallest power of two that holds it."""
        if start == end:
            return EMPTY_ROOT
        parts = []
        while start < end:
            height = (end - start).bit_length() - 1
            parts.append(self._complete(height, start >> height))
            start += 1 << height
        joined = parts.pop()
        while parts:
            joined = node_hash(parts.pop(), joined)
        return joined

    def _complete(self, height: int, index: int) -> bytes:
        """The hash of the `index`-th complete subtree of 2 ** height entries."""
        level, above = divmod(height, TILE_HEIGHT)
        return root_of_hashes(self.hashes(level, index << above, 1 << above))

    def _tile(self, path: TilePath) -> list[bytes]:
        if path not in self._tiles:
            self._tiles[path] = self._read(path)
        return self._tiles[path]

    def _read(self, path: TilePath) -> list[bytes]:
        """The tile, or the beginning of the full one it grew into."""
        content, width = self._store.read(str(path)), path.width
        if content is None and not path.is_full:
            content, width = self._store.read(str(path.full)), TILE_WIDTH
        if content is None:
            raise IntegrityError.of("ledger.file_missing", Place(file=str(path)))
        if len(content) != width * HASH_SIZE:
            raise IntegrityError.of("ledger.file_malformed", Place(file=str(path)))
        return split_hashes(content)[: path.width]
