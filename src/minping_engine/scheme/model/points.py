"""From measures to points: criteria, the tree of indicators, bonus and deductions, the total (S16, S92).

Order (docs/method/points.md): criterion -> points of the indicator, held between 0 and its full
marks -> sums upwards -> total -> bonus and deductions, each held by its cap -> floor and cap ->
rounding half up where a node says so.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from minping_engine.scheme.model.words import Condition, Exact, Name, Part, Titled

Positive = Annotated[Exact, Field(gt=0)]
NotNegative = Annotated[Exact, Field(ge=0)]
Digits = Annotated[int, Field(ge=0, le=6)]


class Linear(Part):
    """Points in a straight line from nothing at `from` to full marks at `to`; `to` may be the lower one."""

    kind: Literal["linear"]
    from_: Annotated[Exact, Field(alias="from")] = Fraction(0)
    to: Exact


class Step(Part):
    """From this value on (or, where low is good, up to it) these points."""

    from_: Annotated[Exact, Field(alias="from")]
    points: Exact


class Steps(Part):
    """Points by bands of the value. With `low_is_good`, `from` is read as "at most"."""

    kind: Literal["bands"]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    low_is_good: bool = False


class Deduct(Part):
    """Full marks from `full_from` on, and `points` less for each `per` that is missing (or too much)."""

    kind: Literal["deduct"]
    full_from: Exact
    per: Positive
    points: Exact
    counting: Literal["proportional", "begun", "whole"] = "proportional"
    low_is_good: bool = False


class PerStep(Part):
    """`points` for each `per`, from nothing up to full marks."""

    kind: Literal["per_step"]
    per: Positive
    points: Exact
    counting: Literal["proportional", "whole"] = "whole"


class Percentile(Part):
    """Share of the comparison group that is below, ties counting half, times full marks."""

    kind: Literal["percentile"]
    low_is_good: bool = False


class ZScore(Part):
    """`at_mean` of full marks at the group's mean, `per_sd` more for each standard deviation above it."""

    kind: Literal["z"]
    at_mean: Exact
    per_sd: Exact
    low_is_good: bool = False


class Lookup(Part):
    """Share of full marks by word, e.g. by the grade of the community (cascade)."""

    kind: Literal["table"]
    shares: dict[str, NotNegative]


class FormulaPoints(Part):
    """Points by a formula; `measure` is the value of the indicator's measure, `full` its full marks."""

    kind: Literal["formula"]
    value: Condition


Criterion = Annotated[
    Linear | Steps | Deduct | PerStep | Percentile | ZScore | Lookup | FormulaPoints,
    Field(discriminator="kind"),
]
Missing = Literal["not_assessed", "redistribute"]
"""Where a part has no value: the whole has none, or the others carry its marks in proportion."""


class Indicator(Titled):
    """A node of the tree: a dimension or focus with `parts`, or an indicator with measure and criterion."""

    points: Exact
    measure: Name | None = None
    """A measure or a fact."""
    criterion: Criterion | None = None
    parts: tuple[Indicator, ...] = ()
    scaled: bool = False
    """Whether points of the parts are proportions, brought to the points of the node."""
    applies: Condition | None = None
    """For whom the node holds, e.g. `urban_rural = 'rural'`; elsewhere the others carry its marks."""
    missing: Missing = "not_assessed"
    needs_percent: Annotated[int, Field(ge=1, le=100)] = 50
    """With `redistribute`: the share of full marks that must have a value."""
    round: Digits | None = None
    routine: bool = False
    """Whether it belongs to routine (日常) assessment; schemes may demand a share (S67)."""


class Adjustment(Titled):
    """加减分: points added to or taken from the total, with the most it may be."""

    kind: Literal["bonus", "deduction"]
    points: Condition
    when: Condition | None = None
    cap: NotNegative | None = None


class WholeScore(Part):
    """总分: full marks, what happens without some of them, floor, cap, rounding."""

    points: Exact = Fraction(100)
    missing: Missing = "not_assessed"
    needs_percent: Annotated[int, Field(ge=1, le=100)] = 50
    floor: Exact = Fraction(0)
    cap: Exact | None = None
    round: Digits | None = 2
    routine_at_least_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    """Share of full marks that routine indicators must have (S67, S72)."""
