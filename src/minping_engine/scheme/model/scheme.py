"""A scheme file as a whole (design.md 4)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from minping_engine.scheme.model.evidence import Fact, Measure, RaterGroup
from minping_engine.scheme.model.fairness import Fairness
from minping_engine.scheme.model.grading import Card, Grading, PeriodCount, Veto
from minping_engine.scheme.model.points import Adjustment, Indicator, WholeScore
from minping_engine.scheme.model.survey import (
    Benchmark,
    Instrument,
    Means,
    SamplingPlan,
    Scoring,
    Total,
)
from minping_engine.scheme.model.use import (
    Burden,
    Consultation,
    Disabled,
    Exclusion,
    Feature,
    Objection,
    Pilot,
    Publication,
    Use,
)
from minping_engine.scheme.model.values import Source
from minping_engine.scheme.model.words import Bilingual, Identifier, Part
from minping_engine.terms import AssesseeKind, PeriodKind

NO_SCORING = Scoring(total=Total(points=100, minimum_answered=1), benchmark=Benchmark(of="district"))
"""Of schemes without a questionnaire."""


class Period(Part):
    """考核期: its kind; for cases the day and hour of the cut, and the time by which they belong to it."""

    kind: PeriodKind
    cut_day: Annotated[int, Field(ge=1, le=28)] = 1
    cut_hour: Annotated[int, Field(ge=0, le=23)] = 0
    basis: Literal["created", "closed", "called_back"] | None = None


class Scheme(Part):
    """A scheme, its values looked up.

    With `indicators` a score is the sum of points over the tree; without them it is the mean of the
    ballots' totals.
    """

    minping_scheme: Literal[1]
    id: Identifier
    version: str
    title: Bilingual
    requirements: tuple[str, ...] = ()
    example_only: Bilingual | None = None
    """Set where the rule's text was not available: the preset claims no conformity, and says so."""
    disabled: Disabled | None = None
    assessee_kind: AssesseeKind
    period: Period
    instruments: tuple[Instrument, ...] = ()
    scoring: Scoring = NO_SCORING
    sampling: SamplingPlan = SamplingPlan(unit="household")
    means: Means = Means(collected_by=Bilingual(zh="无问卷", en="no questionnaire"), modes=())
    fairness: Fairness | None = None
    raters: tuple[RaterGroup, ...] = ()
    facts: tuple[Fact, ...] = ()
    measures: tuple[Measure, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    total: WholeScore = WholeScore()
    indicators_at_most: Annotated[int, Field(ge=1)] | None = None
    adjustments: tuple[Adjustment, ...] = ()
    grading: Grading = Grading()
    over_periods: tuple[PeriodCount, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    cards: tuple[Card, ...] = ()
    use: tuple[Use, ...] = ()
    publication: Publication | None = None
    objection: Objection | None = None
    exclusions: tuple[Exclusion, ...] = ()
    burden: Burden | None = None
    legal_basis: tuple[Source, ...] = ()
    consultations: tuple[Consultation, ...] = ()
    pilot: Pilot | None = None
    features: tuple[Feature, ...] = ()

    @property
    def instrument(self) -> Instrument:
        """The questionnaire; of several the first (the engine reduces one at a time)."""
        return self.instruments[0]

    @property
    def has_tree(self) -> bool:
        """Whether the score is made of indicators."""
        return bool(self.indicators)
