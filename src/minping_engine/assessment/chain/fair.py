"""The chain from evidence to fair estimates, one district at a time (ADR 9).

In: evidence, design, plan, small tables. Out: `FairFigures`: arrays over all assessees and, for each
district, what the models found. A district is assessed by itself: its numbers are the same alone and
among a hundred others, and memory stays that of one district.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.assessment.chain.adjust import Adjustment, TargetEstimates, estimate_targets
from minping_engine.assessment.chain.cells import (
    DistrictCells,
    Floats,
    Frame,
    Ints,
    SmallTables,
    district_cells,
    frame_of,
)
from minping_engine.assessment.chain.compare import Comparison, compare
from minping_engine.assessment.chain.drivers import DriverReport, driver_report
from minping_engine.assessment.chain.groups import Groups
from minping_engine.assessment.chain.people import (
    AdjustedPeople,
    Members,
    adjust_people,
    combine,
    shares,
    target_sizes,
)
from minping_engine.assessment.chain.plan import Plan
from minping_engine.assessment.chain.progress import RoundCells, progress_between
from minping_engine.assessment.chain.shrink import Ground, ShrunkenPeople, shrink
from minping_engine.assessment.chain.weigh import CellWeights, weigh
from minping_engine.assessment.design import Design
from minping_engine.evidence import TOTAL_VARIABLE, DistrictEvidence, Evidence
from minping_engine.estimation.indices import BallotSums, Progress
from minping_engine.scheme import Disclosure, RankPlan

BUILDING = "building"


@dataclass(frozen=True)
class Setting:
    """What is the same for every district of a run."""

    plan: Plan
    small: SmallTables
    groups: Groups
    covariates: Ground
    """Covariates by row of `areas`."""
    limits: Disclosure
    full_milli: int
    earlier: RoundCells | None
    top_percent: int

    @property
    def design(self) -> Design:
        """Who answers for what."""
        return self.small.design

    @property
    def ranks(self) -> RankPlan:
        """Ranks as the scheme wants them; a quota's share stands in for the top share."""
        plan = self.plan.fairness.ranks if self.plan.fairness else RankPlan()
        return plan.model_copy(update={"top_percent": self.top_percent})


@dataclass(frozen=True)
class DistrictFair:
    """What the chain found in one district; arrays of `people` and on are (A,) in order of `members.who`."""

    district: str
    cells: DistrictCells
    frame: Frame
    weights: CellWeights
    targets: TargetEstimates
    adjustment: Adjustment | None
    members: Members
    ground: Ground
    people: AdjustedPeople
    shrunken: ShrunkenPeople
    comparison: Comparison
    progress: Progress | None
    ballots: BallotSums
    drivers: DriverReport | None
    round_cells: RoundCells


def fair_districts(evidence: Evidence, setting: Setting) -> Iterator[DistrictFair]:
    """Every district of the evidence in turn."""
    for district in evidence:
        yield fair_district(district, setting)


def fair_district(district: DistrictEvidence, setting: Setting) -> DistrictFair:
    """The chain on one district."""
    plan, design = setting.plan, setting.design
    cells = district_cells(district, plan)
    frame = frame_of(cells, plan, setting.small)
    weights = weigh(cells, frame, plan)
    targets, adjustment = estimate_targets(cells, frame, weights, plan)
    members = _members(cells, frame, setting)
    eligible = np.bincount(cells.unit_target, np.maximum(frame.eligible, 0), len(cells.targets))
    unknown = np.bincount(cells.unit_target, frame.eligible <= 0, len(cells.targets)) > 0
    share = shares(
        members, target_sizes(np.where(unknown, -1, eligible).astype(np.int64), targets.n), targets.n
    )
    people = adjust_people(members, targets, share, adjustment, setting.full_milli / 1000)
    ground = _ground(cells, members, share, setting)
    shrunken = shrink(people, members.group, ground, setting.limits.shown_from)
    ballots = _ballots(district, cells, members, setting)
    comparison = compare(
        people,
        shrunken,
        members.group,
        ballots,
        _buildings(district, cells, members, plan),
        (setting.limits, setting.ranks),
    )
    now = _round_cells(cells, members)
    progress = None
    if setting.earlier is not None and len(members.who):
        progress = progress_between(
            now,
            setting.earlier,
            members.who,
            _cell_sizes(cells, weights, members, plan),
            members.group,
            adjustment,
        )
    drivers = driver_report(district, cells, frame, plan) if plan.spec.driver_sets else None
    return DistrictFair(
        district.district,
        cells,
        frame,
        weights,
        targets,
        adjustment,
        members,
        ground,
        people,
        shrunken,
        comparison,
        progress,
        ballots,
        drivers,
        now,
    )


