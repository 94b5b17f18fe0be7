"""The words of `words.yaml`, and texts made comparable.

`plain` is the one form in which headings, labels and values are compared: full-width characters
narrowed, lower case, only letters and digits kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

WORD = re.compile(r"[^\w]|_")


@cache
def plain(text: str) -> str:
    """Letters and digits of `text`, narrow and in lower case."""
    return WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True)
class RoleWords:
    """How headings of one role are worded."""

    role: str
    exact: frozenset[str]
    contains: tuple[str, ...]
    unless: tuple[str, ...]

    def strength(self, heading: str) -> float:
        """0 if the heading (plain) is not of this role; a whole heading beats any part of one."""
        if any(word in heading for word in self.unless):
            return 0
        if heading in self.exact or heading in self.contains:
            return 100 + len(heading)
        return max((len(word) for word in self.contains if word in heading), default=0)


@cache
def word_lists() -> dict[str, Any]:
    """The whole file."""
    text = resources.files(__package__).joinpath("words.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


@cache
def roles() -> tuple[RoleWords, ...]:
    """All roles in the file's order."""
    return tuple(
        RoleWords(
            role,
            frozenset(plain(word) for word in words.get("exact", ())),
            tuple(plain(word) for word in words.get("contains", ())),
            tuple(plain(word) for word in words.get("unless", ())),
        )
        for role, words in word_lists()["roles"].items()
    )


@cache
def plain_set(name: str) -> frozenset[str]:
    """One list of the file in comparable form."""
    return frozenset(plain(str(word)) for word in word_lists()[name])


@cache
def translations(name: str) -> dict[str, str]:
    """A list of lists, turned round: any wording (plain) -> the name it stands for."""
    return {
        plain(str(word)): name_of
        for name_of, words in word_lists()[name].items()
        for word in (name_of, *words)
    }


@cache
def is_missing(value: str) -> bool:
    """Whether a value says that nothing was answered."""
    text = unicodedata.normalize("NFKC", value).strip()
    marks = word_lists()["missing_marks"]
    return text in marks or (plain(text) in plain_set("missing"))
