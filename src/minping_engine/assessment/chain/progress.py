"""Progress since the last comparable round, on one mix of respondents and one scale of modes (progress.md).

In: cells of this round and of the round before. Out: `Progress` (change, error, state) per assessee. This
round's effects of modes and of respondents leave both rounds; a scheme without adjusters puts both to this
round's weighted cells instead. So neither other respondents nor other modes pass for a change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.assessment.chain.adjust import MILLI, Adjustment
from minping_engine.assessment.chain.cells import Floats, Ints
from minping_engine.assessment.chain.plan import Plan, mode_name
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


@dataclass(frozen=True)
class Mix:
    """How both rounds come to one mix: `effects` (cells,) of cells in points, or `sizes` (A, cells)."""

    effects: Floats | None
    sizes: Floats


def mix_of(plan: Plan, adjustment: Adjustment | None, sizes: Floats) -> Mix:
    """Effects of the case mix by cell where the scheme adjusts for respondents, else weights of cells."""
    if adjustment is None or not plan.adjusters:
        return Mix(None, sizes)
    effects = np.zeros(plan.n_cells)
    for place, column in enumerate(adjustment.columns):
        if column.step != "mode":
            at = plan.levels_of(column.step) == int(column.level)
            effects[at] += adjustment.fit.coefficient[place, 0]
    return Mix(effects, sizes)


def progress_between(
    now: RoundCells,
    before: RoundCells,
    who: Ints,
    mix: Mix,
    group: Ints,
    adjustment: Adjustment | None,
) -> Progress | None:
    """Change of each of `who` (A,). None where no model can be fitted."""
    waves = [_spread(one, who, mix.sizes.shape[1], adjustment) for one in (before, now)]
    n, s, ss = (np.stack([wave[part] for wave in waves], axis=1) for part in range(3))
    if mix.effects is None:
        made = standardised_waves(n, s, ss, size=np.rint(mix.sizes).astype(np.int64))
        value, variance = made.value / MILLI, made.variance / MILLI**2
    else:
        value, variance = _at_one_mix(n, s, ss, mix.effects)
    floor = np.nanmedian(variance) * 1e-3 if np.isfinite(variance).any() else 1.0
    groups, place = np.unique(group, return_inverse=True)
    known = independent(value, np.where(variance > 0, variance, floor))
    try:
        return progress_index(KnownErrors(known.value, known.covariance, place.astype(np.int64), len(groups)))
    except MinpingError:
        return None


def _at_one_mix(n: Ints, s: Ints, ss: Ints, effects: Floats) -> tuple[Floats, Floats]:
    """Means (A, rounds) of what is left once effects of cells are out, and their squared errors; points."""
    shift = np.rint(effects * MILLI).astype(np.int64)
    left, square = s - shift * n, ss - shift * (2 * s - shift * n)
    total, sums, squares = (part.sum(axis=2).astype(np.float64) for part in (n, left, square))
    safe = np.maximum(total, 1.0)
    spread = np.maximum(squares - sums * sums / safe, 0.0) / np.maximum(total - 1.0, 1.0)
    there = total > 1
    return np.where(there, sums / safe, np.nan) / MILLI, np.where(there, spread / safe, np.nan) / MILLI**2


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
