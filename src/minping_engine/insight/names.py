"""Known names (a roster, heads of households) in a comment, in time that does not grow with the list.

A name is met in any spelling that folds alike, also with blanks, dots or dashes between its characters
(王 建国); a name of two characters only if nothing but its own blanks holds it together. Names that are
also ordinary words (方便, 高兴) are left to the rules that look for a title or an introduction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from minping_engine.insight.folding import BLANK, Folded
from minping_engine.insight.kinds import Found, Kind
from minping_engine.insight.words import words

_BETWEEN = re.compile(r"(?<=[一-鿿㐀-䶿])[ ·.\-_*/•・]{1,2}(?=[一-鿿㐀-䶿])")
_JOINTS = re.compile(r"[ ·.\-_*/•・]")
_LATIN = re.compile(r"[a-z]")


class NameList:
    """Names made ready once, for many comments; shorter ones than two characters are left out."""

    __slots__ = ("_firsts", "_lengths", "_names")

    def __init__(self, names: Iterable[str] = ()) -> None:
        folded = map(_plain_name, names)
        self._names = frozenset(name for name in folded if len(name) > 1 and name not in words("no_names"))
        lengths: dict[str, set[int]] = {}
        for name in self._names:
            lengths.setdefault(name[0], set()).add(len(name))
        self._lengths = {first: tuple(sorted(sizes, reverse=True)) for first, sizes in lengths.items()}
        self._firsts = re.compile(f"[{re.escape(''.join(sorted(lengths)))}]" if lengths else "(?!)")

    def __len__(self) -> int:
        return len(self._names)

    def finds(self, copy: Folded) -> Iterator[Found]:
        """Known names in the copy, the longest where several begin."""
        if not self._names:
            return
        yield from self._in(copy.plain, range(len(copy.plain)), 2)
        if _BETWEEN.search(copy.plain):
            yield from self._in(*_joined(copy.plain), 3)

    def _in(self, text: str, places: range | list[int], shortest: int) -> Iterator[Found]:
        for match in self._firsts.finditer(text):
            at = match.start()
            for length in self._lengths[text[at]]:
                is_name = length >= shortest and text[at : at + length] in self._names
                if is_name and _is_apart(text, at, length):
                    yield Found(Kind.PERSON, places[at], places[at + length - 1] + 1)
                    break


def _plain_name(name: str) -> str:
    """How a name stands in a copy: a Chinese one without joints, a Latin one with its blanks."""
    plain = Folded(name).plain.replace(BLANK, "").strip()
    return plain if _LATIN.match(plain) else _JOINTS.sub("", plain)


def _joined(text: str) -> tuple[str, list[int]]:
    """The text without joints between Chinese characters, and the place of each character that is left."""
    gone = {at for match in _BETWEEN.finditer(text) for at in range(*match.span())}
    places = [at for at in range(len(text)) if at not in gone]
    return "".join(text[at] for at in places), places


def _is_apart(text: str, at: int, length: int) -> bool:
    """A Latin name must not be a part of a word."""
    if not _LATIN.match(text[at]):
        return True
    around = text[at - 1 : at] + text[at + length : at + length + 1]
    return not _LATIN.search(around)
