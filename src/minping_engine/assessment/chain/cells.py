"""One district's evidence as arrays: cells of targets, with what the snapshot knows of each target.

In: the evidence of one district, the plan, the snapshot's small tables. Out: `DistrictCells` (sums of
the total by cell) and `Frame` (eligible, drawn, margins). Targets and units are numbered within the
district, in order of their keys, so that neither row order nor other districts move a bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.assessment.chain.plan import Plan
from minping_engine.assessment.design import Design, unit_key
from minping_engine.evidence import TOTAL_VARIABLE, DistrictEvidence
from minping_engine.snapshot import CELL, Snapshot

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DistrictCells:
    """Rows (rows,) of counted ballots: `target`, `unit` are local numbers; sums in thousandths of a point.

    `targets` (T,) are the targets' own numbers; `unit_target` (U,) local targets of units (strata).
    """

    targets: Ints
    unit_target: Ints
    unit_stratum: Ints
    target: Ints
    unit: Ints
    cell: Ints
    mode: Ints
    randomised: NDArray[np.bool_]
    n: Ints
    s: Ints
    ss: Ints

    @property
    def ballots(self) -> Ints:
        """Ballots of each target, (T,)."""
        return np.bincount(self.target, self.n, len(self.targets)).astype(np.int64)

    @property
    def local_stratum(self) -> Ints:
        """Number of each unit among its target's units, from 0, (U,)."""
        first = np.searchsorted(self.unit_target, np.arange(len(self.targets)))
        made: Ints = np.arange(len(self.unit_target)) - first[self.unit_target]
        return made

    def places(self, target: Ints) -> tuple[NDArray[np.bool_], Ints]:
        """Which of some targets belong to the district, and the local numbers of those that do."""
        if not len(self.targets):
            return np.zeros(len(target), dtype=bool), np.zeros(0, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.targets, target), len(self.targets) - 1)
        inside = self.targets[place] == target
        return inside, place[inside].astype(np.int64)

    def households(self, eligible: Ints) -> Ints:
        """Eligible households of each target from those of units, (T,); -1 where one is unknown."""
        known = np.bincount(self.unit_target, np.maximum(eligible, 0), len(self.targets))
        unknown = np.bincount(self.unit_target, eligible <= 0, len(self.targets)) > 0
        return np.where(unknown, -1, known).astype(np.int64)

    def by_frame_cell(self, plan: Plan) -> Ints:
        """Ballots by target and frame cell."""
        frame_cell = self.cell // plan.n_ballot_cells
        size = len(self.targets) * plan.n_frame_cells
        summed = np.bincount(self.target * plan.n_frame_cells + frame_cell, self.n, size)
        return summed.astype(np.int64).reshape(-1, plan.n_frame_cells)


@dataclass(frozen=True)
class Frame:
    """What is known of targets and units beyond ballots; -1 where it is not.

    `eligible`, `drawn` (U,); `drawn_by_cell` (T, frame cells), -1 in a row that no sample table tells;
    `margins`: variable -> (T, levels) eligible households; `street` (T,) numbers streets from 0.
    """

    eligible: Ints
    drawn: Ints
    drawn_by_cell: Ints
    margins: dict[str, Ints]
    street: Ints


def district_cells(district: DistrictEvidence, plan: Plan) -> DistrictCells:
    """The rows of the total."""
    table = district.cells()
    columns = {name: table[name].to_numpy() for name in table.column_names}
    rows = columns["variable"] == TOTAL_VARIABLE
    columns = {name: column[rows] for name, column in columns.items()}
    calibration = plan.n_ballot_cells
    pairs, unit = np.unique(unit_key(columns["target"], columns["stratum"]), return_inverse=True)
    unit_targets = pairs >> 16
    targets, unit_target = np.unique(unit_targets, return_inverse=True)
    return DistrictCells(
        targets,
        unit_target.astype(np.int64),
        pairs & 0xFFFF,
        unit_target[unit].astype(np.int64),
        unit.astype(np.int64),
        columns["frame_cell"] * calibration + columns["calib_cell"],
        columns["mode"],
        columns["randomised"] == 1,
        columns["n"],
        columns["s"],
        columns["ss"],
    )


