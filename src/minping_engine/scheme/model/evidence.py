"""What a scheme reads beside ballots: rater groups, facts, and measures made of them.

A measure is one number (or word) per assessee and period, with a unit and a state: a zero
denominator, too few raters or a fact nobody delivered is `no_sample`, never 0 and never full marks.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator

from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.model.values import VisitQuota
from minping_engine.scheme.model.words import Bilingual, Condition, Exact, Identifier, Name, Part, Titled

Percent = Annotated[int, Field(ge=0, le=100)]


class RaterShare(Part):
    """A minimum or maximum share of one kind of raters, e.g. at least 70 % ordinary residents."""

    kind: Identifier
    at_least_percent: Percent = 0
    at_most_percent: Percent = 100


class RaterGroup(Titled):
    """评价主体: who gives marks, how many are needed, how they must be composed."""

    source: Literal[
        "residents", "resident_representatives", "service_users", "units", "social_organisations",
        "peers", "supervisors", "leaders", "experts", "bureau", "professional_association",
        "volunteers", "representatives",
    ]  # fmt: skip
    minimum: Annotated[int, Field(ge=1)] = 1
    maximum: Annotated[int, Field(ge=1)] | None = None
    shares: tuple[RaterShare, ...] = ()


Basis = Literal[
    "register", "case_records", "service_records", "duty_roster", "accounts", "training_records",
    "inspection", "test", "sensor", "likes", "online_votes", "forwards", "media_praise", "online_minutes",
    "learning_minutes", "check_ins", "tracks", "points_ranking", "log_counts",
]  # fmt: skip
"""Where a fact comes from. From `likes` on the law restricts its use as a basis (G1, D9)."""


class Fact(Titled):
    """事实数据: one figure or word per assessee, from a register that is kept anyway."""

    unit: Unit
    basis: Basis = "register"
    collected: Literal["existing_record", "entered"] = "existing_record"
    minutes: Exact = Fraction(0)
    """Working minutes per assessee and period that delivering it costs; 0 for records kept anyway."""
    choices: tuple[str, ...] = ()
    """Words that the fact may be, where it is a word."""
    if_absent: Exact | None = None
    """What holds where nobody delivered the fact: only for counts of events (0 complaints), else unknown."""


class _Measure(Titled):
    """Base of measures: one value per assessee and period."""


class BallotMean(_Measure):
    """Mean points of the ballots: the estimate that `fairness.counts` names; of one item the direct one."""

    of: Literal["ballots.mean"]
    instrument: Identifier | None = None
    item: Name | None = None


class BallotShare(_Measure):
    """Share of ballots by answer: `counts` gives the value of each code (满意 1, 基本满意 0.9), others 0."""

    of: Literal["ballots.share"]
    instrument: Identifier | None = None
    item: Name
    counts: dict[int, Exact]
    left_out: tuple[int, ...] = ()


class MarkAnchor(Part):
    """What marks from here up to the next anchor mean, in words that raters read beside the field."""

    from_: Annotated[Exact, Field(alias="from")]
    text: Bilingual


class AppraisalMean(_Measure):
    """Mean over raters of their marks: the sum over items of each item's mean, or of the items named."""

    of: Literal["appraisals.mean"]
    raters: Name
    items: tuple[Name, ...] = ()
    anchors: tuple[MarkAnchor, ...] = ()
    """Words for marks, the best first; they change no number."""

    @field_validator("anchors")
    @classmethod
    def _fall(cls, anchors: tuple[MarkAnchor, ...]) -> tuple[MarkAnchor, ...]:
        """Each begins below the one before: between two of them a mark would have two meanings."""
        if any(above.from_ <= below.from_ for above, below in pairwise(anchors)):
            raise ValueError("anchors are written from the best marks down")
        return anchors


class AppraisalShare(_Measure):
    """Share of marks of an item that reach `from_points`."""

    of: Literal["appraisals.share"]
    raters: Name
    item: Name
    from_points: Exact


class VisitCoverage(_Measure):
    """Households visited over the quota, at most 1 (S3)."""

    of: Literal["visits.coverage"]
    quota: VisitQuota


class CaseRate(_Measure):
    """Cases that meet `numerator` (or its values) over those that meet `denominator`, without exclusions."""

    of: Literal["cases.rate"]
    numerator: Condition
    denominator: Condition


class CaseCount(_Measure):
    """Number of cases that meet a condition."""

    of: Literal["cases.count"]
    when: Condition


class FactRate(_Measure):
    """A share of facts: both expressions over facts, in one unit."""

    of: Literal["facts.rate"]
    numerator: Condition
    denominator: Condition


Whose = Literal["self", "grid", "community", "street", "district"]
"""The assessee itself, or the place of that level to which it belongs (its id is then the area's)."""


class ResultScore(_Measure):
    """Score of a scheme (this or another): of the assessee or of the place it belongs to, over periods."""

    of: Literal["results.score"]
    scheme: Identifier
    whose: Whose = "self"
    periods: Literal["current", "previous", "year", "year_before"] = "current"
    aggregate: Literal["mean", "sum", "least", "greatest", "last", "count"] = "last"
    at_least: Annotated[int, Field(ge=1)] = 1
    """Fewest assessed periods for a value."""


class ResultCount(_Measure):
    """Number of periods of a scheme in which a condition held, e.g. months in which the grade fell."""

    of: Literal["results.count"]
    scheme: Identifier
    whose: Whose = "self"
    periods: Literal["year", "year_before"] = "year"
    when: Condition


class ResultGrade(_Measure):
    """Grade that another scheme gave: cascade from community to worker (B1)."""

    of: Literal["results.grade"]
    scheme: Identifier
    whose: Whose = "self"
    periods: Literal["current", "previous", "year", "year_before"] = "current"


class Formula(_Measure):
    """A formula over facts, values and other measures."""

    of: Literal["formula"]
    value: Condition
    unit: Unit


Measure = Annotated[
    BallotMean
    | BallotShare
    | AppraisalMean
    | AppraisalShare
    | VisitCoverage
    | CaseRate
    | CaseCount
    | FactRate
    | ResultScore
    | ResultGrade
    | ResultCount
    | Formula,
    Field(discriminator="of"),
]
