"""Progress since the last comparable round, on one mix of respondents and one scale of modes (progress.md).

In: cells of this round and of the round before. Out: `Progress` (change, error, state) per assessee. Both
rounds are put to this round's weighted cells, and this round's mode effects leave both, so that neither
other respondents nor other modes pass for a change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.assessment.chain.adjust import MILLI, Adjustment
from minping_engine.assessment.chain.cells import Floats, Ints
from minping_engine.errors import MinpingError
from minping_engine.estimation.indices import (
    KnownErrors,
    Progress,
    independent,
    progress_index,
    standardised_waves,
)


@dataclass(frozen=True)
class RoundCells:
    """Sums (rows,) by assessee (row of the design), packed cell and mode; thousandths of a point."""

    assessee: Ints
    cell: Ints
    mode: Ints
    n: Ints
    s: Ints
    ss: Ints


def earlier_round(table: pa.Table, scheme: str, layout: str, period: str, ids: pa.Array) -> RoundCells | None:
    """Cells of the newest earlier period made by the same scheme with the same cells; None without one."""
    same = pc.and_(pc.equal(table["scheme"], scheme), pc.equal(table["layout"], layout))
    rows = table.filter(pc.and_(same, pc.less(table["period"], period)))
    if not rows.num_rows:
        return None
    rows = rows.filter(pc.equal(rows["period"], pc.max(rows["period"])))
    who = pc.index_in(rows["assessee_id"].combine_chunks(), ids)
    known = pc.is_valid(who)
    rows, who = rows.filter(known), who.filter(known)
    numbers = (rows[name].to_numpy().astype(np.int64) for name in ("cell", "mode", "n", "s", "ss"))
    return RoundCells(who.to_numpy().astype(np.int64), *numbers)


def progress_between(
    now: RoundCells,
    before: RoundCells,
    who: Ints,
    sizes: Floats,
    group: Ints,
    adjustment: Adjustment | None,
) -> Progress | None:
    """Change of each of `who` (A,); `sizes` (A, cells) weigh cells. None where no model can be fitted."""
    n_cells = sizes.shape[1]
    waves = [_spread(one, who, n_cells, adjustment) for one in (before, now)]
    n, s, ss = (np.stack([wave[part] for wave in waves], axis=1) for part in range(3))
    made = standardised_waves(n, s, ss, size=np.rint(sizes).astype(np.int64))
    variance = made.variance / MILLI**2
    floor = np.nanmedian(variance) * 1e-3 if np.isfinite(variance).any() else 1.0
    groups, place = np.unique(group, return_inverse=True)
    known = independent(made.value / MILLI, np.where(variance > 0, variance, floor))
    try:
        return progress_index(KnownErrors(known.value, known.covariance, place.astype(np.int64), len(groups)))
    except MinpingError:
        return None


def _spread(
    rows: RoundCells, who: Ints, n_cells: int, adjustment: Adjustment | None
) -> tuple[Ints, Ints, Ints]:
    """(A, cells) arrays of n, s, ss with mode effects taken out, modes added up."""
    place = np.minimum(np.searchsorted(who, rows.assessee), len(who) - 1)
    mine = (who[place] == rows.assessee) & (rows.cell < n_cells)
    shift = _mode_shift(adjustment, rows.mode[mine])
    n, s, ss = rows.n[mine], rows.s[mine], rows.ss[mine]
    s, ss = s - shift * n, ss - shift * (2 * s - shift * n)
    at = place[mine] * n_cells + rows.cell[mine]
    size = len(who) * n_cells
    # Whole numbers below 2^53: adding them up as floats loses nothing.
    sums = (np.bincount(at, part, size).astype(np.int64).reshape(-1, n_cells) for part in (n, s, ss))
    first, second, third = sums
    return first, second, third


def _mode_shift(adjustment: Adjustment | None, mode: Ints) -> Ints:
    from minping_engine.assessment.chain.plan import mode_name

    shift = np.zeros(len(mode), dtype=np.int64)
    if adjustment is None:
        return shift
    effects = {
        column.level: float(adjustment.fit.coefficient[place, 0])
        for place, column in enumerate(adjustment.columns)
        if column.step == "mode"
    }
    for code in np.unique(mode):
        shift[mode == code] = round(effects.get(mode_name(int(code)), 0.0) * MILLI)
    return shift
