"""A comparable copy of a comment, with the way back: rules read the copy, the comment itself stays.

Full-width, circled and styled characters become plain ones (NFKC), letters small, dashes and spaces one
kind, strokes over characters go. A second copy of equal length also reads Chinese digits as digits, so that
一三八 is found while 三次 stays 三次 in the text. What is hidden already is blank in both copies.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from minping_engine.insight.kinds import REPLACEMENTS, Found

BLANK = "\x00"
"""Stands where something is hidden; cleaning has taken it out of the comment itself."""
_HIDDEN = re.compile("|".join(map(re.escape, REPLACEMENTS)))
_DROPPED = frozenset({"Mn", "Me", "Cf"})
_DASHES = frozenset("‐‑‒–—―−﹘﹣－ー⁃")
_CHINESE_DIGITS = dict(
    zip("零〇○一壹幺二贰两三叁四肆五伍六陆七柒八捌九玖", "00011122233445566778899", strict=True)
)


class _Folds(dict[str, str]):
    """One character -> its plain form (none, one or more characters), worked out when first met."""

    def __missing__(self, char: str) -> str:
        plain = self[char] = _fold(char)
        return plain


def _fold(char: str) -> str:
    if char == "\n":
        return char
    if char in _DASHES:
        return "-"
    if unicodedata.category(char) in _DROPPED:
        return ""
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    plain = unicodedata.normalize("NFKC", char).lower()
    return "".join(
        " " if one.isspace() else one for one in plain if unicodedata.category(one) not in _DROPPED
    )


_FOLDS = _Folds()


class Folded:
    """The copies `plain` and `digits` of a text, equally long; `blank` hides a stretch in both."""

    __slots__ = ("_places", "_size", "digits", "plain")

    def __init__(self, text: str) -> None:
        shown = _HIDDEN.sub(lambda match: BLANK * len(match.group()), text) if "【" in text else text
        self.plain = "".join(map(_FOLDS.__getitem__, shown))
        self._size = len(text)
        odd = any(len(_FOLDS[char]) != 1 for char in set(shown))
        self._places = [place for place, char in enumerate(shown) for _ in _FOLDS[char]] if odd else None
        self.digits = self.plain
        for char in _CHINESE_DIGITS.keys() & set(self.plain):
            self.digits = self.digits.replace(char, _CHINESE_DIGITS[char])

    def whole(self, found: Found) -> Found:
        """`found`, widened so that it takes no half of a character such as ㏑."""
        if self._places is None:
            return found
        start, end, places = found.start, found.end, self._places
        while start and places[start - 1] == places[start]:
            start -= 1
        while end < len(places) and places[end] == places[end - 1]:
            end += 1
        return Found(found.kind, start, end, found.kept if end == found.end else 0)

    def blank(self, finds: Iterable[Found]) -> None:
        """Hides `finds` (titles that stay are still read)."""
        for found in finds:
            start, end = found.start, found.end - found.kept
            self.plain = self.plain[:start] + BLANK * (end - start) + self.plain[end:]
            self.digits = self.digits[:start] + BLANK * (end - start) + self.digits[end:]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the copies as a stretch of the text, dropped strokes behind it included."""
        if self._places is None:
            return start, end
        after = self._places[end] if end < len(self._places) else self._size
        return self._places[start], after


def occurrences(text: str, part: str) -> Iterator[int]:
    """Where `part` begins in `text`, without overlaps."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + len(part))
