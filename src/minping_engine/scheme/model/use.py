"""Use of results and the rules around a result: money, honours, help; publication, objection, burden.

Whatever follows from a result is a proposal that a person signs.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from minping_engine.scheme.model.values import Source
from minping_engine.scheme.model.words import Bilingual, Condition, Exact, Name, Part, Titled

UseKind = Literal[
    "coaching", "training", "report", "performance_pay", "pay", "bonus", "fund", "budget_share", "honour",
    "card", "renewal", "exit", "promotion", "conversion", "rectification", "innovation_fund", "notice",
    "star",
]  # fmt: skip
Fen = Annotated[int, Field(ge=0, strict=True)]


class Money(Part):
    """How much, in fen: by a formula, by grade, by rank, or as shares of one budget (adds up to the fen).

    `by_rank` pools the amounts of equal ranks and shares them; `weights` divides `budget` in
    proportion; the fen that are left go to the largest remainders.
    """

    amount: Condition | None = None
    by_grade: dict[str, Fen] | None = None
    by_rank: tuple[Fen, ...] | None = None
    by_rank_ties: Literal["exact", "told_apart"] = "exact"
    """Who shares the amounts of `by_rank`: equal scores, or all whose places errors do not tell apart."""
    budget: Fen | None = None
    weights: Condition | None = None

    @model_validator(mode="before")
    @classmethod
    def _grades_alone(cls, data: Any) -> Any:
        """`{A: 150000, B: 120000}` is what people write: amounts by grade."""
        is_mapping = isinstance(data, dict) and data and not data.keys() & cls.model_fields.keys()
        return {"by_grade": data} if is_mapping and all(_is_amount(fen) for fen in data.values()) else data


def _is_amount(value: object) -> bool:
    """Whether it can only be meant as an amount; another key misspelt is told as such."""
    return str(value).isdecimal() or (isinstance(value, int | float) and not isinstance(value, bool))


class Use(Part):
    """结果运用: what follows from a result, for whom; always a proposal that a person signs."""

    id: Name
    kind: UseKind
    text: Bilingual
    when: Condition | None = None
    """For whom; default: everybody who is assessed."""
    money: Money | None = None
    signatures: Annotated[int, Field(ge=1, le=3)] = 1


class ReviewNode(Part):
    """One step of a review: who decides, within how many days."""

    title: Bilingual
    days: Annotated[int, Field(ge=1, le=60)]


class Publication(Part):
    """公开: what is shown to whom, and for how many days before it holds."""

    to: tuple[Literal["assessee", "office", "residents", "public"], ...]
    what: tuple[Literal["scores", "grades", "themes", "rank_bands", "money", "cases"], ...]
    days: Annotated[int, Field(ge=0, le=60)] = 0
    ranks_persons: bool = False


class Objection(Part):
    """异议: window in days, steps of the review, what a granted objection does."""

    days: Annotated[int, Field(ge=1, le=60)]
    nodes: Annotated[tuple[ReviewNode, ...], Field(min_length=1)]
    effect: Literal["recomputed", "noted"] = "recomputed"


class Exclusion(Titled):
    """剔除: a class of cases that count in no rate; decided by so many people, counted and published (D8)."""

    decided_by: Annotated[int, Field(ge=1, le=3)] = 2


class Burden(Part):
    """Working minutes per assessee and period that the scheme may cost (S34, G2, D9)."""

    minutes_at_most: Exact
    survey_minutes: Exact = Fraction(0)
    """Minutes of an assessee beside delivering facts: meetings, statements."""


class Consultation(Part):
    """Who was heard about the scheme, when, and what changed (S19)."""

    date: Any
    with_: Annotated[Bilingual, Field(alias="with")]
    meetings: Annotated[int, Field(ge=1)] = 1
    changed: Bilingual


class Pilot(Part):
    """Where the scheme was tried first, and what was revised (S20)."""

    places: tuple[str, ...]
    revised: Bilingual
    is_running: bool = False


class Feature(Part):
    """A restricted feature (G1): off, or on with a recorded legal basis that expires. Never feeds a score."""

    id: Literal["tracks", "check_ins", "points_ranking", "live_video", "daily_log", "likes"]
    enabled: bool = False
    legal_basis: Source | None = None
    expires: Any = None


class Disabled(Part):
    """Why a scheme may not run, and by which guard rule."""

    rule: Literal["G1", "G2", "G3", "G4"]
    why: Bilingual
