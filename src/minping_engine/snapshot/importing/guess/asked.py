"""What guessing needs to know of a scheme: questions with wordings, answers and points.

Snapshot and scheme stand side by side in the layers and do not import each other, so a loaded
scheme is taken by its shape (`SchemeLike`). The caller brings one scheme or the whole library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from minping_engine.snapshot.importing.guess.words import plain
from minping_engine.terms import AssesseeKind

MILLI = 1000


class BilingualLike(Protocol):
    """A text in two languages."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


class AnswerLike(Protocol):
    """An answer; points in thousandths."""

    @property
    def code(self) -> int: ...
    @property
    def label(self) -> BilingualLike: ...
    @property
    def points(self) -> int: ...


class ItemLike(Protocol):
    """A question of a scheme."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> BilingualLike: ...
    @property
    def short(self) -> BilingualLike: ...
    @property
    def answers(self) -> Sequence[AnswerLike]: ...


class InstrumentLike(Protocol):
    """A questionnaire."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def items(self) -> Sequence[ItemLike]: ...


class SchemeBody(Protocol):
    """The written part of a scheme."""

    @property
    def assessee_kind(self) -> AssesseeKind: ...
    @property
    def instrument(self) -> InstrumentLike: ...


class SchemeLike(Protocol):
    """A loaded scheme."""

    @property
    def key(self) -> str: ...
    @property
    def scheme(self) -> SchemeBody: ...


@dataclass(frozen=True)
class Answer:
    """One answer that can be given."""

    code: int
    zh: str
    en: str
    milli: int


@dataclass(frozen=True)
class Question:
    """One question. `wordings` are all its texts, long and short."""

    id: str
    is_scale: bool
    wordings: tuple[str, ...]
    answers: tuple[Answer, ...]

    @property
    def codes(self) -> frozenset[int]:
        """Codes of its answers."""
        return frozenset(answer.code for answer in self.answers)

    def code_by_points(self) -> dict[int, int]:
        """Whole points -> code; empty if two answers bring the same or points are not whole."""
        found = {answer.milli // MILLI: answer.code for answer in self.answers if answer.milli % MILLI == 0}
        return found if len(found) == len(self.answers) else {}

    @property
    def rises(self) -> bool:
        """Whether codes are 1..n and a higher code always brings more points."""
        ordered = sorted(self.answers, key=lambda answer: answer.code)
        points = [answer.milli for answer in ordered]
        return [answer.code for answer in ordered] == list(range(1, len(ordered) + 1)) and all(
            low < high for low, high in pairwise(points)
        )


@dataclass(frozen=True)
class Asked:
    """One scheme's questionnaire."""

    scheme: str
    instrument: str
    version: str
    assessee_kind: AssesseeKind
    questions: tuple[Question, ...]


def asked_from_scheme(loaded: SchemeLike) -> Asked:
    """The questionnaire of a loaded scheme."""
    body = loaded.scheme
    questions = tuple(_question(item) for item in body.instrument.items)
    return Asked(loaded.key, body.instrument.id, body.instrument.version, body.assessee_kind, questions)


def _question(item: ItemLike) -> Question:
    text, short = item.text, item.short
    wordings = (text.zh, short.zh, text.en, short.en, f"{text.zh} {text.en}", f"{short.zh} {short.en}")
    return Question(
        item.id,
        item.kind == "scale",
        tuple(wording for wording in wordings if plain(wording)),
        tuple(
            Answer(answer.code, answer.label.zh, answer.label.en, answer.points) for answer in item.answers
        ),
    )
