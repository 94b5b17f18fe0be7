"""The chain from evidence to fair estimates, one district at a time (ADR 9, docs/method/fair-scores.md).

In: evidence and the run's setting. Out: `DistrictFair`: everything that the steps found in a district. A
district is assessed by itself: its numbers are the same alone and among a hundred others, and memory
stays that of one district.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minping_engine.assessment.chain.adjust import Adjustment, TargetEstimates, estimate_targets
from minping_engine.assessment.chain.cells import DistrictCells, Floats, Frame, frame_of
from minping_engine.assessment.chain.compare import Comparison, Counted, compare
from minping_engine.assessment.chain.costs import CostReport, cost_report
from minping_engine.assessment.chain.drivers import DriverReport, driver_report
from minping_engine.assessment.chain.members import (
    ballots_of,
    building_shares,
    cell_sizes,
    ground_under,
    members_of,
    round_cells,
    shares_of,
)
from minping_engine.assessment.chain.online import OnlineReport, blend_online
from minping_engine.assessment.chain.people import AdjustedPeople, Members, adjust_people
from minping_engine.assessment.chain.progress import Change, People, RoundCells, change_between
from minping_engine.assessment.chain.setting import Setting
from minping_engine.assessment.chain.shrink import Ground, ShrunkenPeople, plain_reliability, shrink
from minping_engine.assessment.chain.weigh import CellWeights, weigh
from minping_engine.evidence import DistrictEvidence


@dataclass(frozen=True)
class TargetPart:
    """What is known of the district's targets."""

    cells: DistrictCells
    frame: Frame
    weights: CellWeights
    estimates: TargetEstimates
    adjustment: Adjustment | None


@dataclass(frozen=True)
class DistrictFair:
    """What the chain found in one district; `people` and on are arrays (A,) in order of `members.who`."""

    district: str
    targets: TargetPart
    members: Members
    ground: Ground
    people: AdjustedPeople
    online: OnlineReport | None
    shrunken: ShrunkenPeople
    comparison: Comparison
    round_cells: RoundCells
    progress: Change | None
    cost: CostReport | None
    drivers: DriverReport | None


def fair_district(district: DistrictEvidence, cells: DistrictCells, setting: Setting) -> DistrictFair:
    """The chain on one district."""
    targets = _targets(district, cells, setting)
    members = members_of(cells, targets.frame, setting)
    share = shares_of(cells, targets.frame, members)
    ground = ground_under(cells, members, share, setting)
    people = adjust_people(members, targets.estimates, share, targets.adjustment, setting.full_points)
    people, online = _with_online(district, cells, members, people, setting)
    shrunken = shrink(people, members.group, ground, setting.limits.shown_from)
    counted = Counted(
        _reliability(people, shrunken, members, setting),
        ballots_of(district, cells, members, setting),
        building_shares(district, cells, members, setting.plan),
    )
    comparison = compare(people, shrunken, members.group, counted, (setting.limits, setting.ranks))
    now = round_cells(cells, members)
    progress = _change(targets, members, now, setting)
    cost = _cost(targets, members, progress, setting)
    drivers = driver_report(district, cells, targets.frame, setting.plan)
    found = (shrunken, comparison, now, progress, cost, drivers)
    return DistrictFair(district.district, targets, members, ground, people, online, *found)


def _targets(district: DistrictEvidence, cells: DistrictCells, setting: Setting) -> TargetPart:
    frame = frame_of(cells, setting.plan, setting.small)
    weights = weigh(cells, frame, setting.plan)
    estimates, adjustment = estimate_targets(district, cells, weights, setting.plan)
    return TargetPart(cells, frame, weights, estimates, adjustment)


def _with_online(
    district: DistrictEvidence,
    cells: DistrictCells,
    members: Members,
    people: AdjustedPeople,
    setting: Setting,
) -> tuple[AdjustedPeople, OnlineReport | None]:
    """People with their open online samples blended in, where there are any and the scheme wants it."""
    use = setting.fairness.online
    if use is None or district.district not in setting.online:
        return people, None
    rule = (use.cap_percent / 100, setting.full_points)
    return blend_online(setting.online[district.district], cells, members, people, rule)


def _reliability(
    people: AdjustedPeople, shrunken: ShrunkenPeople, members: Members, setting: Setting
) -> Floats:
    """Of the score that counts: plain scores are judged by plain differences, levelled by levelled ones."""
    if setting.fairness.counts == "direct":
        return plain_reliability(people, members.group, setting.limits.shown_from)
    return shrunken.reliability


def _change(targets: TargetPart, members: Members, now: RoundCells, setting: Setting) -> Change | None:
    if setting.earlier is None:
        return None
    sizes = cell_sizes(targets.cells, targets.weights, members, setting.plan)
    people = People(members.who, members.street, members.group)
    rule = (sizes, setting.limits.shown_from, setting.full_points)
    return change_between((setting.earlier, now), people, setting.plan, targets.adjustment, rule)


def _cost(
    targets: TargetPart, members: Members, progress: Change | None, setting: Setting
) -> CostReport | None:
    if progress is None or setting.costs is None:
        return None
    known = targets.cells.households(targets.frame.eligible)[members.target].astype(np.float64)
    of_row: Floats = np.where(known < 0, np.nan, known * members.share / 1000)
    served = np.zeros(len(members.who))
    np.add.at(served, members.assessee, of_row)
    spent = (setting.costs.yuan[members.who], setting.costs.variance[members.who])
    return cost_report(progress, served, setting.full_points, spent)
