"""What stands in a column: its heading taken apart, its values counted.

In: raw tables of all files. Out: `Sight` per column, over all tables together. A heading is
split into a group (KoBo `group/q1`, the upper of two header rows), a question code or ordinal
(`G01Q03`, `3、`, `第三题`) and the text that remains.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.snapshot.importing.guess.words import plain
from minping_engine.snapshot.importing.raw import HEADER_JOINT, RawTable

MOST_VALUES = 4000
DIGITS_ZH = {digit: number for number, digit in enumerate("一二三四五六七八九十", start=1)}
ORDINAL = re.compile(
    r"^(?:第([一二三四五六七八九十]|\d+)[题问]|(\d{1,2})\s*[、.．:：)）](?!\d))\s*[、.:：]?\s*"
)
CODE = re.compile(r"^(?:[A-Za-z]\d{1,3})?[Qq问题]\s?_?0*(\d{1,3})(?![\d])\s*[._:：、\-)]*\s*")
NAMED_CODE = re.compile(r"^[A-Za-z]\w{0,15}\.\s+")
ASCII_NAME = re.compile(r"^[\x21-\x7e]+$")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
IN_BRACKETS = re.compile(r"[(（【\[].*?[)）】\]]")


@dataclass(frozen=True)
class Heading:
    """A heading taken apart. `number` is its ordinal or question code, `coded` says which of the two."""

    name: str
    text: str
    number: int | None = None
    coded: bool = False

    @cached_property
    def plain(self) -> str:
        """The text without brackets; with them if nothing else is left."""
        return plain(IN_BRACKETS.sub("", self.text)) or plain(self.text)

    @property
    def readings(self) -> tuple[str, ...]:
        """Ways to read it, best first: without brackets, Chinese alone, English alone, all of it."""
        inside = IN_BRACKETS.sub("", self.text)
        chinese = plain("".join(CHINESE.findall(inside)))
        english = plain(" ".join(re.findall(r"[A-Za-z]+", inside)))
        readings = (self.plain, chinese, english if chinese else "", plain(self.text))
        inner = tuple(plain(part) for part in re.findall(r"[(\[](.+?)[)\]]", self.text))
        return tuple(dict.fromkeys(text for text in (*readings, *inner) if text))

    @property
    def is_bare_code(self) -> bool:
        """`Q3` and nothing else."""
        return self.number is not None and not plain(self.text)


def read_heading(name: str) -> Heading:
    """Take a heading apart."""
    text = unicodedata.normalize("NFKC", name).strip()
    parts = text.split(HEADER_JOINT)
    if len(parts) > 1 and len(parts[0]) < 12 and not re.search(r"[?？]", parts[0]):
        text = parts[-1]
    if ASCII_NAME.match(text):
        text = re.split(r"[/\-]", text)[-1] or text
    if found := ORDINAL.match(text):
        number = DIGITS_ZH.get(found[1] or "") or int(found[1] or found[2])
        return Heading(name, text[found.end() :], number)
    if found := CODE.match(text):
        return Heading(name, text[found.end() :], int(found[1]), coded=True)
    if (found := NAMED_CODE.match(text)) and plain(text[found.end() :]):
        text = text[found.end() :]
    return Heading(name, text)


@dataclass(frozen=True)
class Sight:
    """A column as seen: heading, and its values with how often each stands there."""

    heading: Heading
    position: int
    counts: Mapping[str, int]
    distinct: int
    filled: int
    rows: int

    @property
    def name(self) -> str:
        """The column's name in the files."""
        return self.heading.name


def all_rows(tables: Sequence[RawTable]) -> pa.Table:
    """The rows of all tables together, texts trimmed, columns that stand in every table."""
    common = [name for name in tables[0].names if all(name in table.names for table in tables)]
    rows = pa.concat_tables([table.cells.select(common) for table in tables])
    return pa.table({name: _trimmed(rows.column(name)) for name in common})


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Trimmed through the distinct texts, of which most columns have few."""
    whole = column.combine_chunks().dictionary_encode()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.combine_chunks()
    text = pc.utf8_trim_whitespace(whole.dictionary)
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, text.type), text)
    return pa.chunked_array([text.take(whole.indices)])


def look(rows: pa.Table) -> list[Sight]:
    """A sight of every column that holds anything."""
    return [
        sight
        for position, name in enumerate(rows.column_names)
        if (sight := _sight(rows.column(name), name, position)).filled
    ]


def _sight(column: pa.ChunkedArray, name: str, position: int) -> Sight:
    present = column.drop_null()
    counted = present.value_counts()
    distinct = len(counted)
    counts = {str(entry["values"]): int(entry["counts"]) for entry in counted[:MOST_VALUES].to_pylist()}
    return Sight(read_heading(name), position, counts, distinct, len(present), len(column))


def agree(rows: pa.Table, first: str, second: str) -> tuple[bool, bool]:
    """Whether each value of `first` goes with one of `second`, and the other way round."""
    pairs = rows.select([first, second]).drop_null().group_by([first, second]).aggregate([])
    count = pairs.num_rows
    return (
        count > 0 and pc.count_distinct(pairs.column(first)).as_py() == count,
        count > 0 and pc.count_distinct(pairs.column(second)).as_py() == count,
    )
