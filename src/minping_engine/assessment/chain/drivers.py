"""What goes with the overall answer in one district (drivers.md): shares by item, and where to start.

In: cross-products of complete ballots by target. Out: `DriverReport` with shares of R^2, jackknife
intervals over streets, mean points and a quadrant per item. Unweighted and within targets; association,
not cause, and the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.assessment.chain.cells import DistrictCells, Floats, Frame
from minping_engine.assessment.chain.plan import Plan
from minping_engine.errors import MinpingError
from minping_engine.estimation.indices import (
    CrossProducts,
    SharesWithError,
    driver_shares_with_error,
    importance_performance,
    within_products,
)
from minping_engine.evidence import DistrictEvidence


@dataclass(frozen=True)
class DriverReport:
    """`items` (p,) ids of drivers; `performance` (p,) mean share of the most points; `quadrant` (p,)."""

    outcome: str
    items: tuple[str, ...]
    shares: SharesWithError
    performance: Floats
    quadrant: NDArray[np.str_]
    ballots: int


def driver_report(
    district: DistrictEvidence, cells: DistrictCells, frame: Frame, plan: Plan
) -> DriverReport | None:
    """The report of one district; None where none is asked for or nothing can be computed."""
    if not plan.spec.driver_sets:
        return None
    names = plan.spec.driver_sets[0]
    moments = district.moments()
    if not moments.num_rows:
        return None
    k = len(names)
    n = moments["n"].to_numpy()
    s = moments["s"].combine_chunks().values.to_numpy().reshape(-1, k)
    packed = moments["ss"].combine_chunks().values.to_numpy().reshape(len(n), -1)
    ss = np.zeros((len(n), k, k), dtype=np.int64)
    upper = np.triu_indices(k)
    ss[:, upper[0], upper[1]] = packed
    ss[:, upper[1], upper[0]] = packed
    street = frame.street[np.searchsorted(cells.targets, moments["target"].to_numpy())]
    try:
        products, df = within_products(CrossProducts(n, s, ss), street, int(street.max()) + 1)
        shares = driver_shares_with_error(products, df)
    except MinpingError:
        return None
    most = {item.item: item.max_milli for item in plan.spec.items}
    performance = np.array(
        [s[:, place].sum() / max(n.sum(), 1) / most[name] for place, name in enumerate(names)]
    )
    usual = np.full(k - 1, float(performance[1:].mean()))
    return DriverReport(
        names[0],
        names[1:],
        shares,
        performance[1:],
        importance_performance(shares.shares.share, performance[1:], usual),
        int(n.sum()),
    )
