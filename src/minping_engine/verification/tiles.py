"""Holds tiles and entries against the signed root, from the top down, and names the file that is wrong.

In: a folder, the leaf hashes made again from the entries, the signed root (None if nothing signed is to be
had). Out: the true hashes of each level as far as the root proves them, and all problems.

Every tile has two witnesses: the file, and what its entries hash to. The hash above it, proved already,
says which of them is true; so a changed tile and a changed entry are told apart. Where neither fits, both
stay unproved and only their difference is reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product

from minping_engine.errors import Place, Problem, Severity
from minping_engine.proof import (
    CHECKPOINT_PATH,
    ENTRIES,
    TILE_WIDTH,
    TilePath,
    hashes_on,
    levels_of,
    root_of_edge,
    root_of_hashes,
    tile_at,
    tiles_of,
)
from minping_engine.verification.entries import Hashes
from minping_engine.verification.folder import LogFolder

Known = list[bytes]


@dataclass
class TileCheck:
    """One check: `made` are hashes from the entries, `stored` the tiles by path, `true` what is proved."""

    folder: LogFolder
    size: int
    made: list[Hashes]
    stored: dict[TilePath, Known] = field(default_factory=dict)
    true: list[Hashes] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def run(self, root: bytes | None) -> None:
        """Read the tiles, prove what can be proved, compare all files with it."""
        for level in range(levels_of(self.size)):
            self._read_level(level)
        self.true = [[None] * len(row) for row in self.made]
        if root is not None:
            self._prove_edge(root)
            for level in reversed(range(len(self.made))):
                self._prove_full(level)
        self._compare()

    def _read_level(self, level: int) -> None:
        for index in range(tiles_of(level, self.size)):
            path = tile_at(level, index, size=self.size)
            found = self.folder.found(path)
            hashes = self.folder.hashes(found) if found else None
            if hashes is None:
                code = "ledger.file_malformed" if found else "ledger.file_missing"
                self.problems.append(Problem(code, Place(file=str(found or path))))
            else:
                self.stored[path] = hashes[: path.width]

    def _options(self, path: TilePath) -> list[Known]:
        """What a tile may hold: as made from the entries, as stored; once if they agree."""
        options: list[Known | None] = [
            _whole(self.made[path.level][path.start : path.end]),
            self.stored.get(path),
        ]
        known = [one for one in options if one is not None]
        return known[:1] if len(known) == 2 and known[0] == known[1] else known

    def _prove_edge(self, root: bytes) -> None:
        """The unfinished tiles of all levels give the root together."""
        edge = [self._unfinished(level) for level in range(len(self.made))]
        options: list[list[Known]] = [self._options(path) if path else [[]] for path in edge]
        proved = next((one for one in product(*options) if root_of_edge(one) == root), None)
        if proved is None:
            self.problems.append(Problem("ledger.root_differs", Place(file=CHECKPOINT_PATH)))
            return
        for path, hashes in zip(edge, proved, strict=True):
            if path:
                self.true[path.level][path.start : path.end] = hashes

    def _unfinished(self, level: int) -> TilePath | None:
        count = hashes_on(level, self.size)
        return tile_at(level, count // TILE_WIDTH, size=self.size) if count % TILE_WIDTH else None

    def _prove_full(self, level: int) -> None:
        """A full tile is proved by its hash on the level above; where nothing proves that, by nothing."""
        for index in range(hashes_on(level, self.size) // TILE_WIDTH):
            path, wanted = TilePath(level, index), self.true[level + 1][index]
            if wanted is None:
                continue
            options = self._options(path)
            proved = next((one for one in options if root_of_hashes(one) == wanted), None)
            if proved:
                self.true[level][path.start : path.end] = proved
            elif options:  # what is missing altogether was said already
                self._add_unproved(path)

    def _add_unproved(self, path: TilePath) -> None:
        """Tile and entries are both wrong, perhaps forged to agree: only the hash above tells on them."""
        each = TILE_WIDTH**path.level
        params: dict[str, object] = {"first": path.start * each, "last": path.end * each - 1}
        self.problems.append(Problem("ledger.range_unproved", Place(file=str(path)), params))

    def _compare(self) -> None:
        """All files against what is proved, else against each other."""
        for level in (ENTRIES, *range(len(self.made))):
            for index in range(tiles_of(level, self.size)):
                self._compare_tile(tile_at(level, index, size=self.size))
        for path in sorted(self.folder.tiles):
            self._compare_further(path)
        for name in self.folder.others:
            self._warn("ledger.file_unknown", name)

    def _compare_tile(self, path: TilePath) -> None:
        """A tile of this size, read already."""
        row = max(path.level, 0)
        made = _whole(self.made[row][path.start : path.end])
        ours = made if path.level == ENTRIES else self.stored.get(path)
        true = _whole(self.true[row][path.start : path.end])
        if ours is None:
            return
        if true is not None:
            self._compare_hashes(self.folder.found(path) or path, ours, true)
        elif path.level != ENTRIES and made is not None and made != ours:
            self.problems.append(
                Problem("ledger.files_disagree", Place(file=str(path)), {"index": _first(made, ours)})
            )

    def _compare_further(self, path: TilePath) -> None:
        """A file of another size: an older partial one, or one that no checkpoint speaks of yet."""
        if path.level >= len(self.made) or path.end > hashes_on(path.level, self.size):
            if not self._is_grown(path):
                self._warn("ledger.file_beyond", str(path))
            return
        true = _whole(self.true[max(path.level, 0)][path.start : path.end])
        if path == tile_at(path.level, path.index, size=self.size) or true is None:
            return
        hashes = self.folder.hashes(path)
        if hashes is None:
            self.problems.append(Problem("ledger.file_malformed", Place(file=str(path))))
        else:
            self._compare_hashes(path, hashes, true)

    def _is_grown(self, path: TilePath) -> bool:
        """Whether a full tile stood in for its partial one, which went away as the log grew."""
        count = hashes_on(path.level, self.size)
        return (
            path.is_full
            and path.start < count
            and tile_at(path.level, path.index, size=self.size) not in (self.folder.tiles)
        )

    def _compare_hashes(self, path: TilePath, ours: Known, true: Known) -> None:
        """One problem per file: the first place that differs, and how many do."""
        differing = [place for place, pair in enumerate(zip(ours, true, strict=True)) if pair[0] != pair[1]]
        if differing:
            code = "ledger.entry_changed" if path.level == ENTRIES else "ledger.tile_changed"
            params: dict[str, object] = {"index": path.start + differing[0]}
            self.problems.append(Problem(code, Place(file=str(path)), params, count=len(differing)))

    def _warn(self, code: str, name: str) -> None:
        self.problems.append(Problem(code, Place(file=name), severity=Severity.WARNING))


def check_tiles(folder: LogFolder, leaves: Hashes, root: bytes | None) -> TileCheck:
    """Check all tiles and bundles of a log whose entries hash to `leaves`, under the signed root."""
    check = TileCheck(folder, len(leaves), _levels(leaves))
    check.run(root)
    return check


def _levels(leaves: Hashes) -> list[Hashes]:
    """The hashes of each level of tiles, made from the leaves; None where one below is unknown."""
    rows, size = [leaves], len(leaves)
    for level in range(1, levels_of(size)):
        below = rows[-1]
        starts = range(0, hashes_on(level, size) * TILE_WIDTH, TILE_WIDTH)
        tiles = (_whole(below[start : start + TILE_WIDTH]) for start in starts)
        rows.append([None if tile is None else root_of_hashes(tile) for tile in tiles])
    return rows if size else []


def _whole(hashes: Iterable[bytes | None]) -> Known | None:
    """The hashes, if all of them are known."""
    known = list(hashes)
    return None if None in known else [one for one in known if one is not None]


def _first(one: Known, other: Known) -> int:
    return next(place for place, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1])
