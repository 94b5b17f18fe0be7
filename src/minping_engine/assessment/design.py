"""Who answers for what: the snapshot's small tables as arrays.

In: areas, assessees, targets, postings, sample or margins. Out: `Design`: units (a stratum of a
target) with their eligible households, the rows assessee x unit x share, and every area's
ancestors. Everything is ordered by key, so that results do not depend on row order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.estimation import Responsibility
from minping_engine.snapshot import TOTAL, Snapshot
from minping_engine.terms import AreaLevel

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """Units sorted by (target, stratum); eligible and drawn are -1 where no frame is known."""

    target: Ints
    stratum: Ints
    eligible: Ints
    drawn: Ints

    def index(self, target: Ints, stratum: Ints) -> Ints:
        """Positions of (target, stratum) pairs, which must be there."""
        return np.searchsorted(_pair(self.target, self.stratum), _pair(target, stratum))


@dataclass(frozen=True)
class Design:
    """The design of a round as arrays."""

    assessees: pa.Table
    units: Units
    responsibility: Responsibility
    shared: NDArray[np.bool_]
    areas: pa.Table
    ancestor: dict[AreaLevel, Ints]
    """Per level: each assessee's area of that level as a row number of `areas`, or -1."""


def _pair(target: Ints, stratum: Ints) -> Ints:
    return target.astype(np.int64) * (1 << 16) + stratum


def read_design(snapshot: Snapshot, seen: tuple[Ints, Ints]) -> Design:
    """The design for the units of the frame and those `seen` in ballots (target, stratum)."""
    assessees = snapshot.table("assessees").sort_by("assessee_id")
    areas = snapshot.table("areas").sort_by("area_id")
    units = _units(snapshot, seen)
    responsibility, shared = _responsibility(snapshot.table("postings"), assessees, units)
    return Design(assessees, units, responsibility, shared, areas, _ancestors(assessees, areas))


def _units(snapshot: Snapshot, seen: tuple[Ints, Ints]) -> Units:
    sample = snapshot.table("sample")
    if sample.num_rows:
        grouped = sample.group_by(["target", "stratum"]).aggregate([("eligible", "sum"), ("drawn", "sum")])
        known = [
            grouped[name].to_numpy().astype(np.int64)
            for name in ("target", "stratum", "eligible_sum", "drawn_sum")
        ]
    else:
        margins = snapshot.table("margins")
        totals = margins.filter(pa.compute.equal(margins["variable"], TOTAL))
        target = totals["target"].to_numpy().astype(np.int64)
        eligible = totals["eligible"].to_numpy().astype(np.int64)
        known = [target, np.zeros_like(target), eligible, np.full_like(target, -1)]
    pairs = np.union1d(_pair(known[0], known[1]), _pair(*seen))
    eligible, drawn = np.full(len(pairs), -1), np.full(len(pairs), -1)
    place = np.searchsorted(pairs, _pair(known[0], known[1]))
    eligible[place], drawn[place] = known[2], known[3]
    target = pairs >> 16
    # A frame that does not know all strata of a target says nothing about any of them.
    incomplete = np.isin(target, target[eligible < 0])
    eligible[incomplete], drawn[incomplete] = -1, -1
    return Units(target, pairs & 0xFFFF, eligible, drawn)


def _responsibility(
    postings: pa.Table, assessees: pa.Table, units: Units
) -> tuple[Responsibility, NDArray[np.bool_]]:
    """Postings of one person at one target add up; a target with two people is shared."""
    ids = assessees["assessee_id"].to_numpy(zero_copy_only=False)
    merged = postings.group_by(["assessee_id", "target"]).aggregate([("share", "sum")])
    who = np.searchsorted(ids, merged["assessee_id"].to_numpy(zero_copy_only=False))
    target = merged["target"].to_numpy().astype(np.int64)
    share = merged["share_sum"].to_numpy().astype(np.int64)
    first = np.searchsorted(units.target, target, side="left")
    last = np.searchsorted(units.target, target, side="right")
    repeat = last - first
    rows = np.repeat(np.arange(len(target)), repeat)
    unit = first[rows] + np.arange(len(rows)) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    order = np.lexsort([unit, who[rows]])
    people = np.unique(target, return_counts=True)
    shared_target = people[0][people[1] > 1]
    shared = np.zeros(len(ids), dtype=bool)
    shared[who[np.isin(target, shared_target)]] = True
    responsibility = Responsibility(
        who[rows][order].astype(np.int64), unit[order].astype(np.int64), share[rows][order], len(ids)
    )
    return responsibility, shared


def _ancestors(assessees: pa.Table, areas: pa.Table) -> dict[AreaLevel, Ints]:
    ids = areas["area_id"].to_numpy(zero_copy_only=False)
    levels = areas["level"].to_numpy(zero_copy_only=False)
    parents = areas["parent_id"].fill_null("").to_numpy(zero_copy_only=False)
    parent = np.where(parents == "", -1, np.searchsorted(ids, parents))
    current = np.searchsorted(ids, assessees["area_id"].to_numpy(zero_copy_only=False)).astype(np.int64)
    found = {level: np.full(len(current), -1, dtype=np.int64) for level in AreaLevel}
    for _ in AreaLevel:
        for level in AreaLevel:
            here = (current >= 0) & (levels[current] == level.value)
            found[level][here] = current[here]
        current = np.where(current >= 0, parent[current], -1)
    return found
