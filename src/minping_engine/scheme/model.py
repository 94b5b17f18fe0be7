"""Structure of a scheme file (design.md 4, S18): what a district official writes.

Strict: an unknown key is an error with its place. A value may stand inline or, as
`{value: ID}`, in `values/ID.yaml` with dates and source. Points are whole thousandths inside
the engine; a scheme writes them as decimal numbers with at most three places.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from minping_engine.terms import AssesseeKind, PeriodKind

MILLI = 1000


def _milli_from_points(value: object) -> int:
    """Points as written -> whole thousandths. Raises ValueError past three decimal places."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("points are a number")
    scaled = Decimal(str(value)) * MILLI
    if scaled != scaled.to_integral_value():
        raise ValueError("points have at most three decimal places")
    return int(scaled)


MilliPoints = Annotated[
    int, BeforeValidator(_milli_from_points), PlainSerializer(lambda milli: float(Decimal(milli) / MILLI))
]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]


class Part(BaseModel):
    """Base of all parts: frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Bilingual(Part):
    """A text in Chinese and English."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def of(self, language: str) -> str:
        """The text in `language` (zh or en)."""
        return self.en if language == "en" else self.zh


class Answer(Part):
    """One answer that can be given: code in the ballots, label, points."""

    code: Annotated[int, Field(ge=0, le=32000)]
    label: Bilingual
    points: MilliPoints


class Item(Part):
    """One question. `behaviour` asks what happened, `scale` how satisfied somebody is."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    kind: Literal["behaviour", "scale"]
    text: Bilingual
    short: Bilingual
    answers: Annotated[tuple[Answer, ...], Field(min_length=2)]
    advice: Bilingual | None = None

    @property
    def max_milli(self) -> int:
        """Most points the item can bring, in thousandths."""
        return max(answer.points for answer in self.answers)


class Instrument(Part):
    """问卷: items and version. Ballots of other versions are not read."""

    id: Identifier
    version: str
    title: Bilingual
    items: Annotated[tuple[Item, ...], Field(min_length=1)]

    @property
    def key(self) -> str:
        """ID@VERSION, as snapshots name it."""
        return f"{self.id}@{self.version}"


class Total(Part):
    """The total of one ballot: `points` in all, pro rata over the items answered."""

    points: MilliPoints
    minimum_answered: Annotated[int, Field(ge=1)]


class Benchmark(Part):
    """What a score is set beside: the mean of all assessees of the level (S7)."""

    of: Literal["district", "street", "community"]


class Scoring(Part):
    """评分: from answers to a score."""

    total: Total
    benchmark: Benchmark
    interval_percent: Literal[90, 95, 99] = 95


class ValueRef(Part):
    """A dated value kept in `values/<id>.yaml`."""

    value: Identifier


class WeightPlan(Part):
    """权数: nonresponse by frame variables, then raking to margins in the order written (weighting.md).

    `lower`, `upper` bound g = weight / base; `ranges` caps a ballot at median + ranges x IQR.
    """

    nonresponse: tuple[str, ...] = ()
    margins: tuple[str, ...] = ()
    thin: Annotated[int, Field(ge=0, le=1000)] = 15
    lower: Annotated[float, Field(gt=0, lt=1)] = 0.3
    upper: Annotated[float, Field(gt=1, le=100)] = 3.0
    ranges: Annotated[float, Field(ge=1, le=100)] | None = 6.0


class AdjusterUse(Part):
    """A variable of the answering person or household that leaves the score (fair-adjustment.md).

    Nothing that describes the assessed person and no outcome can be named here.
    """

    variable: str
    describes: Literal["respondent", "household"]


class ModeUse(Part):
    """调查方式调整: effects of modes, learned where chance chose the mode."""

    reference: Literal["visit", "phone", "sms", "qr", "paper", "web"]
    selection_bound: Annotated[float, Field(ge=0, le=100)] = 0.0
    """How far, in points, choosing one's mode may shift an effect; 0 = only randomised ballots count."""


class ComparisonGroup(Part):
    """可比组: assessees whose area of `level` has the same attribute are compared with one another."""

    level: Literal["district", "street", "community"]
    attribute: Literal["self", "area_class", "area_kind", "urban_rural"]


