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
        return np.searchsorted(unit_key(self.target, self.stratum), unit_key(target, stratum))


@dataclass(frozen=True)
class TargetRows:
    """Rows (assessee, target, share in per mille), sorted; `seen` where the target has counted ballots."""

    assessee: Ints
    target: Ints
    share: Ints
    seen: NDArray[np.bool_]

    def any_of(self, targets: Ints) -> bool:
        """Whether anybody answers for one of these targets."""
        return bool(np.isin(self.target, targets).any())


@dataclass(frozen=True)
class Design:
    """The design of a round as arrays."""

    assessees: pa.Table
    units: Units
    responsibility: Responsibility
    posted: tuple[Ints, Ints]
    """Who (row of `assessees`) answers for which target, each pair once."""
    by_target: TargetRows
    shared: NDArray[np.bool_]
    areas: pa.Table
    ancestor: dict[AreaLevel, Ints]
    """Per level: each assessee's area of that level as a row number of `areas`, or -1."""
    targets: Ints
    """All targets' numbers, rising."""
    target_area: Ints
    """Row of `areas` that each target rates, -1 where the snapshot does not say."""
    target_street: Ints
    """Row of `areas` of each target's street, -1 where there is none."""

    def street_of(self, target: Ints) -> Ints:
        """Street of each target (a row of `areas`, -1 = none)."""
        return _looked_up(self.targets, self.target_street, target)

    def area_of(self, target: Ints) -> Ints:
        """Rated area of each target (a row of `areas`, -1 = none)."""
        return _looked_up(self.targets, self.target_area, target)


def _looked_up(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], -1).astype(np.int64)


def unit_key(target: Ints, stratum: Ints) -> Ints:
    """One number for a unit, in the order of (target, stratum); the target is its upper 48 bits."""
    return target.astype(np.int64) * (1 << 16) + stratum


def read_design(snapshot: Snapshot, seen: tuple[Ints, Ints]) -> Design:
    """The design for the units of the frame and those `seen` in ballots (target, stratum)."""
    assessees = snapshot.table("assessees").sort_by("assessee_id")
    areas = snapshot.table("areas").sort_by("area_id")
    units = _units(snapshot, seen)
    targets = snapshot.table("targets").sort_by("target")
    of_targets = _ancestors(targets["area_id"], areas)
    rows = _area_rows(targets["area_id"], areas)
    who, target, share = _posted(snapshot.table("postings"), assessees)
    return Design(
        assessees=assessees,
        units=units,
        responsibility=_responsibility(who, target, share, units, assessees.num_rows),
        posted=(who, target),
        by_target=_by_target(who, target, share, seen[0]),
        shared=_shared(who, target, assessees.num_rows),
        areas=areas,
        ancestor=_ancestors(assessees["area_id"], areas),
        targets=targets["target"].to_numpy().astype(np.int64),
        target_area=rows,
        target_street=of_targets[AreaLevel.STREET],
    )


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
    pairs = np.union1d(unit_key(known[0], known[1]), unit_key(*seen))
    eligible, drawn = np.full(len(pairs), -1), np.full(len(pairs), -1)
    place = np.searchsorted(pairs, unit_key(known[0], known[1]))
    eligible[place], drawn[place] = known[2], known[3]
    # Nobody was eligible, yet ballots are there: then the frame is not that of these ballots.
    eligible[np.isin(pairs, unit_key(*seen)) & (eligible == 0)] = -1
    target = pairs >> 16
    # A frame that does not know all strata of a target says nothing about any of them.
    incomplete = np.isin(target, target[eligible < 0])
    eligible[incomplete], drawn[incomplete] = -1, -1
    return Units(target, pairs & 0xFFFF, eligible, drawn)


def _posted(postings: pa.Table, assessees: pa.Table) -> tuple[Ints, Ints, Ints]:
    """Assessee (row number), target and share; postings of one person at one target add up."""
    ids = assessees["assessee_id"].to_numpy(zero_copy_only=False)
    merged = postings.group_by(["assessee_id", "target"]).aggregate([("share", "sum")])
    who = np.searchsorted(ids, merged["assessee_id"].to_numpy(zero_copy_only=False)).astype(np.int64)
    return who, merged["target"].to_numpy().astype(np.int64), merged["share_sum"].to_numpy().astype(np.int64)


def _responsibility(who: Ints, target: Ints, share: Ints, units: Units, n_assessees: int) -> Responsibility:
    """Spread postings over the units (strata) of their targets."""
    first = np.searchsorted(units.target, target, side="left")
    last = np.searchsorted(units.target, target, side="right")
    repeat = last - first
    rows = np.repeat(np.arange(len(target)), repeat)
    unit = first[rows] + np.arange(len(rows)) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    order = np.lexsort([unit, who[rows]])
    return Responsibility(who[rows][order], unit[order].astype(np.int64), share[rows][order], n_assessees)


def _by_target(who: Ints, target: Ints, share: Ints, seen: Ints) -> TargetRows:
    order = np.lexsort([target, who])
    return TargetRows(who[order], target[order], share[order], np.isin(target[order], seen))


def _shared(who: Ints, target: Ints, n_assessees: int) -> NDArray[np.bool_]:
    """Whether one of her targets has a second person."""
    targets, people = np.unique(target, return_counts=True)
    shared = np.zeros(n_assessees, dtype=bool)
    shared[who[np.isin(target, targets[people > 1])]] = True
    return shared


def _area_rows(area_ids: pa.ChunkedArray, areas: pa.Table) -> Ints:
    """Row number of each area, -1 for one that the snapshot does not list."""
    ids = areas["area_id"].to_numpy(zero_copy_only=False)
    wanted = area_ids.to_numpy(zero_copy_only=False)
    if not len(ids):
        return np.full(len(wanted), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[place] == wanted, place, -1).astype(np.int64)


def _ancestors(area_ids: pa.ChunkedArray, areas: pa.Table) -> dict[AreaLevel, Ints]:
    """Per level: the area of that level in which each area lies (itself too), as a row number or -1."""
    levels = areas["level"].to_numpy(zero_copy_only=False)
    parent = _area_rows(pa.chunked_array([areas["parent_id"].combine_chunks().fill_null("")]), areas)
    current = _area_rows(area_ids, areas)
    found = {level: np.full(len(current), -1, dtype=np.int64) for level in AreaLevel}
    for _ in AreaLevel:
        for level in AreaLevel:
            here = (current >= 0) & (levels[current] == level.value)
            found[level][here] = current[here]
        current = np.where(current >= 0, parent[current], -1)
    return found
