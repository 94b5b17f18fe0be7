"""What is the same for every district of a run: plan, small tables, groups, thresholds, earlier rounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from minping_engine.assessment.chain.cells import Floats, SmallTables
from minping_engine.assessment.chain.costs import Costs
from minping_engine.assessment.chain.groups import Groups
from minping_engine.assessment.chain.plan import Plan
from minping_engine.assessment.chain.progress import RoundCells
from minping_engine.assessment.chain.shrink import Ground
from minping_engine.assessment.design import Design
from minping_engine.evidence import DistrictEvidence
from minping_engine.scheme import Disclosure, Fairness, RankPlan


@dataclass(frozen=True)
class Setting:
    """`covariates` by row of `areas`; `online` are open online ballots by district, if the scheme asks;

    `attributes` by name over all assessees, for the fairness report only; `cuts` are grade limits, rising.
    """

    plan: Plan
    fairness: Fairness
    small: SmallTables
    groups: Groups
    covariates: Ground
    limits: Disclosure
    ranks: RankPlan
    full_milli: int
    earlier: RoundCells | None
    online: Mapping[str, DistrictEvidence]
    costs: Costs | None
    attributes: Mapping[str, Floats]
    cuts: Floats

    @property
    def design(self) -> Design:
        """Who answers for what."""
        return self.small.design

    @property
    def full_points(self) -> float:
        """Most points of a ballot."""
        return self.full_milli / 1000
