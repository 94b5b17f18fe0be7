"""What a table's columns are called, whether they must be there, how their texts are read.

A reader takes the trimmed text of a cell and returns a value, or raises `CellError` with a problem code
and parameters; places are added by `reading`. Headings are found by key, Chinese or English title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Read = Callable[[str], object]
UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Control characters and halves of surrogate pairs."""
IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


class CellError(ValueError):
    """A cell that cannot be read: problem code and its parameters."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Column:
    """One column; `example` and `help_*` stand in the template's notes, `options` as a list to pick from.

    A `secret` column's cells never enter the parameters of a problem. `aliases` are other headings under
    which offices know the column; they are read, never written.
    """

    key: str
    zh: str
    en: str
    read: Read = field(default=str.strip)
    required: bool = False
    help_zh: str = ""
    help_en: str = ""
    example: str = ""
    options: tuple[str, ...] = ()
    secret: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def headings(self) -> frozenset[str]:
        """Every heading that names this column, folded."""
        return frozenset(fold(name) for name in (self.key, self.zh, self.en, *self.aliases))

    def title(self, language: str) -> str:
        """The heading in templates and exports."""
        return self.en if language == "en" else self.zh

    def help(self, language: str) -> str:
        """What to write into the column."""
        return self.help_en if language == "en" else self.help_zh


@dataclass(frozen=True)
class TableSpec:
    """A kind of row. `key` names the columns that identify a row; a file with two equal keys is refused."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("code",)

    def title(self, language: str) -> str:
        """Name of the sheet."""
        return self.en if language == "en" else self.zh


def fold(heading: str) -> str:
    """Headings compare without spaces, case, and what follows a star or bracket."""
    return folded_whole(re.sub(r"[*（(].*$", "", heading, flags=re.DOTALL))


def folded_whole(label: str) -> str:
    """Without spaces, underscores and case."""
    return re.sub(r"[\s_]+", "", label).casefold()


def text(longest: int = 100) -> Read:
    """Any text up to a length; line breaks become spaces. Characters that no database holds are refused."""

    def read(cell: str) -> str:
        found = " ".join(cell.split())
        if UNSTORABLE.search(found):
            raise CellError("table.bad_character")
        if len(found) > longest:
            raise CellError("table.too_long", longest=longest, found=len(found))
        return found

    return read


def whole(low: int = 0, high: int = 10**9) -> Read:
    """A whole number; thousands separators and a trailing .0 of spreadsheets are understood."""

    def read(cell: str) -> int:
        plain = cell.replace(",", "").replace("，", "")
        if not re.fullmatch(r"-?\d{1,12}(\.0+)?", plain):
            raise CellError("table.not_whole", found=cell[:40])
        value = int(plain.split(".")[0])
        if not low <= value <= high:
            raise CellError("table.out_of_range", low=low, high=high, found=value)
        return value

    return read


def decimal_number(low: str = "0", high: str = "1000000000", *, places: int | None = None) -> Read:
    """An exact decimal, with at most `places` digits behind the point."""

    def read(cell: str) -> Decimal:
        plain = cell.replace(",", "").replace("，", "")
        if not re.fullmatch(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})", plain):
            raise CellError("table.not_number", found=cell[:40])
        value = Decimal(plain)
        if not Decimal(low) <= value <= Decimal(high):
            raise CellError("table.out_of_range", low=low, high=high, found=cell[:40])
        if places is not None and value != round(value, places):
            raise CellError("table.too_precise", places=places, found=cell[:40])
        return value if places is None else round(value, places)

    return read


def day() -> Read:
    """A date as 2026-11-22, 2026/11/22, 2026.11.22 or 2026年11月22日; a sheet's 00:00 is dropped."""

    def read(cell: str) -> date:
        plain = re.sub(r"[年月/.]", "-", cell.strip()).replace("日", "")
        plain = re.sub(r"[ T]00:00(:00)?$", "", plain)
        try:
            return datetime.strptime(plain, "%Y-%m-%d").date()  # noqa: DTZ007  (a date, not a moment)
        except ValueError:
            raise CellError("table.not_date", found=cell[:40]) from None

    return read


def choice(labels: Mapping[str, object]) -> Read:
    """One of a closed list, by any of its labels; brackets may be left out where that is clear."""
    folded = {folded_whole(label): value for label, value in labels.items()}
    known = offered(labels)
    short: dict[str, set[object]] = {}
    for label, value in labels.items():
        short.setdefault(fold(label), set()).add(value)
    folded = {name: next(iter(values)) for name, values in short.items() if len(values) == 1} | folded

    def read(cell: str) -> object:
        found = folded_whole(cell)
        if found not in folded:
            raise CellError("table.not_in_list", found=cell[:40], **known)
        return folded[found]

    return read


def offered(labels: Mapping[str, object]) -> dict[str, str]:
    """What a problem lists: for each value its first label in the reader's language, no alias and no key."""
    chinese: dict[object, str] = {}
    english: dict[object, str] = {}
    for label, value in labels.items():
        (chinese if IDEOGRAPH.search(label) else english).setdefault(value, label)
    values = list(dict.fromkeys(labels.values()))
    return {
        "known": "、".join(chinese.get(value) or english[value] for value in values),
        "known_en": ", ".join(english.get(value) or chinese[value] for value in values),
    }


def flag() -> Read:
    """Yes or no."""
    return choice(
        {
            "是": True,
            "否": False,
            "yes": True,
            "no": False,
            "1": True,
            "0": False,
            "true": True,
            "false": False,
        }
    )