def _members(cells: DistrictCells, frame: Frame, setting: Setting) -> Members:
    """Assessees all of whose rated targets lie in this district."""
    design = setting.design
    rows = design.by_target
    place = np.minimum(np.searchsorted(cells.targets, rows.target), max(len(cells.targets) - 1, 0))
    inside = cells.targets[place] == rows.target if len(cells.targets) else np.zeros(len(place), dtype=bool)
    elsewhere = np.bincount(rows.assessee, ~inside & rows.seen, design.assessees.num_rows) > 0
    inside &= ~elsewhere[rows.assessee]
    who, assessee = np.unique(rows.assessee[inside], return_inverse=True)
    target = place[inside].astype(np.int64)
    street = np.zeros(len(who), dtype=np.int64)
    street[assessee[::-1]] = frame.street[target[::-1]]
    return Members(
        who, assessee.astype(np.int64), target, rows.share[inside], street, setting.groups.number[who]
    )


def _ground(cells: DistrictCells, members: Members, share: Floats, setting: Setting) -> Ground:
    """Covariates of the rated areas, averaged over an assessee's targets."""
    area = setting.design.area_of(cells.targets)
    values = setting.covariates.values
    of_target = (
        np.where((area >= 0)[:, None], values[area], np.nan)
        if len(values)
        else np.full((len(area), len(setting.covariates.names)), np.nan)
    )
    return Ground(setting.covariates.names, combine(members, share, of_target))


def _ballots(
    district: DistrictEvidence, cells: DistrictCells, members: Members, setting: Setting
) -> BallotSums:
    """Ballots of each assessee, and how many of them had full marks."""
    total = len(cells.targets)
    s, ss = (np.bincount(cells.target, part, total) for part in (cells.s, cells.ss))
    full = np.zeros(total)
    if setting.plan.spec.histograms:
        counts = district.counts()
        at_top = (counts["variable"].to_numpy() == TOTAL_VARIABLE) & (
            counts["value"].to_numpy() == setting.full_milli
        )
        place = np.searchsorted(cells.targets, counts["target"].to_numpy()[at_top])
        full = np.bincount(place, counts["n"].to_numpy()[at_top], total)

    def summed(values: NDArray[np.float64] | Ints) -> Floats:
        return np.bincount(members.assessee, values[members.target], len(members.who))

    return BallotSums(
        summed(cells.ballots).astype(np.int64),
        summed(s) / 1000,
        summed(ss) / 1e6,
        summed(full).astype(np.int64),
    )


def _buildings(district: DistrictEvidence, cells: DistrictCells, members: Members, plan: Plan) -> Floats:
    """Largest share of an assessee's ballots from one building; NaN where buildings are not known."""
    if not plan.spec.clusters or plan.spec.clusters[0] != BUILDING:
        return np.full(len(members.who), np.nan)
    clusters = district.clusters()
    rows = clusters["variable"].to_numpy() == TOTAL_VARIABLE
    target = np.searchsorted(cells.targets, clusters["target"].to_numpy()[rows])
    pairs, place = np.unique(
        np.stack([target, clusters["cluster"].to_numpy()[rows]]), axis=1, return_inverse=True
    )
    of_pair = np.bincount(place.ravel(), clusters["n"].to_numpy()[rows], pairs.shape[1])
    largest = np.zeros(len(cells.targets))
    np.maximum.at(largest, pairs[0], of_pair)
    most = np.zeros(len(members.who))
    np.maximum.at(most, members.assessee, largest[members.target])
    total = np.bincount(members.assessee, cells.ballots[members.target], len(members.who))
    share: Floats = np.divide(most, total, out=np.full(len(total), np.nan), where=total > 0)
    return share


def _round_cells(cells: DistrictCells, members: Members) -> RoundCells:
    """This round's cells by assessee: what the next round needs for progress."""
    order = np.argsort(cells.target, kind="stable")
    first = np.searchsorted(cells.target[order], np.arange(len(cells.targets) + 1))
    length = (first[1:] - first[:-1])[members.target]
    row = np.repeat(np.arange(len(members.target)), length)
    start = np.repeat(np.cumsum(length) - length, length)
    source = order[first[members.target][row] + np.arange(len(row)) - start]
    key = (members.assessee[row] * (1 << 20) + cells.cell[source]) * 128 + cells.mode[source]
    keys, place = np.unique(key, return_inverse=True)
    n, s, ss = (
        np.bincount(place, part[source], len(keys)).astype(np.int64) for part in (cells.n, cells.s, cells.ss)
    )
    return RoundCells(members.who[keys >> 27], (keys >> 7) & ((1 << 20) - 1), keys & 127, n, s, ss)


def _cell_sizes(cells: DistrictCells, weights: CellWeights, members: Members, plan: Plan) -> Floats:
    """Households of each assessee's cells by this round's weights, (A, cells)."""
    by_target = weights.micro.reshape(len(cells.targets), -1, plan.n_cells).sum(axis=1) / 1e6
    made = np.zeros((len(members.who), plan.n_cells))
    np.add.at(made, members.assessee, by_target[members.target])
    return made
