"""What a scheme asks of the ballots: the evidence specification (evidence.md 4).

In: a loaded scheme and the snapshot's cell variables. Out: `EvidenceSpec`, a plain value whose
hash names the evidence; schemes with equal specs share it. It knows items, their points in
whole thousandths, what makes a ballot count, and which cell variables divide ballots.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cached_property

from minping_engine.errors import RefusedError
from minping_engine.scheme import BallotShare, Fairness, Instrument, LoadedScheme
from minping_engine.snapshot import json_sha256
from minping_engine.terms import Mode

MOST_DRIVERS = 16
TOTAL_VARIABLE = 0
"""Number of the total among the variables; items follow from 1 in the instrument's order."""


@dataclass(frozen=True)
class ItemSpec:
    """An item: its column's name is `item_<item>`; points (thousandths) by answer code, codes ascending."""

    item: str
    points: tuple[tuple[int, int], ...]

    @property
    def max_milli(self) -> int:
        """Most points, in thousandths."""
        return max(milli for _, milli in self.points)


@dataclass(frozen=True)
class CellSpec:
    """A cell variable with its number of levels."""

    variable: str
    levels: int


@dataclass(frozen=True)
class EvidenceSpec:
    """Everything the kernel needs to know, and nothing it does not."""

    instrument: str
    items: tuple[ItemSpec, ...]
    minimum_answered: int
    modes: tuple[int, ...]
    frame_cells: tuple[CellSpec, ...] = ()
    ballot_cells: tuple[CellSpec, ...] = ()
    histograms: tuple[str, ...] = ()
    """Variables (`total`, item ids) of which ballots are counted by value (`counts`)."""
    clusters: tuple[str, ...] = ()
    """Kinds of clusters to sum by (`clusters`); a kind's column is `cluster_<kind>`."""
    driver_sets: tuple[tuple[str, ...], ...] = ()
    """Sets of items whose cross-products are wanted (`moments`), at most `MOST_DRIVERS` each."""

    def __post_init__(self) -> None:
        known = {item.item for item in self.items}
        for drivers in self.driver_sets:
            unknown = sorted(set(drivers) - known)
            if unknown or len(drivers) > MOST_DRIVERS:
                raise RefusedError.of(
                    "evidence.bad_drivers",
                    n=len(drivers),
                    most=MOST_DRIVERS,
                    unknown=", ".join(unknown) or "-",
                )

    @cached_property
    def sha256(self) -> str:
        """Names the evidence made by this spec."""
        return json_sha256(asdict(self))

    @property
    def total_milli(self) -> int:
        """Most points of a ballot, in thousandths."""
        return sum(item.max_milli for item in self.items)

    @property
    def unit_milli(self) -> int:
        """Largest unit in which all points are whole: the kernel counts in it."""
        return math.gcd(*(milli for item in self.items for _, milli in item.points)) or 1

    @property
    def variables(self) -> tuple[str, ...]:
        """Names by number: the total, then the items."""
        return ("total", *(item.item for item in self.items))


def evidence_spec(
    scheme: LoadedScheme,
    frame_cells: tuple[CellSpec, ...] = (),
    ballot_cells: tuple[CellSpec, ...] = (),
    *,
    open_online: bool = False,
) -> EvidenceSpec:
    """What a scheme asks of the ballots, divided by those cell variables that the snapshot has.

    Self-selected online ballots do not count (S23, D3); with `open_online` they alone do, for the
    separate estimate, and nothing beyond sums is asked of them.
    """
    instrument, fairness = scheme.scheme.instrument, scheme.scheme.fairness
    asked = fairness if fairness and not open_online else None
    return EvidenceSpec(
        instrument=instrument.key,
        items=tuple(
            ItemSpec(item.id, tuple(sorted((answer.code, answer.points) for answer in item.answers)))
            for item in instrument.items
        ),
        minimum_answered=scheme.scheme.scoring.total.minimum_answered,
        modes=tuple(sorted(mode.value for mode in Mode if (mode is Mode.OPEN_ONLINE) == open_online)),
        frame_cells=frame_cells,
        ballot_cells=ballot_cells,
        histograms=(*(("total",) if asked else ()), *(() if open_online else share_items(scheme))),
        clusters=(asked.clusters,) if asked and asked.clusters else (),
        driver_sets=_driver_sets(instrument, asked),
    )


def share_items(scheme: LoadedScheme) -> tuple[str, ...]:
    """Items of the questionnaire of which some measure wants shares by answer."""
    form = scheme.scheme.instrument
    wanted = {
        measure.item
        for measure in scheme.scheme.measures
        if isinstance(measure, BallotShare) and measure.instrument in (None, form.id)
    }
    return tuple(item.id for item in form.items if item.id in wanted)


def _driver_sets(instrument: Instrument, asked: Fairness | None) -> tuple[tuple[str, ...], ...]:
    """The overall item first, then its possible drivers."""
    if asked is None or asked.drivers_of is None:
        return ()
    return ((asked.drivers_of, *(item.id for item in instrument.items if item.id != asked.drivers_of)),)