@dataclass(frozen=True)
class SmallTables:
    """Snapshot tables as they are needed for every district, opened once."""

    sample: pa.Table
    margins: dict[str, pa.Table]
    """By variable."""
    design: Design


def frame_of(cells: DistrictCells, plan: Plan, small: SmallTables) -> Frame:
    """What the snapshot knows of the district's targets."""
    units = small.design.units
    place = units.index(cells.targets[cells.unit_target], cells.unit_stratum)
    street = small.design.street_of(cells.targets)
    return Frame(
        units.eligible[place],
        units.drawn[place],
        _by_frame_cell(cells, plan, small.sample, "drawn"),
        {name: _margin(cells, plan, small, name) for name in plan.margins},
        np.unique(street, return_inverse=True)[1].astype(np.int64),
    )


def _by_frame_cell(cells: DistrictCells, plan: Plan, sample: pa.Table, column: str) -> Ints:
    """A column of the sample table by target and frame cell; -1 in rows of targets it does not know."""
    shape = (len(cells.targets), plan.n_frame_cells)
    names = [f"{CELL}{cell.variable}" for cell in plan.frame]
    if not sample.num_rows or not set(names) <= set(sample.column_names):
        return np.full(shape, -1, dtype=np.int64)
    inside, place = cells.places(sample["target"].to_numpy())
    packed = np.zeros(int(inside.sum()), dtype=np.int64)
    for name, cell in zip(names, plan.frame, strict=True):
        packed = packed * cell.levels + sample[name].to_numpy()[inside]
    values = sample[column].to_numpy()[inside]
    summed = np.bincount(place * shape[1] + packed, values, shape[0] * shape[1])
    known = np.bincount(place, minlength=shape[0]) > 0
    return np.where(known[:, None], summed.reshape(shape).astype(np.int64), -1)


def _margin(cells: DistrictCells, plan: Plan, small: SmallTables, variable: str) -> Ints:
    """Eligible households by level: from the margins, or from the frame if it knows the variable.

    A level that the table leaves out of a known margin has none.
    """
    levels = plan.levels(variable)
    mine = small.margins.get(variable)
    if mine is None:
        return _frame_margin(cells, plan, small.sample, variable)
    inside, place = cells.places(mine["target"].to_numpy().astype(np.int64))
    level = mine["level"].to_numpy()[inside].astype(np.int64)
    made = np.full((len(cells.targets), levels), -1, dtype=np.int64)
    made[np.unique(place)] = 0
    made[place, level] = mine["eligible"].to_numpy()[inside]
    return made


def _frame_margin(cells: DistrictCells, plan: Plan, sample: pa.Table, variable: str) -> Ints:
    eligible = _by_frame_cell(cells, plan, sample, "eligible")
    names = [cell.variable for cell in plan.frame]
    shape = tuple(cell.levels for cell in plan.frame)
    level = np.unravel_index(np.arange(plan.n_frame_cells), shape)[names.index(variable)]
    made = np.zeros((len(cells.targets), plan.levels(variable)), dtype=np.int64)
    for cell, at in enumerate(level):
        made[:, at] += eligible[:, cell]
    unknown = np.asarray((eligible < 0).any(axis=1))
    return np.where(unknown[:, None], -1, made)


def small_tables(snapshot: Snapshot, design: Design) -> SmallTables:
    """Open what every district needs."""
    margins = snapshot.table("margins")
    by_variable = {
        name: margins.filter(pa.compute.equal(margins["variable"], name)).combine_chunks()
        for name in margins["variable"].unique().to_pylist()
    }
    return SmallTables(snapshot.table("sample"), by_variable, design)
