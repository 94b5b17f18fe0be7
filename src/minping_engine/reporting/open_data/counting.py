"""Counts for open data: ballots by place, answer, mode and class, from the kernel's sums.

In: a snapshot, a scheme with one questionnaire. Out: `Counted`, leaves by place. Only the kernel reads
ballots; it is asked for all answers and all classes at once, in a folder that goes away.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from minping_engine.evidence import (
    CellSpec,
    Evidence,
    EvidenceSpec,
    collect_evidence,
    evidence_spec,
    scheduler_named,
)
from minping_engine.reporting.places import SHOWN_LEVELS, Places
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import CELL, Snapshot
from minping_engine.terms import Known

MODE = "mode"
EVERYWHERE = "*"
REST = "/rest"
"""Ending of the code of what lies in a place but in none of the places below it that are shown."""


@dataclass
class Counted:
    """Leaves of one questionnaire: counts by place, and sums of points in units of `spec.unit_milli`."""

    spec: EvidenceSpec
    parents: dict[str, str]
    ballots: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    answers: dict[tuple[str, str, int], int] = field(default_factory=lambda: defaultdict(int))
    """(place, item, code) -> ballots."""
    classes: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    """(place, variable, level) -> ballots; the mode is a variable too."""
    points: dict[tuple[str, str, str, str], tuple[int, int]] = field(
        default_factory=lambda: defaultdict(lambda: (0, 0))
    )
    """(place, item, variable, level) -> answers, points."""

    @property
    def variables(self) -> tuple[str, ...]:
        """What ballots are divided by."""
        return (MODE, *(cell.variable for cell in (*self.spec.frame_cells, *self.spec.ballot_cells)))


def count_ballots(snapshot: Snapshot, scheme: LoadedScheme, places: Places) -> Counted:
    """Count the ballots of the scheme's (only) questionnaire that enter scores."""
    spec = _spec(snapshot, scheme)
    with tempfile.TemporaryDirectory(prefix="minping-open-data-") as folder:
        evidence = collect_evidence(snapshot, spec, Path(folder), scheduler_named("serial", 1))
        leaf_of, parents = _leaves(snapshot, places, _targets_of(evidence))
        counted = Counted(spec, parents)
        for district in evidence:
            _add_answers(counted, district.counts(), leaf_of)
            _add_cells(counted, district.cells(), leaf_of)
    return counted


def _spec(snapshot: Snapshot, scheme: LoadedScheme) -> EvidenceSpec:
    """All answers, all classes, nothing else."""
    carried = set(snapshot.ballot_columns())
    levels: dict[tuple[bool, str], int] = {}
    for row in snapshot.table("cell_variables").to_pylist():
        if f"{CELL}{row['variable']}" in carried:
            key = (row["known"] == Known.FRAME, row["variable"])
            levels[key] = max(levels.get(key, 0), row["level"] + 1)
    frame = tuple(CellSpec(name, size) for (framed, name), size in sorted(levels.items()) if framed)
    ballot = tuple(CellSpec(name, size) for (framed, name), size in sorted(levels.items()) if not framed)
    asked = evidence_spec(scheme, frame, ballot)
    items = tuple(item.item for item in asked.items)
    return replace(asked, histograms=items, clusters=(), driver_sets=())


def _targets_of(evidence: Evidence) -> set[int]:
    return {target for district in evidence for target in district.units()["target"].unique().to_pylist()}


def _leaves(snapshot: Snapshot, places: Places, targets: set[int]) -> tuple[dict[int, str], dict[str, str]]:
    """target -> smallest place shown that holds it, and the tree of these places: code -> code above."""
    rows = snapshot.table("targets").select(["target", "area_id"]).to_pylist()
    leaf_of: dict[int, str] = {}
    parents: dict[str, str] = {}
    for row in rows:
        if row["target"] not in targets:
            continue
        chain = [place.area_id for place in places.chain(row["area_id"]) if place.level in SHOWN_LEVELS]
        leaf_of[row["target"]] = chain[0] if chain else EVERYWHERE
        parents.update(zip(chain, [*chain[1:], EVERYWHERE], strict=False))
    above = set(parents.values()) | {EVERYWHERE}
    for target, leaf in leaf_of.items():
        if leaf in above:
            leaf_of[target] = leaf + REST
            parents[leaf + REST] = leaf
    return leaf_of, _without_lone_root(parents)


def _without_lone_root(parents: dict[str, str]) -> dict[str, str]:
    """One district is the total itself."""
    tops = [code for code, parent in parents.items() if parent == EVERYWHERE]
    if len(tops) == 1 and tops[0] in parents.values():
        return {code: parent for code, parent in parents.items() if code != tops[0]}
    return parents


def _add_answers(counted: Counted, table: pa.Table, leaf_of: dict[int, str]) -> None:
    names = counted.spec.variables
    grouped = table.group_by(["target", "variable", "value"]).aggregate([("n", "sum")])
    for row in grouped.to_pylist():
        counted.answers[leaf_of[row["target"]], names[row["variable"]], row["value"]] += row["n_sum"]


def _add_cells(counted: Counted, table: pa.Table, leaf_of: dict[int, str]) -> None:
    names, unit = counted.spec.variables, counted.spec.unit_milli
    for variable, levels in _levels(counted.spec, table):
        cells = table.append_column("level", pa.array(levels))
        grouped = cells.group_by(["target", "variable", "level"]).aggregate([("n", "sum"), ("s", "sum")])
        for row in grouped.to_pylist():
            place, name, level = leaf_of[row["target"]], names[row["variable"]], str(row["level"])
            if row["variable"] == 0:
                counted.classes[place, variable, level] += row["n_sum"]
                if variable == MODE:
                    counted.ballots[place] += row["n_sum"]
                continue
            n, s = counted.points[place, name, variable, level]
            counted.points[place, name, variable, level] = (n + row["n_sum"], s + row["s_sum"] // unit)


def _levels(spec: EvidenceSpec, table: pa.Table) -> Iterator[tuple[str, np.ndarray]]:
    """(variable, level of each row): the mode, then the classes that are packed into cells."""
    yield MODE, table["mode"].to_numpy()
    for column, cells in (("frame_cell", spec.frame_cells), ("calib_cell", spec.ballot_cells)):
        if cells:
            unpacked = np.unravel_index(table[column].to_numpy(), tuple(cell.levels for cell in cells))
            for cell, levels in zip(cells, unpacked, strict=True):
                yield cell.variable, levels.astype(np.int64)
