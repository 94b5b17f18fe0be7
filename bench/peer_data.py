"""Columns for the peers in R, written by the bench so that reading is no part of anybody's time.

In: a snapshot's ballots and what our jobs of `statistics.py` made (merged levels). Out: plain binary
columns of the ballots that count (little-endian int32, doubles with NaN for no answer), one file each,
and the margins' totals by target (column-major).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from bench.district import Floats, Ints, Known
from bench.jobs import ITEMS, POINTS, parts_of

CELLS = ("age_band", "sex", "tenure")
MISSING = -1
OPEN_ONLINE = 7


def write_columns(snapshot: Path, known: Known, folder: Path) -> None:
    """Everything that `bench/peers.R` reads."""
    (part,) = parts_of(snapshot)
    names = ["target", "mode", *(f"cell_{cell}" for cell in CELLS), *(f"item_{item}" for item in ITEMS)]
    table = pq.read_table(part, columns=names, partitioning=None)
    column = {name: table[name].fill_null(MISSING).to_numpy().astype(np.int64) for name in names}
    points = np.stack([_points(column[f"item_{item}"], item) for item in ITEMS], axis=1)
    answered = np.isfinite(points).sum(axis=1)
    counts = (answered >= 4) & (column["mode"] != OPEN_ONLINE)
    column = {name: values[counts] for name, values in column.items()}
    points, answered = points[counts], answered[counts]
    target = np.searchsorted(known.targets, column["target"])
    whole = {"target": target, "mode": column["mode"]} | {cell: column[f"cell_{cell}"] for cell in CELLS}
    # The same half-up thousandths as the kernel's pro-rated total.
    total = np.floor(np.nansum(points, axis=1) * 5000 / answered + 0.5) / 1000
    double = {"eligible": known.eligible[target].astype(np.float64), "total": total}
    double |= dict(zip(ITEMS, points.T, strict=True))
    _write_merged(folder, known, whole)
    for name, values in whole.items():
        values.astype("<i4").tofile(folder / f"{name}.bin")
    for name, numbers in double.items():
        numbers.astype("<f8").tofile(folder / f"{name}.bin")


def _points(codes: Ints, item: str) -> Floats:
    table = np.full(codes.max(initial=0) + 2, np.nan)
    for code, points in POINTS[item].items():
        if code < len(table) - 1:
            table[code] = points
    return table[codes]  # a missing answer is the last entry


def _write_merged(folder: Path, known: Known, whole: dict[str, Ints]) -> None:
    """Levels and totals after thin levels were merged, as our raking saw them."""
    made = np.load(folder / "rakings.npz")
    for margin in known.margins:
        group = made[f"group_{margin.name}"]
        merged = group[whole["target"], whole[margin.name]]
        whole[f"merged_{margin.name}"] = merged
        totals = np.zeros_like(margin.totals)
        who = np.arange(len(totals))
        for level in range(margin.n_levels):
            totals[who, group[:, level]] += margin.totals[:, level]
        totals = totals[:, : int(merged.max()) + 1]
        np.asfortranarray(totals).astype("<f8").ravel(order="F").tofile(folder / f"totals_{margin.name}.bin")
