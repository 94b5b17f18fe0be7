"""A manual as plain data: chapters of lines, lists and tables, which writers only set.

Nothing here knows a scheme. `small` is what stands beside a text in small print: the expression as it
is written in the file, from which the words were made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A paragraph or the text of a cell, with small print after it."""

    text: str
    small: str = ""


@dataclass(frozen=True)
class Heading:
    """The title of a part of a chapter."""

    text: str


@dataclass(frozen=True)
class Lines:
    """A list of points."""

    items: tuple[Line, ...]


@dataclass(frozen=True)
class Table:
    """A table with a head that is repeated on each page; `widths` are shares of the page's width."""

    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    widths: tuple[int, ...]


Block = Line | Heading | Lines | Table


@dataclass(frozen=True)
class Chapter:
    """A chapter of the manual."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Manual:
    """The manual of one scheme in one language. `notices` must be read before anything else."""

    language: str
    title: str
    subtitle: str
    notices: tuple[str, ...]
    head: tuple[tuple[str, str], ...]
    chapters: tuple[Chapter, ...]
    footer: str

    @property
    def texts(self) -> Iterable[str]:
        """Everything that is printed, for choosing fonts and for searching."""
        yield from (self.title, self.subtitle, self.footer, *self.notices)
        for pair in self.head:
            yield from pair
        for chapter in self.chapters:
            yield chapter.title
            for block in chapter.blocks:
                yield from texts_of(block)


def texts_of(block: Block) -> Iterable[str]:
    """All texts of a block."""
    if isinstance(block, Heading):
        yield block.text
        return
    if isinstance(block, Table):
        yield from block.head
    for line in lines_of(block):
        yield from (line.text, line.small)


def lines_of(block: Block) -> Iterable[Line]:
    """All lines of a block, cell by cell."""
    if isinstance(block, Line):
        return (block,)
    if isinstance(block, Lines):
        return block.items
    return (cell for row in block.rows for cell in row) if isinstance(block, Table) else ()


def table(head: Iterable[str], rows: Iterable[Iterable[str | Line]], widths: Iterable[int]) -> Table:
    """A table whose cells may be plain texts."""
    lines = tuple(tuple(Line(cell) if isinstance(cell, str) else cell for cell in row) for row in rows)
    return Table(tuple(head), lines, tuple(widths))
