"""Fairness: what is taken out of a score, with whom it is compared, which estimate counts (ADR 9)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from minping_engine.scheme.model.words import Part


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

    level: Literal["district", "street", "community", "grid", "responsibility_area"]
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
