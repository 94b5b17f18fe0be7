"""Bytes of a text file -> text, with the encoding found and every row that does not fit it.

UTF-8 is tried first (GB18030 text is practically never valid UTF-8), then GB18030. Files that
were glued together from both are a known fault of survey firms: GB18030 decodes UTF-8 Chinese
into other Chinese without complaint, so rows are judged one by one.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from minping_engine.errors import Place, Problem

UTF8, GB18030, UTF16 = "utf-8", "gb18030", "utf-16"
FIRST_THREE_BYTE_CHARACTER = "\u0800"
"""From here on UTF-8 takes three bytes: two GB18030 bytes can pass for less, hardly ever for this."""


@dataclass(frozen=True)
class Decoded:
    """Text, or None where a fault forbids it."""

    text: str | None
    encoding: str
    problems: tuple[Problem, ...] = ()


def decode(data: bytes, file: str, wanted: str | None = None) -> Decoded:
    """Decode a file's bytes; `wanted` is the encoding that a map states."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _whole(data, UTF16, file)
    data = data.removeprefix(codecs.BOM_UTF8)
    if wanted:
        return _whole(data, wanted, file)
    try:
        return Decoded(data.decode(UTF8), UTF8)
    except UnicodeDecodeError:
        return _not_utf8(data, file)


def _whole(data: bytes, encoding: str, file: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        row = 1 + data.count(b"\n", 0, error.start)
        return Decoded(
            None,
            encoding,
            (Problem("importing.wrong_encoding", Place(file, row=row), {"encoding": encoding}),),
        )


def _not_utf8(data: bytes, file: str) -> Decoded:
    utf8, other = [], []
    for row, line in _rows(data):
        if _is_utf8_chinese(line):
            utf8.append(row)
        elif not _decodes(line, UTF8):
            other.append(row)
    if utf8:
        few, encoding = (other, UTF8) if len(other) <= len(utf8) else (utf8, "GB18030")
        params: dict[str, object] = {
            "encoding": encoding.upper(),
            "other": "GB18030" if encoding == UTF8 else "UTF-8",
        }
        return Decoded(
            None, "", (Problem("importing.mixed_encodings", Place(file, row=few[0]), params, count=len(few)),)
        )
    return _whole(data, GB18030, file)


def _rows(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with non-ASCII bytes and the spreadsheet row they belong to (quoted line breaks do not count)."""
    row, quotes = 1, 0
    for line in data.split(b"\n"):
        if not line.isascii():
            yield row, line
        quotes += line.count(b'"')
        row += quotes % 2 == 0


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_utf8_chinese(line: bytes) -> bool:
    try:
        return max(line.decode(UTF8)) >= FIRST_THREE_BYTE_CHARACTER
    except UnicodeDecodeError:
        return False
