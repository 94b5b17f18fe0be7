"""Texts and amounts of manuals in one language: words from `words.yaml`, numbers with their units."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources

import yaml

from minping_engine.scheme.describe.blanks import is_blank
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.model import Bilingual
from minping_engine.scheme.model.words import as_written

_NARROW = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
"""A space between two Chinese signs, left where a word was filled in beside an amount."""


@cache
def both_languages() -> dict[str, dict[str, str]]:
    """All words: key -> language -> text."""
    file = resources.files(__package__) / "words.yaml"
    words: dict[str, dict[str, str]] = yaml.safe_load(file.read_text("utf-8"))
    return words


@dataclass(frozen=True)
class Wording:
    """One language."""

    language: str

    def say(self, key: str, /, **params: object) -> str:
        """The text of `words.yaml`, filled in; a number to fill in is a line."""
        text = both_languages()[key][self.language]
        blank = any(is_blank(value) for value in params.values())
        if blank:
            params = {name: self._line() if is_blank(value) else value for name, value in params.items()}
        filled = text.format(**params) if params else text
        if self.language != "zh":
            return filled
        return _NARROW.sub("", filled.replace("） ", "）") if blank else filled)

    def _line(self) -> str:
        """A line, and who fills it in."""
        return both_languages()["to_fill"][self.language] + both_languages()["filled_by"][self.language]

    def blank(self, key: str = "") -> str:
        """A line with its unit, and who fills it in."""
        line = self.say("to_fill")
        unit = self.say(key, n=line) if key and self.knows(key) else line
        return unit + self.say("filled_by")

    def knows(self, key: str) -> bool:
        """Whether there is a text of that key."""
        return key in both_languages()

    def of(self, text: Bilingual) -> str:
        """A text of the scheme."""
        return text.of(self.language)

    def listed(self, parts: Iterable[str]) -> str:
        """a、b、c."""
        return self.say("comma").join(parts)

    def sentences(self, parts: Iterable[str]) -> str:
        """Statements in one cell."""
        return self.say("semicolon").join(part for part in parts if part)

    def amount(self, value: Fraction | int, unit: Unit | None = None) -> str:
        """A number as people read it: a share in per cent, fen in yuan."""
        if is_blank(value):
            return self.blank(f"unit_{'percent' if unit is Unit.SHARE else unit.value}" if unit else "")
        value = Fraction(value)
        if unit is Unit.SHARE:
            return f"{as_written(value * 100)}%"
        if unit is Unit.FEN:
            return self.say("unit_fen", n=_grouped(value / 100))
        return self.counted(f"unit_{unit.value}", value) if unit is not None else str(as_written(value))

    def counted(self, key: str, value: Fraction) -> str:
        """A number in a text, in English with the singular for one; without such a text the number."""
        if is_blank(value):
            return self.blank(key)
        text = self.say(key, n=as_written(value)) if self.knows(key) else str(as_written(value))
        return text.removesuffix("s") if self.language == "en" and value == 1 else text

    def noted(self, title: str, note: str) -> str:
        """A title with a remark in brackets."""
        return self.say("with_note", title=title, note=note)

    def points(self, value: Fraction | int) -> str:
        """Points."""
        return self.amount(value, Unit.POINTS)


def _grouped(yuan: Fraction) -> str:
    """Money with thousands set apart, fen only where there are some."""
    return f"{int(yuan):,}" if yuan.denominator == 1 else f"{float(yuan):,.2f}"
