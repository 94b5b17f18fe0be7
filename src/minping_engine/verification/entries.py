"""Rereads all entry bundles: hashes every entry again, counts kinds, keeps those that were asked for.

In: a folder and a size. Out: the leaf hashes (None where a bundle is missing or malformed) with what was
counted on the way. One bundle is in memory at a time; of a million entries only the hashes are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field

from minping_engine.errors import Place, Problem
from minping_engine.proof import ENTRIES, TilePath, leaf_hash, read_entry, tile_at, tiles_of
from minping_engine.verification.folder import LogFolder

Hashes = list[bytes | None]


@dataclass
class Reread:
    """What rereading the bundles gave."""

    leaves: Hashes = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    others: int = 0
    kept: dict[int, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def entries(self) -> int:
        """How many entries could be read."""
        return self.kinds.total() + self.others

    def take(self, entry: bytes) -> None:
        """Count an entry by its kind."""
        read = read_entry(entry)
        if read is None:
            self.others += 1
        else:
            self.kinds[read.kind] += 1


def reread_entries(folder: LogFolder, size: int, keep: Container[int] = frozenset()) -> Reread:
    """Read all bundles of a log of that size; keep the entries at the indexes of `keep`."""
    made = Reread()
    for index in range(tiles_of(ENTRIES, size)):
        path = tile_at(ENTRIES, index, size=size)
        entries = _bundle(folder, path, made.problems)
        if entries is None:
            made.leaves += [None] * path.width
            continue
        made.leaves += map(leaf_hash, entries)
        for place, entry in enumerate(entries, path.start):
            made.take(entry)
            if place in keep:
                made.kept[place] = entry
    return made


def _bundle(folder: LogFolder, path: TilePath, problems: list[Problem]) -> list[bytes] | None:
    """The entries of a bundle, or a problem more."""
    found = folder.found(path)
    if found is None:
        problems.append(Problem("ledger.file_missing", Place(file=str(path))))
        return None
    entries = folder.entries(found)
    if entries is None:
        problems.append(Problem("ledger.file_malformed", Place(file=str(found))))
        return None
    return entries[: path.width]
