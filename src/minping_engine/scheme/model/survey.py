"""The questionnaire's side of a scheme: items, points per ballot, sampling plan, means (S18)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from minping_engine.scheme.model.values import VisitQuota
from minping_engine.scheme.model.words import Bilingual, Identifier, MilliPoints, Part


class Answer(Part):
    """One answer that can be given: code in the ballots, label, points."""

    code: Annotated[int, Field(ge=0, le=32000)]
    label: Bilingual
    points: MilliPoints
    asks_reason: bool = False
    """Whether choosing it asks for more work than the others do (the linter refuses that, D4)."""
    preset: bool = False
    """Whether it is chosen beforehand: silence would count as an answer (the linter refuses that, B3)."""


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


class SamplingPlan(Part):
    """抽样: who is asked, and how many."""

    unit: Literal["household", "person"]
    votes_per_unit: Literal[1] = 1
    target_ballots: Annotated[int, Field(ge=0, strict=True)] | None = None
    visit_quota: VisitQuota | None = None


class Means(Part):
    """调查方式: who collects, by which modes."""

    collected_by: Bilingual
    modes: tuple[str, ...]
