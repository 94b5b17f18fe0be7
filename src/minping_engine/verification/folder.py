"""The files of a log's folder, sorted into what belongs to a size and what lies beside it.

In: a folder. Out: which tiles and bundles there are, their hashes. A bundle counts as the hashes of its
entries, so bundles and tiles are compared alike. A file that does not hold what its name says has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from minping_engine.errors import InputError, Place
from minping_engine.proof import (
    CHECKPOINT_PATH,
    ENTRIES,
    HASH_SIZE,
    FolderStore,
    TilePath,
    leaf_hash,
    parse_tile_path,
    split_hashes,
    unpack_entries,
)


@dataclass(frozen=True)
class LogFolder:
    """A log's folder: its tiles and bundles, and the names of files that are none."""

    store: FolderStore
    tiles: frozenset[TilePath]
    others: tuple[str, ...]

    @property
    def held_size(self) -> int:
        """How many entries the bundles reach to."""
        return max((path.end for path in self.tiles if path.level == ENTRIES), default=0)

    def found(self, path: TilePath) -> TilePath | None:
        """The file that holds a tile: itself, or the full one that a partial one grew into."""
        return next((one for one in (path, path.full) if one in self.tiles), None)

    def read(self, path: TilePath) -> bytes:
        """A file's bytes; none if it went away meanwhile."""
        return self.store.read(str(path)) or b""

    def entries(self, path: TilePath) -> list[bytes] | None:
        """The entries of a bundle."""
        return unpack_entries(self.read(path), path.width)

    def hashes(self, path: TilePath) -> list[bytes] | None:
        """The hashes a file stands for; None where it is malformed."""
        if path.level == ENTRIES:
            entries = self.entries(path)
            return None if entries is None else list(map(leaf_hash, entries))
        content = self.read(path)
        return split_hashes(content) if len(content) == path.width * HASH_SIZE else None


def open_folder(folder: Path) -> LogFolder:
    """List a log's folder. Raises `InputError` where there is none."""
    if not folder.is_dir():
        raise InputError.of("ledger.no_folder", Place(file=str(folder)))
    names = sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())
    parsed = {name: parse_tile_path(name) for name in names if name != CHECKPOINT_PATH}
    tiles = frozenset(path for path in parsed.values() if path)
    others = tuple(name for name, path in parsed.items() if path is None)
    return LogFolder(FolderStore(folder), tiles, others)
