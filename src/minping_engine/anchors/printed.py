"""A root on paper: origin, size and root in groups of letters, for notice boards, reports and typing.

In: a checkpoint, or what somebody typed. Out: the text to print with the text of its QR code; or the
checkpoint again. The letters are 32 (digits and capitals without I, L, O, U; small letters and the
look-alikes are read too). The last four are a check over everything, so that a slip of the finger is told
from a changed log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from minping_engine.errors import InputError
from minping_engine.proof import HASH_SIZE, Checkpoint, is_key_name

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 4
ROOT_LETTERS = 52
CHECK_LETTERS = 4
LINE_GROUPS = 7
_LOOK_ALIKE = str.maketrans("OIL", "011")
_DIGITS = str.maketrans(LETTERS, "0123456789ABCDEFGHIJKLMNOPQRSTUV")
_WRITTEN_SIZE = re.compile(r"0|[1-9][0-9]{0,18}|[1-9][0-9]{0,2}(,[0-9]{3})+", re.ASCII)


@dataclass(frozen=True)
class PrintedRoot:
    """What to print: log, number of entries, two lines of letters."""

    lines: tuple[str, ...]

    @property
    def payload(self) -> str:
        """The same as one line, for a QR code; `minping verify log --printed` takes it too."""
        return " ".join(self.lines)


def printed_root(checkpoint: Checkpoint) -> PrintedRoot:
    """The text of a checkpoint on paper."""
    written = _letters(int.from_bytes(checkpoint.root, "big"), ROOT_LETTERS) + _check(checkpoint)
    groups = [written[start : start + GROUP] for start in range(0, len(written), GROUP)]
    first, second = groups[:LINE_GROUPS], groups[LINE_GROUPS:]
    return PrintedRoot((checkpoint.origin, str(checkpoint.size), " ".join(first), " ".join(second)))


def read_printed(text: str) -> Checkpoint:
    """The checkpoint that a typed or scanned text names; spaces, dashes and line breaks do not matter.

    Raises `InputError`: `anchors.printed_malformed` where it is none, `anchors.printed_typo` where a letter
    is wrong.
    """
    words = text.split()
    origin, size = words[:2] if len(words) > 2 else ("", "")
    typed = re.sub(r"[-–—]", "", "".join(words[2:])).upper().translate(_LOOK_ALIKE)
    fits = is_key_name(origin) and _WRITTEN_SIZE.fullmatch(size) and set(typed) <= set(LETTERS)
    if not fits or len(typed) != ROOT_LETTERS + CHECK_LETTERS:
        raise InputError.of("anchors.printed_malformed", letters=ROOT_LETTERS + CHECK_LETTERS)
    number = int(typed[:ROOT_LETTERS].translate(_DIGITS), 32)
    if number >= 1 << (HASH_SIZE * 8):
        raise InputError.of("anchors.printed_typo")
    made = Checkpoint(origin, int(size.replace(",", "")), number.to_bytes(HASH_SIZE, "big"))
    if _check(made) != typed[ROOT_LETTERS:]:
        raise InputError.of("anchors.printed_typo")
    return made


def _check(checkpoint: Checkpoint) -> str:
    """Four letters over origin, size and root."""
    text = Checkpoint(checkpoint.origin, checkpoint.size, checkpoint.root).text
    return _letters(int.from_bytes(sha256(text).digest(), "big"), CHECK_LETTERS)


def _letters(number: int, count: int) -> str:
    """The low end of a number in our letters, `count` of them."""
    return "".join(LETTERS[number >> (5 * place) & 31] for place in reversed(range(count)))
