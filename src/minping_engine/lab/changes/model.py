"""One change between two schemes: what kind, where, in words, whom it affects."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """What sort of thing changed."""

    VALUE = "value"
    POINTS = "points"
    CRITERION = "criterion"
    INDICATOR = "indicator"
    TOTAL = "total"
    ADJUSTMENT = "adjustment"
    GRADE = "grade"
    COUNT = "count"
    VETO = "veto"
    CARD = "card"
    USE = "use"
    FACT = "fact"
    MEASURE = "measure"
    RATERS = "raters"
    ITEM = "item"
    SURVEY = "survey"
    FAIRNESS = "fairness"
    PROCESS = "process"
    DISCLOSURE = "disclosure"
    SCHEME = "scheme"
    VERSION = "version"
    SOURCE = "source"
    TEXT = "text"
    WARNING = "warning"


WORDS_ONLY = frozenset({ChangeKind.TEXT, ChangeKind.SOURCE, ChangeKind.VERSION, ChangeKind.WARNING})
"""What no result can hang on."""


@dataclass(frozen=True)
class Affected:
    """The kind of assessee; the first day of a dated value (None: not dated); whether money reads it."""

    assessee_kind: str
    since: str | None = None
    money: bool = False


@dataclass(frozen=True)
class Change:
    """`where` leads there by titles; `sentence` says it in one language."""

    kind: ChangeKind
    where: tuple[str, ...]
    sentence: str
    affected: Affected
