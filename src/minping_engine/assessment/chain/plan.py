"""What a scheme's part `fairness` can mean on this snapshot: which cell variables divide the ballots.

In: a loaded scheme and a snapshot's cell variables. Out: `Plan`: variables with their levels, the
evidence spec, and warnings about what the scheme asks for and the snapshot does not bring. A scheme
without that part has a plan that asks for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import Problem, Severity
from minping_engine.evidence import CellSpec, EvidenceSpec, evidence_spec
from minping_engine.scheme import Fairness, LoadedScheme
from minping_engine.snapshot import CELL, CLUSTER, Snapshot
from minping_engine.terms import Known, Mode

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """What is divided by what; `frame` and `ballot` variables in the order of the packed cell."""

    fairness: Fairness | None
    spec: EvidenceSpec
    frame: tuple[CellSpec, ...] = ()
    ballot: tuple[CellSpec, ...] = ()
    nonresponse: bool = False
    margins: tuple[str, ...] = ()
    adjusters: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def variables(self) -> tuple[CellSpec, ...]:
        """All cell variables, frame first: the digits of a packed cell."""
        return (*self.frame, *self.ballot)

    @property
    def n_cells(self) -> int:
        """Number of combinations of levels."""
        return int(np.prod([cell.levels for cell in self.variables], dtype=np.int64))

    @property
    def n_frame_cells(self) -> int:
        """Number of combinations of frame variables."""
        return int(np.prod([cell.levels for cell in self.frame], dtype=np.int64))

    @property
    def n_ballot_cells(self) -> int:
        """Number of combinations of variables that only ballots know: cells of one frame cell."""
        return self.n_cells // self.n_frame_cells

    def levels_of(self, variable: str) -> Ints:
        """Level of `variable` in each packed cell, (n_cells,)."""
        names = [cell.variable for cell in self.variables]
        shape = tuple(cell.levels for cell in self.variables)
        return np.unravel_index(np.arange(self.n_cells), shape)[names.index(variable)].astype(np.int64)

    def levels(self, variable: str) -> int:
        """How many levels `variable` has."""
        return next(cell.levels for cell in self.variables if cell.variable == variable)

    @property
    def layout(self) -> str:
        """Names the packed cell, so that earlier rounds' cells can be told to be the same."""
        return ",".join(f"{cell.variable}:{cell.levels}" for cell in self.variables)


def make_plan(scheme: LoadedScheme, snapshot: Snapshot) -> Plan:
    """The plan of a scheme on a snapshot."""
    fairness = scheme.scheme.fairness
    if fairness is None:
        return Plan(None, evidence_spec(scheme))
    brought = _brought(snapshot)
    weighting = fairness.weighting
    margins = weighting.margins if weighting else ()
    adjusters = tuple(use.variable for use in fairness.adjusters)
    nonresponse = weighting.nonresponse if weighting else ()
    wanted = dict.fromkeys((*nonresponse, *margins, *adjusters))
    missing = [name for name in wanted if name not in brought]
    unframed = [name for name in nonresponse if name in brought and brought[name][1] is not Known.FRAME]
    known = ", ".join(sorted(brought)) or "-"
    found = [_warning("assessment.cell_missing", variable=name, known=known) for name in missing]
    found += [_warning("assessment.not_frame_known", variable=name) for name in unframed]
    unmargined = [
        name for name in margins if name in brought and not _has_margin(snapshot, name, brought[name][1])
    ]
    found += [_warning("assessment.margin_missing", variable=name) for name in unmargined]
    fairness, more = _without_missing_clusters(fairness, snapshot)
    there = [name for name in wanted if name in brought]
    frame = tuple(CellSpec(name, brought[name][0]) for name in there if brought[name][1] is Known.FRAME)
    ballot = tuple(CellSpec(name, brought[name][0]) for name in there if brought[name][1] is not Known.FRAME)
    kept_margins = tuple(name for name in margins if name in brought and name not in unmargined)
    used = scheme.with_fairness(fairness)
    return Plan(
        fairness,
        evidence_spec(used, frame, ballot),
        frame,
        ballot,
        bool(nonresponse) and not _any_among(nonresponse, missing, unframed),
        kept_margins,
        tuple(name for name in adjusters if name in brought),
        (*found, *more),
    )


def _has_margin(snapshot: Snapshot, variable: str, known: Known) -> bool:
    """Whether the snapshot tells how many households have each level."""
    in_frame = known is Known.FRAME and snapshot.table("sample").num_rows > 0
    return in_frame or variable in snapshot.table("margins")["variable"].unique().to_pylist()


def _any_among(names: tuple[str, ...], *gone: list[str]) -> bool:
    """Whether one of the names is among those that are gone."""
    return any(name in group for name in names for group in gone)


def mode_name(code: int) -> str:
    """A mode's name as schemes write it."""
    return Mode(code).name.lower()


def _brought(snapshot: Snapshot) -> dict[str, tuple[int, Known]]:
    """Cell variables that the ballots carry: number of levels and from where they are known."""
    table = snapshot.table("cell_variables")
    carried = {name.removeprefix(CELL) for name in snapshot.ballot_columns() if name.startswith(CELL)}
    found: dict[str, tuple[int, Known]] = {}
    for variable, level, known in zip(
        table["variable"].to_pylist(), table["level"].to_pylist(), table["known"].to_pylist(), strict=True
    ):
        if variable in carried:
            most = max(level + 1, found.get(variable, (0, Known.BALLOT))[0])
            found[variable] = (most, Known(known))
    return found


def _without_missing_clusters(fairness: Fairness, snapshot: Snapshot) -> tuple[Fairness, list[Problem]]:
    if fairness.clusters is None or f"{CLUSTER}{fairness.clusters}" in snapshot.ballot_columns():
        return fairness, []
    warning = _warning("assessment.cluster_missing", kind=fairness.clusters)
    return fairness.model_copy(update={"clusters": None}), [warning]


def _warning(code: str, **params: object) -> Problem:
    return Problem(code, params=params, severity=Severity.WARNING)
