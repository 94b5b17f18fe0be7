"""Reads a QR code from its modules by the standard (ISO/IEC 18004), apart from the program that draws them.

Byte mode, error levels M and Q, no correction of errors: enough to prove what a letter or a poster holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

DATA_WORDS = {
    0b00: {2: [28], 3: [44], 4: [32, 32], 5: [43, 43], 6: [27, 27, 27, 27]},
    0b11: {2: [22], 3: [17, 17], 4: [24, 24], 6: [19, 19, 19, 19]},
}
"""Data code words of each block, by level (M is 00, Q is 11) and version."""
MASKS = (
    lambda row, column: (row + column) % 2 == 0,
    lambda row, column: row % 2 == 0,
    lambda row, column: column % 3 == 0,
    lambda row, column: (row + column) % 3 == 0,
    lambda row, column: (row // 2 + column // 3) % 2 == 0,
    lambda row, column: row * column % 2 + row * column % 3 == 0,
    lambda row, column: (row * column % 2 + row * column % 3) % 2 == 0,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2 == 0,
)
Square = Sequence[Sequence[int]]


def read_code(modules: Square) -> str:
    """The text; AssertionError for what this reader does not know."""
    side = len(modules)
    version = (side - 17) // 4
    level, mask = _format(modules)
    assert level in DATA_WORDS
    bits = [modules[row][column] ^ int(MASKS[mask](row, column)) for row, column in _path(side)]
    words = [int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, len(bits) - 7, 8)]
    stream = "".join(f"{word:08b}" for word in _data(words, DATA_WORDS[level][version]))
    assert stream[:4] == "0100", "byte mode"
    length = int(stream[4:12], 2)
    return bytes(int(stream[12 + 8 * at : 20 + 8 * at], 2) for at in range(length)).decode("ascii")


def _format(modules: Square) -> tuple[int, int]:
    """Level and mask from the fifteen bits around the upper left corner."""
    row = [modules[8][column] for column in (0, 1, 2, 3, 4, 5, 7, 8)]
    column = [modules[line][8] for line in (7, 5, 4, 3, 2, 1, 0)]
    value = int("".join(map(str, row + column)), 2) ^ 0b101010000010010
    return value >> 13, value >> 10 & 0b111


def _path(side: int) -> Iterator[tuple[int, int]]:
    """Places of data, two columns at a time, from the lower right corner up and down."""
    upwards, column = True, side - 1
    while column > 0:
        if column == 6:
            column -= 1
        for step in range(side):
            row = side - 1 - step if upwards else step
            for place in (column, column - 1):
                if not _is_pattern(row, place, side):
                    yield row, place
        upwards, column = not upwards, column - 2


def _is_pattern(row: int, column: int, side: int) -> bool:
    corner = (row < 9 and (column < 9 or column >= side - 8)) or (row >= side - 8 and column < 9)
    aligned = abs(row - (side - 7)) <= 2 and abs(column - (side - 7)) <= 2
    return corner or aligned or row == 6 or column == 6


def _data(words: list[int], blocks: list[int]) -> list[int]:
    """Code words of data in the order of their blocks."""
    taken: list[list[int]] = [[] for _block in blocks]
    source = iter(words)
    for place in range(max(blocks)):
        for block, size in zip(taken, blocks, strict=True):
            if place < size:
                block.append(next(source))
    return [word for block in taken for word in block]
