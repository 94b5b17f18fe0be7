"""Characters that nobody can see, or that turn text round, go; all that people read stays.

In: any text. Out: the text without control characters, overrides of direction, zero-width characters,
invisible variants and tags, with the place of each remaining character. Emoji keep what holds them
together. Line breaks of all kinds become `\\n`; half a surrogate pair becomes U+FFFD, so that the text can
be stored. Later passes rely on earlier ones: cleaning twice changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20df\u20e1\u20e4-\u20f0\ufe20-\ufe2f"
_INVISIBLE = re.compile(
    "\r(?=\n)"
    "|[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e0fff]"
)
_STRAY_TAGS = re.compile("(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0020-\U000e007f]+")
_STRAY_VARIANT = re.compile(f"(?<![{_EMOJI}])\ufe0f(?!\u20e3)|(?<![{_EMOJI}0-9#*])\ufe0f")
_STRAY_JOINER = re.compile(f"(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])")
_TOO_MANY_MARKS = re.compile(f"(?<=[{_MARKS}][{_MARKS}])[{_MARKS}]+")
_PASSES = (_INVISIBLE, _STRAY_TAGS, _STRAY_VARIANT, _STRAY_JOINER, _TOO_MANY_MARKS)
_SUSPECT = re.compile(
    f"[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad{_MARKS}\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_ONE_FOR_ONE = {ord(char): "\n" for char in "\r\x0b\x0c\x85\u2028\u2029"} | {9: " "}
_ONE_FOR_ONE |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text to be shown; `source` is the place of each character in what was given, and its end.

    No `source`: the text is what was given.
    """

    text: str
    source: tuple[int, ...] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of `text` as a stretch of what was given, with what was taken out behind it."""
        if self.source is None:
            return start, end
        return self.source[start], self.source[end]

    def head(self, length: int) -> Cleaned:
        """The first `length` characters."""
        return Cleaned(self.text[:length], self.source[: length + 1] if self.source else None)


def clean_text(text: str) -> Cleaned:
    """`text` without what cannot be seen.

    >>> clean_text("满\\u200b意\\u202e！").text
    '满意！'
    """
    if not _SUSPECT.search(text):
        return Cleaned(text)
    cleaned = Cleaned(text)
    for stray in _PASSES:
        cleaned = _without(cleaned, stray)
    return Cleaned(cleaned.text.translate(_ONE_FOR_ONE), cleaned.source)


def _without(cleaned: Cleaned, stray: re.Pattern[str]) -> Cleaned:
    text, kept, last = cleaned.text, list[int](), 0
    for match in stray.finditer(text):
        kept.extend(range(last, match.start()))
        last = match.end()
    if last == 0:
        return cleaned
    kept.extend(range(last, len(text) + 1))
    source = cleaned.source or range(len(text) + 1)
    return Cleaned("".join(text[i] for i in kept[:-1]), tuple(source[i] for i in kept))
