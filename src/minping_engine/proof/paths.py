"""Where tiles lie: `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles).

In: level, index and width of a tile. Out: its path, and back. `N` is cut into groups of three digits, all but
the last with an `x`, so that no folder grows large and files can be served as they lie.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from minping_engine.proof.hashing import TILE_HEIGHT, TILE_WIDTH

CHECKPOINT_PATH = "checkpoint"
ENTRIES = -1
"""The level of entry bundles, below the leaf hashes."""
HIGHEST_LEVEL = 63
_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


@dataclass(frozen=True, order=True)
class TilePath:
    """One tile (`level` 0 and up) or entry bundle (`level` -1); below full width it is a partial one."""

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def is_full(self) -> bool:
        """Whether it will never grow."""
        return self.width == TILE_WIDTH

    @property
    def full(self) -> TilePath:
        """The full tile that this one grows into."""
        return TilePath(self.level, self.index)

    @property
    def start(self) -> int:
        """Place of its first hash (or entry) among all of its level."""
        return self.index * TILE_WIDTH

    @property
    def end(self) -> int:
        """Place after its last hash."""
        return self.start + self.width

    def __str__(self) -> str:
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{name}" + ("" if self.is_full else f".p/{self.width}")


def parse_tile_path(path: str) -> TilePath | None:
    """The tile of a path; None where the path is none, or not written in the one right way."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level, groups, width = found.groups()
    index = int(groups.replace("x", "").replace("/", ""))
    number = ENTRIES if level == "entries" else int(level)
    made = TilePath(number, index, int(width) if width else TILE_WIDTH)
    is_one = number <= HIGHEST_LEVEL and made.width <= TILE_WIDTH and str(made) == path
    return made if is_one else None


def hashes_on(level: int, size: int) -> int:
    """How many hashes a level of tiles has in a tree of that size; entries are as many as leaves."""
    return size >> (TILE_HEIGHT * max(level, 0))


def tile_at(level: int, index: int, *, size: int) -> TilePath:
    """The tile as a tree of that size has it: full, or as wide as it is so far."""
    return TilePath(level, index, min(TILE_WIDTH, hashes_on(level, size) - index * TILE_WIDTH))


def tiles_of(level: int, size: int) -> int:
    """How many tiles (or bundles) a level has, the unfinished one included."""
    return -(-hashes_on(level, size) // TILE_WIDTH)


def levels_of(size: int) -> int:
    """How many levels of tiles a tree of that size has."""
    return -(-size.bit_length() // TILE_HEIGHT)
