"""Letters to households: A4, folded twice for a window envelope, one page each.

Pages come in pieces of a few hundred and are joined on the way, so memory does not grow with the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from minping_engine.errors import Place, Problem
from minping_web.channels.services.letters.codes import CodeMaker, Modules, codes_of
from minping_web.channels.services.letters.joining import joined
from minping_web.channels.services.letters.press import Press
from minping_web.channels.services.letters.rows import LetterRow, LetterWording
from minping_web.common.problems import RefusedError

PIECE = 250
"""Letters that are set together: more of them save little time and cost memory."""


def make_letters(rows: Iterable[LetterRow], wording: LetterWording, target: Path) -> int:
    """Write one PDF; how many letters. The file is private and full of live links: destroy it soon."""
    count = 0

    def counted() -> Iterator[LetterRow]:
        nonlocal count
        for count, row in enumerate(rows, start=1):  # noqa: B007  (the last number is the count)
            yield row

    target.touch(mode=0o600)
    with target.open("wb") as file:
        for part in letter_pages(counted(), wording):
            file.write(part)
    return count


def letter_pages(rows: Iterable[LetterRow], wording: LetterWording) -> Iterator[bytes]:
    """The bytes of one PDF as they are made. Raises `RefusedError` for a link that is no ASCII address."""
    return joined(_pieces(rows, wording))


def _pieces(rows: Iterable[LetterRow], wording: LetterWording) -> Iterator[bytes]:
    source = iter(rows)
    first = list(islice(source, PIECE))
    if not first:
        return
    words, makers = wording.as_data(), dict[int, CodeMaker]()
    press: Press | None = None
    try:
        for piece in chain([first], iter(lambda: list(islice(source, PIECE)), [])):
            press = press or Press("letter.typ", _printed(words, piece))
            yield press.pdf({"wording": words, "letters": _data(piece, makers)})
    finally:
        if press is not None:
            press.__exit__(None, None, None)


def _printed(words: dict[str, Any], rows: list[LetterRow]) -> list[str]:
    """Texts by which fonts are chosen; rare characters of places come with the first piece."""
    return [str(words), *(row.place_label for row in rows)]


def _data(rows: list[LetterRow], makers: dict[int, CodeMaker]) -> list[dict[str, Any]]:
    wrong = [number for number, row in enumerate(rows, start=1) if not row.url.isascii()]
    if wrong:
        raise RefusedError([Problem("channels.letter_link", Place(row=at), {"number": at}) for at in wrong])
    codes = codes_of([row.url for row in rows], makers)
    return [
        {"place": row.place_label, "serial": row.serial, "code": row.short_code} | square(modules)
        for row, modules in zip(rows, codes, strict=True)
    ]


def square(modules: Modules) -> dict[str, Any]:
    """A code for the template: side, and its modules as a text of 0 and 1."""
    return {"side": len(modules), "modules": "".join("1" if one else "0" for one in modules.ravel())}
