"""The open online sample: a separate estimate, and at most a capped blend (S23, D3; online-sample.md).

In: sums of open online ballots of one district, the adjusted scores from the drawn sample. Out:
`OnlineReport` per assessee. Whatever arrives online moves nobody further than the bound; with the default
cap of 0 it moves nobody at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from minping_engine.assessment.chain.adjust import MILLI
from minping_engine.assessment.chain.cells import DistrictCells, Floats, Ints
from minping_engine.assessment.chain.people import FLOOR_SHARE, AdjustedPeople, Members
from minping_engine.estimation.indices import Blend, TwoSamples, blend_samples
from minping_engine.evidence import TOTAL_VARIABLE, DistrictEvidence


@dataclass(frozen=True)
class OnlineReport:
    """Arrays (A,): ballots, mean and error of the online sample (NaN without one), and what it moved."""

    n: Ints
    estimate: Floats
    se: Floats
    blend: Blend


def blend_online(
    online: DistrictEvidence,
    cells: DistrictCells,
    members: Members,
    people: AdjustedPeople,
    rule: tuple[float, float],
) -> tuple[AdjustedPeople, OnlineReport]:
    """People with their online samples blended in. `rule`: cap (0 to 0.5) and most points."""
    cap, full_points = rule
    n, mean, variance = _sums(online, cells, members, full_points)
    blend = blend_samples(TwoSamples(people.value, people.variance, mean, variance), cap=cap)
    moved = np.where(np.isfinite(blend.moved), blend.moved, 0.0)
    blended = replace(
        people,
        value=blend.value,
        variance=blend.se**2,
        steps=(*people.steps, "online"),
        moved=np.concatenate([people.moved, moved[:, None]], axis=1),
    )
    return blended, OnlineReport(n, mean, np.sqrt(variance), blend)


def _sums(
    online: DistrictEvidence, cells: DistrictCells, members: Members, full_points: float
) -> tuple[Ints, Floats, Floats]:
    """Ballots, mean and squared error of each assessee's online ballots; errors pooled over all of them."""
    table = online.cells()
    rows = table["variable"].to_numpy() == TOTAL_VARIABLE
    target = table["target"].to_numpy()[rows]
    mine, place = cells.places(target)
    n, s, ss = (
        np.bincount(place, table[name].to_numpy()[rows][mine], len(cells.targets))
        for name in ("n", "s", "ss")
    )
    n, s, ss = (np.bincount(members.assessee, part[members.target], len(members.who)) for part in (n, s, ss))
    some = n > 0
    mean = np.where(some, s / np.where(some, n, 1.0) / MILLI, np.nan)
    inside = np.where(some, ss - s * s / np.where(some, n, 1.0), 0.0) / MILLI**2
    free = float(np.maximum(n - 1, 0).sum())
    floor = (FLOOR_SHARE * full_points) ** 2
    pooled = max(float(inside.sum()) / free if free > 0 else (full_points / 2) ** 2, floor)
    return n.astype(np.int64), mean, np.where(some, pooled / np.where(some, n, 1.0), np.nan)
