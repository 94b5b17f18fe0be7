"""What stands in the bulletin, as data: the template writes it and computes nothing.

Texts are ready; `at`, `low`, `high` and `mark` are positions on a picture in per cent. There is no
field for a person. Built by `bulletin`, written by `templates/bulletin.html.j2`.
"""

from __future__ import annotations

from dataclasses import dataclass

Answers = tuple[tuple[str, str], ...]
"""(label, points) of the answers to one question."""


@dataclass(frozen=True)
class Strip:
    """A row of a picture: a name, a dot with its interval, a number. `at` None means not shown."""

    name: str
    text: str
    interval: str
    at: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Picture:
    """Strips on one axis; `mark` is where the district's mean stands."""

    title: str
    strips: tuple[Strip, ...]
    mark: float | None
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Question:
    """One item: what was asked, answers unless shared, the district's result."""

    short: str
    text: str
    answers: Answers
    share: float | None
    points: str
    interval: str


@dataclass(frozen=True)
class ModeRow:
    """Ballots in one mode."""

    name: str
    n: str
    percent: str
    start: float
    share: float


@dataclass(frozen=True)
class CommunityTable:
    """Communities of one street: (name, cells); a cell is (mean, half interval)."""

    street: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True)
class Bulletin:
    """The whole bulletin."""

    language: str
    title: str
    period: str
    demo_notes: tuple[str, ...]
    figures: tuple[tuple[str, str, str], ...]
    asked_lead: str
    shared_answers: Answers
    questions: tuple[Question, ...]
    how_text: str
    modes: tuple[ModeRow, ...]
    plain_note: str
    trend: Picture | None
    streets: Picture | None
    streets_lead: str
    streets_sentence: str
    streets_by_item: tuple[Picture, ...]
    people_sentence: str
    drivers: Picture | None
    drivers_sentence: str
    communities: tuple[CommunityTable, ...]
    hidden_note: str
    next_steps: tuple[str, ...]
    notes: tuple[str, ...]
    check: str
    words: dict[str, str]
