"""A schematic map: equal tiles per area, grouped, small cells inside; no outline is needed or implied.

In: groups of tiles in the order of the register. Out: rectangles with whole-number places. The same
register always gives the same picture; nothing about distance or size may be read from it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

COLUMNS, TILE_WIDTH, GAP, HEAD, CELL, PAD = 3, 88, 8, 40, 12, 6
CELLS_A_ROW = (TILE_WIDTH - 2 * PAD) // (CELL + 2)


@dataclass(frozen=True)
class Cell:
    """The smallest square: one area inside a tile."""

    area_id: int
    name: str
    fill: str
    x: int = 0
    y: int = 0


@dataclass(frozen=True)
class Tile:
    """One area: what is written on it, how it is filled, the cells inside."""

    area_id: int
    name: str
    value: str
    fill: str
    cells: tuple[Cell, ...] = ()
    x: int = 0
    y: int = 0
    height: int = 0

    @property
    def width(self) -> int:
        """The same for all: six Chinese characters and a margin at both sides."""
        return TILE_WIDTH

    @property
    def text_x(self) -> int:
        """Where its texts begin."""
        return self.x + PAD

    @property
    def text_y(self) -> int:
        """Base line of the name."""
        return self.y + 16

    @property
    def value_y(self) -> int:
        """Base line of the value."""
        return self.y + 32

    @property
    def short(self) -> str:
        """As much of the name as fits on the tile."""
        return self.name if len(self.name) <= 6 else self.name[:5] + "…"


@dataclass(frozen=True)
class Sheet:
    """One group as one drawing."""

    area_id: int | None
    name: str
    tiles: tuple[Tile, ...]
    width: int
    height: int


def sheet_of(area_id: int | None, name: str, tiles: Sequence[Tile], columns: int = COLUMNS) -> Sheet:
    """Place the tiles of one group row by row; a row is as high as its fullest tile."""
    placed: list[Tile] = []
    top = 0
    for start in range(0, len(tiles), columns):
        row = tiles[start : start + columns]
        height = max(_height(tile) for tile in row)
        placed += [_placed(tile, column * (TILE_WIDTH + GAP), top, height) for column, tile in enumerate(row)]
        top += height + GAP
    used = min(columns, max(len(tiles), 1))
    return Sheet(
        area_id, name, tuple(placed), columns * (TILE_WIDTH + GAP) - GAP if used else 0, max(top - GAP, 0)
    )


def _height(tile: Tile) -> int:
    rows = -(-len(tile.cells) // CELLS_A_ROW)
    return HEAD + (rows * (CELL + 2) + PAD if rows else 0)


def _placed(tile: Tile, x: int, y: int, height: int) -> Tile:
    cells = tuple(
        Cell(
            cell.area_id, cell.name, cell.fill,
            x + PAD + (place % CELLS_A_ROW) * (CELL + 2),
            y + HEAD + (place // CELLS_A_ROW) * (CELL + 2),
        )
        for place, cell in enumerate(tile.cells)
    )  # fmt: skip
    return Tile(tile.area_id, tile.name, tile.value, tile.fill, cells, x, y, height)


def step_of(value: float, ordered: Sequence[float], steps: int = 5) -> int:
    """Which of `steps` classes of equal number a value lies in, from 1; equal values share a class."""
    below = bisect_left(ordered, value)
    return min(steps, 1 + below * steps // max(len(ordered), 1))