class RankPlan(Part):
    """名次: level of intervals, what counts as the top, and the widest ranking that may be shown."""

    level_percent: Literal[90, 95, 99] = 95
    top_percent: Annotated[int, Field(ge=1, le=50)] = 10
    widest_percent: Annotated[int, Field(ge=1, le=100)] = 50


class OnlineUse(Part):
    """Open online answers beside the drawn sample; the cap on their weight is 0 unless a scheme says so."""

    cap_percent: Annotated[int, Field(ge=0, le=50)] = 0


class Fairness(Part):
    """公平: what is taken out of a score, with whom it is compared, and which estimate counts."""

    counts: Literal["direct", "adjusted", "shrunken"] = "direct"
    weighting: WeightPlan | None = None
    adjusters: tuple[AdjusterUse, ...] = ()
    modes: ModeUse | None = None
    context: tuple[str, ...] = ()
    clusters: str | None = None
    comparison_group: ComparisonGroup | None = None
    ranks: RankPlan = RankPlan()
    drivers_of: str | None = None
    """The overall item whose drivers are wanted."""
    online: OnlineUse | None = None
    noticeable_points: Annotated[float, Field(gt=0, le=100)] = 1.0
    """From which size on the fairness report calls a difference one."""


class SamplingPlan(Part):
    """抽样: who is asked, and how many."""

    unit: Literal["household", "person"]
    votes_per_unit: Literal[1] = 1
    target_ballots: ValueRef | int | None = None
    visit_quota: ValueRef | None = None


class Means(Part):
    """调查方式: who collects, by which modes."""

    collected_by: Bilingual
    modes: tuple[str, ...]


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


class Grading(Part):
    """等次: bands by points, or by chance, or a quota; an unpublished value means no grades."""

    bands: ValueRef | None = None
    chances: ChanceGrades | None = None
    quota: QuotaGrades | None = None


class Use(Part):
    """结果运用: what follows from a result; always a proposal that a person signs."""

    kind: Identifier
    text: Bilingual


class Period(Part):
    """考核期 of the scheme."""

    kind: PeriodKind


class Scheme(Part):
    """A scheme as written, before its values are looked up."""

    minping_scheme: Literal[1]
    id: Identifier
    version: str
    title: Bilingual
    requirements: tuple[str, ...] = ()
    assessee_kind: AssesseeKind
    period: Period
    instrument: Instrument
    scoring: Scoring
    sampling: SamplingPlan
    means: Means
    grading: Grading = Grading()
    fairness: Fairness | None = None
    use: tuple[Use, ...] = ()


class Source(Part):
    """Where a value comes from. `grade`: law, government, press, document_copy, inference, recommendation."""

    title: str
    clause: str
    date: Any
    grade: Literal["law", "government", "press", "document_copy", "inference", "recommendation"]


class DatedValue(Part):
    """A value and the day from which it holds (`unknown` where the source does not say)."""

    from_: Annotated[Any, Field(alias="from")]
    value: Any
    state: Literal["in_force", "not_published"] = "in_force"


class ValueFile(Part):
    """One file of `values/`. `demo` fills an unpublished value in demonstrations only."""

    minping_values: Literal[1]
    id: Identifier
    title: Bilingual
    unit: str
    note: Bilingual | None = None
    values: Annotated[tuple[DatedValue, ...], Field(min_length=1)]
    demo: Any = None
    source: Source


class Band(Part):
    """One grade: everything from `from_points` up, until the next band."""

    grade: str
    label: Bilingual
    from_points: MilliPoints


class VisitQuota(Part):
    """走访户数: how many different households in which window (S3)."""

    count: Annotated[int, Field(ge=1)]
    window: Literal["quarter", "year"]


class Threshold(Part):
    """One threshold of `common/disclosure.yaml`."""

    value: Annotated[int, Field(ge=0)]
    unit: str
    title: Bilingual


class DisclosureFile(Part):
    """`common/disclosure.yaml`: the one place for thresholds of disclosure and trust."""

    minping_values: Literal[1]
    id: Literal["disclosure"]
    title: Bilingual
    source: Source
    values: dict[str, Threshold]
