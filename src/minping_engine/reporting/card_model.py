"""What stands on a report card, as data: the template draws it and computes nothing.

Texts are ready to print (rounded, in the card's language); the few numbers are positions on an
axis, in points. Unit everywhere: points. Built by `cards`, drawn by `templates/card.typ`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A row of the dot-and-interval picture. `wide_*` is the range by which a person is judged."""

    label: str
    text: str
    interval: str
    point: float
    low: float | None
    high: float | None
    wide_low: float | None = None
    wide_high: float | None = None
    is_own: bool = False


@dataclass(frozen=True)
class Axis:
    """Range and ticks of a picture."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class ItemRow:
    """One item. Shares are of the most points it can bring; `direction` is -1, 0, 1 or None."""

    name: str
    points: str
    most: str
    share: float | None
    benchmark_share: float | None
    benchmark: str
    previous: str
    change: str
    direction: int | None
    has_advice: bool = False


@dataclass(frozen=True)
class TrendPoint:
    """One period of the trend."""

    year: str
    label: str
    text: str
    point: float
    low: float | None
    high: float | None
    benchmark: float | None
    is_current: bool


@dataclass(frozen=True)
class ModeShare:
    """How many answered in one mode."""

    label: str
    n: str
    share: float


@dataclass(frozen=True)
class Advice:
    """What to do about one weak item."""

    item: str
    points: str
    text: str


@dataclass(frozen=True)
class Answered:
    """How many answered, of how many, and how. A fact is a label, a value and a note on the value."""

    facts: tuple[tuple[str, str, str], ...]
    modes: tuple[ModeShare, ...]
    note: str


@dataclass(frozen=True)
class RankStrip:
    """A range of ranks on a line from the first to the last; ends are shares of the line."""

    low: float
    high: float
    first: str
    last: str


@dataclass(frozen=True)
class Comparison:
    """Beside others of the same kind: score on the other footing, range of ranks, sentences by label."""

    group: str
    score_label: str
    score: str
    interval: str
    strip: RankStrip | None
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CardData:
    """One report card. Empty texts and tuples are left out of the picture."""

    assessee_id: str
    area_id: str
    name: str
    kind: str
    place: str
    areas: str
    score: str
    is_assessed: bool
    grade: str
    grade_note: str
    flag: str
    reason: str
    statement: str
    verdict: str
    comparison: Comparison | None
    marks: tuple[Mark, ...]
    axis: Axis | None
    items: tuple[ItemRow, ...]
    items_note: str
    benchmark_words: str
    trend: tuple[TrendPoint, ...]
    trend_axis: Axis | None
    trend_words: str
    answered: Answered
    advice: tuple[Advice, ...]
    advice_lead: str


@dataclass(frozen=True)
class CardFrame:
    """What all cards of a round share: words, headings, footer."""

    language: str
    words: dict[str, str]
    scheme: str
    period: str
    full_points: str
    unit: str
    is_demo: bool
    demo_note: str
    footer: tuple[str, ...]
