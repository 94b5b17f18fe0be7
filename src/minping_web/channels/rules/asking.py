""" "Is this message real?": compares what somebody got with what the office approved. Pure and forgetful.

A resident types a signature, the first words, perhaps the link. The answer is yes only when signature and
beginning fit an approved text and every link leads to this site; a link elsewhere is a clear no.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

FEWEST = 8
"""Characters that must fit: two words prove nothing."""
LONGEST_GAP = 40
LONGEST_DAY = 16
"""Characters that the name of a place may take, and those of a day."""
LONGEST = 400
_SIGNED = re.compile(r"^\s*[【\[]([^】\]]{1,20})[】\]]")
_LINK = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:/[\x21-\x7e]*)?", re.IGNORECASE | re.ASCII
)
_GAP = re.compile(r"\{[^{}]*\}")
_DAY = re.compile(r"[0-9A-Za-z年月日号时点前至-]*")
_PLACE = re.compile(r"(?!.*\d{5}).*")
"""No place has so many digits; telephone numbers of swindlers do."""
_LOOSE = re.compile(r"[\s,，.。;；:：!！?？、“”\"'（）()]+")


class Verdict(Enum):
    """What can be said."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Known:
    """An approved text as it begins: signature and wording with its gaps."""

    signature: str
    body: str


@dataclass(frozen=True)
class Answer:
    """The verdict with its reason: fits, foreign_link, wrong_signature, too_short, no_match."""

    verdict: Verdict
    why: str


def judged(text: str, known: Iterable[Known], hosts: Collection[str]) -> Answer:
    """Compare a message with everything that was approved."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if foreign_links(plain, hosts):
        return Answer(Verdict.NO, "foreign_link")
    listed = list(known)
    signed = _SIGNED.match(plain)
    if signed and signed[1].strip() not in {one.signature for one in listed}:
        return Answer(Verdict.NO, "wrong_signature")
    words = _LOOSE.sub("", _LINK.sub("", _SIGNED.sub("", plain)))[:LONGEST]
    if len(words) < FEWEST:
        return Answer(Verdict.UNKNOWN, "too_short")
    fitting = [one for one in listed if not signed or one.signature == signed[1].strip()]
    if any(_begins(words, one.body) for one in fitting):
        return Answer(Verdict.YES, "fits")
    return Answer(Verdict.UNKNOWN, "no_match")


def foreign_links(text: str, hosts: Collection[str]) -> list[str]:
    """Hosts of links that lead elsewhere."""
    found = [urlsplit(link if "//" in link else f"//{link}").hostname or "" for link in _LINK.findall(text)]
    ours = {host.partition(":")[0].casefold() for host in hosts}
    return [host for host in found if host.casefold() not in ours]


def _begins(words: str, body: str) -> bool:
    """Whether the words are a beginning of the wording, with what belongs there in its gaps."""
    plain = unicodedata.normalize("NFKC", body)
    pieces = [_LOOSE.sub("", piece) for piece in _GAP.split(plain)]
    return _fitting(words, pieces, _GAP.findall(plain)) >= FEWEST


def _fitting(words: str, pieces: list[str], gaps: list[str]) -> int:
    """Characters outside gaps that fit, at most; -1 when the words are no beginning.

    Words may not end inside the gap of a place: anything could stand there.
    """
    head = pieces[0]
    if head.startswith(words):
        return len(words)
    if not words.startswith(head) or not gaps:
        return -1
    left = words[len(head) :]
    if gaps[0] == "{until}" and _DAY.fullmatch(left):
        return len(head)
    most = LONGEST_GAP if gaps[0] == "{place}" else LONGEST_DAY if gaps[0] == "{until}" else 0
    fits = [
        _fitting(left[skip:], pieces[1:], gaps[1:])
        for skip in range(min(most, len(left) - 1) + 1)
        if (_PLACE if gaps[0] == "{place}" else _DAY).fullmatch(left[:skip])
    ]
    return len(head) + max(fits) if max(fits, default=-1) >= 0 else -1
