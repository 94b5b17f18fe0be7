"""What stands in a report of a place, as data: writers only set it and compute nothing.

Texts are ready to print; the only numbers are positions of a picture, in points. `kind` tells writers and
templates which block it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from minping_engine.reporting.card_model import Axis
from minping_engine.reporting.numbers import DASH


@dataclass(frozen=True)
class Heading:
    """The title of a part of a chapter."""

    text: str
    kind: ClassVar[str] = "heading"


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    kind: ClassVar[str] = "text"


@dataclass(frozen=True)
class Points:
    """A list of points."""

    items: tuple[str, ...]
    kind: ClassVar[str] = "points"


@dataclass(frozen=True)
class Grid:
    """A table; columns from `first_number` on hold numbers. Widths are shares of the page."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    first_number: int = 1
    kind: ClassVar[str] = "grid"

    def without_empty(self) -> Grid:
        """The same without columns that hold nothing but dashes; the first one always stays."""
        kept = [
            number
            for number in range(len(self.head))
            if number == 0 or any(row[number] != DASH for row in self.rows)
        ]
        rows = tuple(tuple(row[number] for number in kept) for row in self.rows)
        head = tuple(self.head[number] for number in kept)
        widths = tuple(self.widths[number] for number in kept)
        return Grid(self.title, head, rows, widths, self.first_number)

    @property
    def named_rows(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Rows whose cells know their heading, for narrow screens."""
        return tuple(tuple(zip(self.head, row, strict=True)) for row in self.rows)


@dataclass(frozen=True)
class Bar:
    """A value with its interval; `value` None where nothing may be shown."""

    name: str
    text: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Chart:
    """Values on one axis; `mark` is what they are compared with."""

    title: str
    bars: tuple[Bar, ...]
    axis: Axis
    mark: float | None
    mark_label: str
    kind: ClassVar[str] = "chart"


Block = Heading | Text | Points | Grid | Chart


@dataclass(frozen=True)
class Chapter:
    """A chapter with a name for links."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class PlaceReport:
    """The whole report. `notices` must be read before anything else; `figures` are (label, value, note)."""

    language: str
    area_id: str
    title: str
    subtitle: str
    notices: tuple[str, ...]
    figures: tuple[tuple[str, str, str], ...]
    chapters: tuple[Chapter, ...]
    issuer: str
    day: str
    footer: str

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that is printed, for searching."""
        found = [self.title, self.subtitle, self.issuer, *self.notices]
        for chapter in self.chapters:
            found.append(chapter.title)
            for block in chapter.blocks:
                found += _texts(block)
        return tuple(found)


def _texts(block: Block) -> list[str]:
    if isinstance(block, Heading | Text):
        return [block.text]
    if isinstance(block, Points):
        return list(block.items)
    if isinstance(block, Grid):
        return [block.title, *block.head, *(cell for row in block.rows for cell in row)]
    return [block.title, *(text for bar in block.bars for text in (bar.name, bar.text))]
