"""One district's sums as arrays, for the jobs of `bench/statistics.py`.

In: a snapshot with one district. Out: `Known`, what is known before any ballot is read (scheme, plan,
eligible households, margins), and `Sums`, what one pass of the kernel makes of the ballots.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from minping_engine.assessment.chain.cells import district_cells, frame_of, small_tables
from minping_engine.assessment.chain.plan import Plan, make_plan
from minping_engine.assessment.design import read_design
from minping_engine.evidence import TOTAL_VARIABLE, EvidenceSpec, collect_evidence, scheduler_named
from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import Snapshot, open_snapshot
from minping_engine.weighting import Margin

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
ASKED = {"histograms": (), "clusters": (), "driver_sets": ()}
"""What these jobs leave out of the scheme's evidence."""


@dataclass(frozen=True)
class Known:
    """`targets` (T,) are the numbers of targets with counted ballots; `eligible` (T,) their households."""

    snapshot: Snapshot
    scheme: LoadedScheme
    plan: Plan
    targets: Ints
    eligible: Ints
    margins: tuple[Margin, ...]


@dataclass(frozen=True)
class Sums:
    """Rows of cells: `target` local number, `cell` packed, `mode`; `n`, `s`, `ss` (rows, variables)."""

    target: Ints
    cell: Ints
    mode: Ints
    n: Ints
    s: Ints
    ss: Ints


def known_of(folder: Path) -> Known:
    """Scheme, plan and small tables. Targets here have one stratum each, as those of the demo."""
    snapshot, scheme = open_snapshot(folder, verify=False), load_scheme("gulou-worker", demo=True)
    plan = make_plan(scheme, snapshot)
    with tempfile.TemporaryDirectory() as home:
        (district,) = collect_evidence(snapshot, divided(plan.spec), Path(home), scheduler_named("serial"))
        cells = district_cells(district, plan)
    design = read_design(snapshot, (cells.targets[cells.unit_target], cells.unit_stratum))
    frame = frame_of(cells, plan, small_tables(snapshot, design))
    margins = tuple(
        Margin(name, plan.levels_of(name), frame.margins[name].astype(np.float64)) for name in plan.margins
    )
    return Known(snapshot, scheme, plan, cells.targets, frame.eligible, margins)


def divided(spec: EvidenceSpec) -> EvidenceSpec:
    """Sums by target, mode and all cell variables."""
    return replace(spec, **ASKED)  # type: ignore[arg-type]  # names checked at run time


def undivided(spec: EvidenceSpec) -> EvidenceSpec:
    """Sums by target and mode only."""
    return replace(divided(spec), frame_cells=(), ballot_cells=())


def sums_of(known: Known, spec: EvidenceSpec, *, total_only: bool = False) -> Sums:
    """One pass over the ballots, written and read back as the engine does."""
    with tempfile.TemporaryDirectory() as home:
        (district,) = collect_evidence(known.snapshot, spec, Path(home), scheduler_named("serial"))
        table = district.cells()
    column = {name: table[name].to_numpy() for name in table.column_names}
    first = column["variable"] == TOTAL_VARIABLE
    values = _totals(column, first) if total_only else _pivoted(column, first, len(spec.variables))
    inner = int(np.prod([cell.levels for cell in spec.ballot_cells], dtype=np.int64))
    cell = column["frame_cell"][first] * inner + column["calib_cell"][first]
    target = np.searchsorted(known.targets, column["target"][first])
    return Sums(target, cell, column["mode"][first], *values)


def _totals(column: dict[str, Ints], first: NDArray[np.bool_]) -> list[Ints]:
    return [column[name][first][:, None] for name in ("n", "s", "ss")]


def _pivoted(column: dict[str, Ints], first: NDArray[np.bool_], variables: int) -> list[Ints]:
    """Every cell has a row of the total, followed by those of items that anybody answered."""
    row = np.cumsum(first) - 1
    values = []
    for name in ("n", "s", "ss"):
        filled = np.zeros((int(row[-1]) + 1, variables), dtype=np.int64)
        filled[row, column["variable"]] = column[name]
        values.append(filled)
    return values


def over_modes(sums: Sums, n_cells: int) -> Sums:
    """The same added up over modes, which are neighbours: one row per target and cell with ballots."""
    key = sums.target * n_cells + sums.cell
    first = np.flatnonzero(np.diff(key, prepend=-1))
    values = [np.add.reduceat(part, first, axis=0) for part in (sums.n, sums.s, sums.ss)]
    return Sums(sums.target[first], sums.cell[first], np.zeros_like(first), *values)
