"""What a gain costs (cost.md): progress in satisfied households against money spent on it.

In: progress and eligible households of the assessed, the snapshot's table `costs`. Out: `CostReport` with
Fieller's set per assessee. Only where a district records costs; nothing is ranked by it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.assessment.chain.cells import Floats
from minping_engine.assessment.chain.progress import Change
from minping_engine.errors import SnapshotError
from minping_engine.estimation.indices import CostEffect, CostPerHousehold, cost_per_household
from minping_engine.snapshot import Snapshot


@dataclass(frozen=True)
class Costs:
    """Arrays over all assessees: yuan and squared error, NaN where none is recorded."""

    yuan: Floats
    variance: Floats


@dataclass(frozen=True)
class CostReport:
    """Arrays (A,): gain in satisfied households and its error, yuan, yuan per household with its set."""

    gain: Floats
    gain_se: Floats
    yuan: Floats
    ratio: CostPerHousehold


def read_costs(snapshot: Snapshot, ids: pa.Array) -> Costs | None:
    """Costs of the period by assessee; None where the snapshot brings none."""
    table = snapshot.table("costs")
    if not table.num_rows:
        return None
    below = table.filter(pc.less(table["yuan"], 0.0))
    if below.num_rows:
        first = below["assessee_id"][0].as_py()
        raise SnapshotError.of("assessment.negative_cost", n=below.num_rows, id=first)
    at = pc.index_in(table["assessee_id"].combine_chunks(), ids)
    there = pc.is_valid(at)
    place = at.filter(there).to_numpy()
    made = Costs(np.full(len(ids), np.nan), np.full(len(ids), np.nan))
    made.yuan[place] = table["yuan"].combine_chunks().filter(there).to_numpy(zero_copy_only=False)
    error = table["yuan_se"].combine_chunks().fill_null(0.0).filter(there).to_numpy(zero_copy_only=False)
    made.variance[place] = error**2
    return made


def cost_report(
    progress: Change, households: Floats, full_points: float, costs: tuple[Floats, Floats]
) -> CostReport:
    """Cost per satisfied household gained; `households`, `costs` (yuan, squared error) are (A,)."""
    yuan, variance = costs
    scale = households / full_points
    gain, gain_se = progress.change * scale, progress.se * scale
    data = CostEffect(gain, gain_se**2, yuan, variance, np.zeros(len(yuan)))
    made = cost_per_household(data)
    # A loss has no price: the set still says what the data leave open.
    return CostReport(gain, gain_se, yuan, replace(made, ratio=np.where(gain > 0, made.ratio, np.nan)))
