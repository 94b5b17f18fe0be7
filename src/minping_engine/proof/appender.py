"""Appends entries and writes their tiles, holding only the right edge of the tree.

In: entries, a store, where the log goes on: its last checkpoint. Out: bundles and tiles in the store, and the
checkpoint to sign. Full tiles are written as they fill; `seal` adds the partial ones of the size reached;
the signed checkpoint comes last (`publish_checkpoint`), so whoever sees it finds all its tiles. What a killed
run left beyond the last checkpoint is written over. Signing, witnesses and the lock are the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable

from minping_engine.errors import IntegrityError, Place
from minping_engine.proof.bundles import check_entry_lengths, pack_entries, read_entries
from minping_engine.proof.checkpoints import Checkpoint
from minping_engine.proof.hashing import TILE_HEIGHT, TILE_WIDTH, leaf_hash, root_of_edge, root_of_hashes
from minping_engine.proof.paths import CHECKPOINT_PATH, ENTRIES, TilePath, hashes_on, levels_of
from minping_engine.proof.store import TileStore
from minping_engine.proof.tree import TileTree


class Appender:
    """A log that grows. `Appender(store)` starts an empty one, `Appender.resume` goes on with one."""

    def __init__(self, store: TileStore) -> None:
        self._store = store
        self._size = 0
        self._entries: list[bytes] = []
        self._edge: list[list[bytes]] = [[]]

    @classmethod
    def resume(cls, store: TileStore, checkpoint: Checkpoint) -> Appender:
        """Go on after a checkpoint; its tiles must give its root.

        Raises `IntegrityError` where they are missing or give another one: appending would make a second
        history.
        """
        made, tree, size = cls(store), TileTree(store, checkpoint.size), checkpoint.size
        made._size = size
        made._edge = [_unfinished(tree, level, size) for level in range(levels_of(size))] or [[]]
        made._entries = list(read_entries(store, size - size % TILE_WIDTH, size=size))
        leaves = [leaf_hash(entry) for entry in made._entries]
        if made.root != checkpoint.root or leaves != made._edge[0]:
            raise IntegrityError.of("ledger.cannot_resume", Place(file=CHECKPOINT_PATH), size=size)
        return made

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self._size

    @property
    def root(self) -> bytes:
        """The root over all entries."""
        return root_of_edge(self._edge)

    def append(self, entries: Iterable[bytes]) -> int:
        """Append entries in this order; gives the index of the first. Refuses all if one is too long."""
        waiting, first, place = list(entries), self._size, 0
        check_entry_lengths(waiting)
        while place < len(waiting):
            batch = waiting[place : place + TILE_WIDTH - len(self._entries)]
            self._entries += batch
            self._edge[0] += map(leaf_hash, batch)
            self._size += len(batch)
            place += len(batch)
            if len(self._entries) == TILE_WIDTH:
                self._finish_bundle()
        return first

    def seal(self, origin: str) -> Checkpoint:
        """Write the partial tiles of the size reached; gives the checkpoint to sign."""
        if self._entries:
            self._write(ENTRIES, len(self._entries), pack_entries(self._entries))
        for level, hashes in enumerate(self._edge):
            if hashes:
                self._write(level, len(hashes), b"".join(hashes))
        return Checkpoint(origin, self._size, self.root)

    def _finish_bundle(self) -> None:
        """A bundle is full: write it with the tiles that became full by it."""
        self._write(ENTRIES, TILE_WIDTH, pack_entries(self._entries))
        self._entries, level = [], 0
        while len(self._edge[level]) == TILE_WIDTH:
            full = self._edge[level]
            self._write(level, TILE_WIDTH, b"".join(full))
            self._edge[level] = []
            level += 1
            if level == len(self._edge):
                self._edge.append([])
            self._edge[level].append(root_of_hashes(full))

    def _write(self, level: int, width: int, content: bytes) -> None:
        """Write the last tile of a level."""
        index = (hashes_on(level, self._size) - 1) // TILE_WIDTH
        self._store.write(str(TilePath(level, index, width)), content)


def publish_checkpoint(store: TileStore, note: bytes) -> None:
    """Put a signed checkpoint into place, after everything that it speaks of lasts."""
    store.settle()
    store.write(CHECKPOINT_PATH, note)
    store.settle()


def _unfinished(tree: TileTree, level: int, size: int) -> list[bytes]:
    """Hashes of a level's unfinished tile."""
    count = size >> (TILE_HEIGHT * level)
    width = count % TILE_WIDTH
    return tree.hashes(level, count - width, width)
