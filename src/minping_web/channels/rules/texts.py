"""Wordings: what they must hold and must not hold, how long they are, how gaps are filled.

A message is `【signature】wording + hint how to unsubscribe`. Carriers count characters of UCS-2: one part
up to 70, from two parts on 67 each. The hint is added here, so that no text can forget it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

from minping_engine.errors import Place, Problem, Severity

ONE_PART, EACH_PART = 70, 67
PLACEHOLDERS = ("link", "place", "until")
MOST_PARTS = 4
EXAMPLE = {
    "link": "https://minping.example.cn/v/ABCDEFGHJKMNPQRS",
    "place": "和平社区第一网格",
    "until": "10月31日",
}
"""Fills gaps in previews; a real link has the same length order. Places and days are said in Chinese."""

_GAP = re.compile(r"\{([^{}]*)\}")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_TRIAL = {"zh": "（测试）", "en": "(Trial) "}
_HINT = {"zh": " 拒收请回复{word}", "en": " Reply {word} to stop"}


def characters(text: str) -> int:
    """As carriers count: units of UTF-16.

    >>> characters("民评"), characters("😀")
    (2, 2)
    """
    return len(text.encode("utf-16-le")) // 2


def parts_of(text: str) -> int:
    """How many messages a carrier bills.

    >>> parts_of("字" * 70), parts_of("字" * 71), parts_of("字" * 135)
    (1, 2, 3)
    """
    length = characters(text)
    return 1 if length <= ONE_PART else -(-length // EACH_PART)


def composed(signature: str, body: str, *, language: str, stop_word: str) -> str:
    """The wording as it is sent, gaps still open."""
    return f"【{signature}】{body}{_HINT[language].format(word=stop_word)}"


def as_trial(body: str, language: str) -> str:
    """A wording with the mark of a trial before it."""
    return f"{_TRIAL[language]}{body}"


def filled(text: str, fields: Mapping[str, str]) -> str:
    """Gaps filled; a gap without a value is a fault of the caller (KeyError)."""
    return _GAP.sub(lambda found: fields[found[1]], text)


def gaps(text: str) -> list[str]:
    """Names between braces, in order."""
    return _GAP.findall(text)


def clean_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Values without characters that are not seen."""
    return {name: _UNSEEN.sub("", value) for name, value in fields.items()}


def faults(body: str, *, purpose: str, key: str) -> list[Problem]:
    """Everything that is wrong with one wording; `key` names its field."""
    place, found = Place(key=key), []
    unknown = [name for name in gaps(body) if name not in PLACEHOLDERS]
    if unknown or "{" in _GAP.sub("", body) or "}" in _GAP.sub("", body):
        found.append(Problem("channels.gap_unknown", place, {"found": ", ".join(unknown) or "{}"}))
    if purpose != "notice" and "link" not in gaps(body):
        found.append(Problem("channels.link_missing", place))
    if _UNSEEN.search(body):
        found.append(Problem("channels.unseen_character", place))
    if "【" in body or "】" in body:
        found.append(Problem("channels.signature_inside", place))
    selling = selling_words(body)
    if selling:
        found.append(Problem("channels.selling_words", place, {"found": ", ".join(selling)}))
    if re.search(r"https?://|www\.", body):
        found.append(Problem("channels.foreign_link", place))
    return found


def length_faults(whole: str, *, key: str) -> list[Problem]:
    """A text that is billed twice is a note, one that phones may break up is an error."""
    parts, length = parts_of(whole), characters(whole)
    params: dict[str, object] = {"parts": parts, "characters": length}
    if parts > MOST_PARTS:
        return [Problem("channels.too_long", Place(key=key), params)]
    if parts > 1:
        return [Problem("channels.several_parts", Place(key=key), params, severity=Severity.WARNING)]
    return []


def selling_words(body: str) -> list[str]:
    """Words that carriers and residents take for advertising or fraud."""
    folded = body.casefold()
    return [word for word in _listed() if word in folded]


@cache
def _listed() -> tuple[str, ...]:
    file = resources.files("minping_web.channels.rules") / "selling.yaml"
    told = yaml.safe_load(file.read_text("utf-8"))
    return tuple(word.casefold() for language in ("zh", "en") for word in told[language])


_SIGNATURE = re.compile(r"[\w\u4e00-\u9fff]{2,12}")


def signature_faults(name: str) -> list[Problem]:
    """Carriers take two to twelve letters or characters, without brackets and spaces."""
    return [] if _SIGNATURE.fullmatch(name) else [Problem("channels.signature_form", Place(key="name"))]
