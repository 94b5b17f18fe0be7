"""From a score to grades, and what vetoes, cards and earlier periods do to them (S93, S94, S99)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from minping_engine.scheme.model.fairness import ComparisonGroup
from minping_engine.scheme.model.values import Band
from minping_engine.scheme.model.words import Condition, Exact, MilliPoints, Name, Part, Titled


class ChanceGrades(Part):
    """Grades by the chance that the true score lies beyond cut points fixed before the round (grades.md)."""

    excellent_from: MilliPoints
    support_below: MilliPoints
    excellent_percent: Annotated[int, Field(gt=50, lt=100)] = 90
    support_percent: Annotated[int, Field(gt=50, lt=100)] = 95


class QuotaGrades(Part):
    """The top share by chance of belonging to it; the list ends before too many would be wrong."""

    percent: Annotated[int, Field(ge=1, le=50)]
    most_false_percent: Annotated[int, Field(ge=1, le=100)] | None = None


class GradeLimit(Part):
    """At most so many of a comparison group may have a grade; the others move to the next one.

    Where the limit cuts through equal scores, `ties` says whether all of them get the grade or none.
    """

    grade: str
    at_most_percent: Annotated[Exact, Field(gt=0, le=100)]
    ties: Literal["none", "all"] = "none"


class Transitions(Part):
    """How many grades somebody may rise or fall from one period to the next."""

    up_at_most: Annotated[int, Field(ge=1)] | None = None
    down_at_most: Annotated[int, Field(ge=1)] | None = None


class Grading(Part):
    """等次: bands by points (one list, or one per class), by chance, or a quota; limits, transitions."""

    bands: tuple[Band, ...] | dict[str, tuple[Band, ...]] | None = None
    chances: ChanceGrades | None = None
    quota: QuotaGrades | None = None
    within: ComparisonGroup | None = None
    """Comparison group of ranks, limits and bands per class; default: all assessees of the scheme."""
    limits: tuple[GradeLimit, ...] = ()
    transitions: Transitions | None = None


class PeriodCount(Titled):
    """In how many periods something held, this one included: falls in a year, failures in a row."""

    when: Condition
    window: Literal["year", "periods", "ever"] = "year"
    periods: Annotated[int, Field(ge=1, le=120)] | None = None
    count: Literal["all", "in_a_row"] = "all"


class Veto(Titled):
    """一票否决: a verified event that limits the grade or the score, or bars from honours or money."""

    when: Condition
    grade_at_most: str | None = None
    score_at_most: Exact | None = None
    bars: tuple[Name, ...] = ()
    """Ids of `use` that do not follow."""


class Card(Titled):
    """红黄牌: a card shown when a condition over periods holds (S99)."""

    colour: Literal["yellow", "red", "green"]
    when: Condition
