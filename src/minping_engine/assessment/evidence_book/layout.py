"""What a workbook of evidence looks like, as data: sheets and columns, shared by template and reader.

A sheet has two rows of headings: the title for people, the id for the program. Rows of data follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from minping_engine.scheme import Bilingual, Unit

FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "·") | {"'": "’"})
LONGEST_NAME = 31
"""Excel allows no longer name of a sheet."""
TITLE_ROW, ID_ROW, FIRST_ROW = 1, 2, 3
"""Rows of the template, counted from 1."""
MARKS = "marks:"


class Kind(StrEnum):
    """What a cell of a column holds."""

    ID = "id"
    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    TRUTH = "truth"
    WORD = "word"
    TIME = "time"
    PERIOD = "period"


@dataclass(frozen=True)
class Column:
    """One column. `words`: value -> other ways to write it; closed unless `open_words`."""

    id: str
    title: Bilingual
    kind: Kind
    required: bool = False
    unit: Unit | None = None
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open_words: bool = False
    decimals: int = 3
    note: Bilingual | None = None


@dataclass(frozen=True)
class SheetPlan:
    """One sheet. Rows are told apart by the columns `key`; `open_items`: further columns are items."""

    key: str
    title: Bilingual
    about: Bilingual
    columns: tuple[Column, ...]
    key_columns: tuple[str, ...] = ()
    open_items: bool = False
    item_places: tuple[Column, ...] = ()
    """Columns of the template that the district renames."""
    optional: bool = False
    """Whether a workbook may lack the sheet."""

    def name(self, language: str) -> str:
        """The title as Excel allows it."""
        return self.title.of(language).translate(FORBIDDEN_IN_NAMES)[:LONGEST_NAME].strip(" ’")

    def column(self, name: str) -> Column | None:
        """The column of that id."""
        return next((column for column in self.columns if column.id == name), None)

    @property
    def group(self) -> str:
        """Id of the group of raters, for sheets of marks."""
        return self.key.removeprefix(MARKS)


@dataclass(frozen=True)
class BookPlan:
    """All sheets, in the order of the workbook; the guide stands before them."""

    sheets: tuple[SheetPlan, ...]

    def sheet(self, key: str) -> SheetPlan | None:
        """The sheet of that key."""
        return next((sheet for sheet in self.sheets if sheet.key == key), None)

    def named(self, name: str) -> SheetPlan | None:
        """The sheet that has this name in one of the languages."""
        return next((sheet for sheet in self.sheets if name in (sheet.name("zh"), sheet.name("en"))), None)


def two(zh: str, en: str) -> Bilingual:
    """A text in both languages."""
    return Bilingual(zh=zh, en=en)
