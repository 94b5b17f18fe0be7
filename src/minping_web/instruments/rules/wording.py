"""Words that suggest, join two questions, or stand on one side of a scale; lists in `words.yaml`."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import yaml


@cache
def _words() -> dict[str, Any]:
    text = resources.files("minping_web.instruments.rules").joinpath("words.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def limits() -> dict[str, int]:
    """Lengths and numbers beyond which an editor is told."""
    return _words()["limits"]  # type: ignore[no-any-return]


def reading() -> dict[str, int]:
    """How quickly a slow reader reads and taps."""
    return _words()["reading"]  # type: ignore[no-any-return]


def answer_side(label: str, language: str) -> str:
    """`middle`, `bad` or `good`: on which side of a scale an answer stands, by its words.

    >>> [answer_side(label, "zh") for label in ("满意", "一般", "不满意")]
    ['good', 'middle', 'bad']
    """
    said = label.casefold()
    for side in ("middle", "bad"):
        for part in _words()["sides"][side][language]:
            whole = rf"\b{re.escape(part)}" if language == "en" else re.escape(part)
            if re.search(whole, said):
                return side
    return "good"


def leading_words(text: str, language: str) -> list[tuple[str, bool]]:
    """(word, whether it must go) of each wording that suggests an answer."""
    said = text.casefold()
    lists = _words()["leading"]
    return [
        (part, name == "errors")
        for name in ("errors", "warnings")
        for part in lists[name][language]
        if part.casefold() in said
    ]


def double_questions(text: str, language: str) -> list[str]:
    """What joins two questions in one.

    >>> double_questions("您对物业和停车满意吗？", "zh"), double_questions("您对邻里和睦满意吗？", "zh")
    (['和'], [])
    """
    rules = _words()["double"]
    if language == "en":
        return re.findall(rules["en"], text, re.IGNORECASE)
    found = [part for part in rules["zh_parts"] if part in text]
    return found or re.findall(rules["zh_joined"], text)
