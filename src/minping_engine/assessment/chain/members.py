"""Who is assessed in a district, on which ground, by how many ballots: from targets to people.

In: cells and frame of a district, the run's setting. Out: `Members` and arrays (A,) or (A, k) over them.
Targets of one assessee combine by eligible households and share of posting; a shared target counts for
each of its people.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minping_engine.assessment.chain.adjust import MILLI
from minping_engine.assessment.chain.cells import DistrictCells, Floats, Frame, Ints
from minping_engine.assessment.chain.people import Members, combine, shares, target_sizes
from minping_engine.assessment.chain.plan import Plan
from minping_engine.assessment.chain.progress import RoundCells
from minping_engine.assessment.chain.setting import Setting
from minping_engine.assessment.chain.shrink import Ground
from minping_engine.assessment.chain.weigh import CellWeights
from minping_engine.estimation.indices import BallotSums
from minping_engine.evidence import TOTAL_VARIABLE, DistrictEvidence

BUILDING = "building"


def members_of(cells: DistrictCells, frame: Frame, setting: Setting) -> Members:
    """Assessees all of whose rated targets lie in this district."""
    design = setting.design
    rows = design.by_target
    here, _ = cells.places(rows.target)
    elsewhere = np.bincount(rows.assessee, ~here & rows.seen, design.assessees.num_rows) > 0
    inside = here & ~elsewhere[rows.assessee]
    who, assessee = np.unique(rows.assessee[inside], return_inverse=True)
    target = cells.places(rows.target[inside])[1]
    street = np.zeros(len(who), dtype=np.int64)
    street[assessee[::-1]] = frame.street[target[::-1]]
    return Members(
        who, assessee.astype(np.int64), target, rows.share[inside], street, setting.groups.number[who]
    )


def ground_under(cells: DistrictCells, members: Members, share: Floats, setting: Setting) -> Ground:
    """Covariates of the rated areas, averaged over an assessee's targets."""
    area = setting.design.area_of(cells.targets)
    values = setting.covariates.values
    of_target = np.where((area >= 0)[:, None], values[area], np.nan)
    return Ground(setting.covariates.names, combine(members, share, of_target))


def ballots_of(
    district: DistrictEvidence, cells: DistrictCells, members: Members, setting: Setting
) -> BallotSums:
    """Ballots of each assessee, and how many of them had full marks."""
    total = len(cells.targets)
    s, ss = (np.bincount(cells.target, part, total) for part in (cells.s, cells.ss))
    full: Floats = np.zeros(total)
    if setting.plan.spec.histograms:
        counts = district.counts()
        at_top = (counts["variable"].to_numpy() == TOTAL_VARIABLE) & (
            counts["value"].to_numpy() == setting.full_milli
        )
        place = np.searchsorted(cells.targets, counts["target"].to_numpy()[at_top])
        full += np.bincount(place, counts["n"].to_numpy()[at_top], total)

    def summed(values: NDArray[np.float64] | Ints) -> Floats:
        of_row = values[members.target].astype(np.float64)
        made: Floats = np.bincount(members.assessee, of_row, len(members.who)).astype(np.float64)
        return made

    return BallotSums(
        summed(cells.ballots).astype(np.int64),
        summed(s) / MILLI,
        summed(ss) / MILLI**2,
        summed(full).astype(np.int64),
    )


def building_shares(district: DistrictEvidence, cells: DistrictCells, members: Members, plan: Plan) -> Floats:
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


def round_cells(cells: DistrictCells, members: Members) -> RoundCells:
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


def cell_sizes(cells: DistrictCells, weights: CellWeights, members: Members, plan: Plan) -> Floats:
    """Households of each assessee's cells by this round's weights, (A, cells)."""
    by_target = weights.micro.reshape(len(cells.targets), -1, plan.n_cells).sum(axis=1) / 1e6
    made = np.zeros((len(members.who), plan.n_cells))
    np.add.at(made, members.assessee, by_target[members.target])
    return made


def shares_of(cells: DistrictCells, frame: Frame, members: Members) -> Floats:
    """Share of each row of `members` in its assessee's mean."""
    return shares(members, target_sizes(cells.households(frame.eligible), cells.ballots), cells.ballots)
