"""The weight table in whole numbers, so that totals match to the last millionth (docs/method/weighting.md 8).

In: weights added up per assessee x cell. Out: `w_micro`, millionths of a household, whose sums are the
totals exactly. What later steps read: exact from here on.
"""

from __future__ import annotations

import numpy as np

from minping_engine.errors import InputError
from minping_engine.weighting.checks import Flags, Floats, Ints
from minping_engine.weighting.margins import Margin, checked_margins

MICRO = 1_000_000
LARGEST = 2**53 / MICRO


def weight_table(total: Floats, *, margin: Margin | None = None) -> Ints:
    """Cells' weights in whole millionths, (assessees, cells); rows without weights are all 0.

    Largest remainders: each assessee's sum is its rounded total. With `margin` each of that margin's
    (merged) levels has its total exactly; each other sum is off by less than a millionth per cell.
    Negative weights (GREG) are rounded down like others.
    """
    values = np.asarray(total, dtype=np.float64)
    if values.ndim != 2:
        raise InputError.of("weighting.shape", name="total", found=values.shape, needed="(assessees, cells)")
    there: Flags = np.asarray(np.isfinite(values).all(axis=1))
    scaled = np.where(there[:, None], values, 0.0) * MICRO
    if np.abs(scaled).sum(axis=1).max(initial=0.0) >= 2**53:
        raise InputError.of(
            "weighting.parameter_range", name="total", found=float(scaled.max() / MICRO), low=0, high=LARGEST
        )
    level, goal = _goals(scaled, margin, there)
    made = np.asarray(np.floor(scaled), dtype=np.int64)
    for one in range(goal.shape[1]):
        inside = (level == one) & (scaled != 0)
        lacking = goal[:, one] - np.add.reduce(np.where(inside, made, 0), axis=1)
        made += _extra(np.where(inside, scaled - made, -np.inf), inside, lacking)
    return made


def _goals(scaled: Floats, margin: Margin | None, there: Flags) -> tuple[Ints, Ints]:
    """Level of each cell (assessees, cells) and whole totals per level (assessees, levels)."""
    if margin is None:
        sums = np.asarray(np.rint(np.add.reduce(scaled, axis=1)), dtype=np.int64)
        return np.zeros(scaled.shape, dtype=np.int64), sums[:, None]
    side = checked_margins((margin,), scaled.shape)[0]
    own = np.tile(np.arange(side.n_levels), (len(scaled), 1))
    group = own if side.group is None else side.group
    known = np.where(there[:, None], side.totals, 0.0) * MICRO
    columns = [np.add.reduce(np.where(group == one, known, 0.0), axis=1) for one in range(side.n_levels)]
    return group[:, side.level], np.asarray(np.rint(np.stack(columns, axis=1)), dtype=np.int64)


def _extra(remainder: Floats, inside: Flags, lacking: Ints) -> Ints:
    """How many millionths each cell gets: `lacking` of a row, by remainder, ties to the earlier.

    A margin met to 1e-12 may lack a few more than it has cells, or have some too many: whole rounds
    are shared first.
    """
    many = np.add.reduce(inside, axis=1)
    usable = np.where(many > 0, lacking, 0)
    rounds = np.floor_divide(usable, np.maximum(many, 1))
    left = usable - rounds * many
    rank = np.argsort(np.argsort(-remainder, axis=1, kind="stable"), axis=1, kind="stable")
    return np.where(inside, rounds[:, None] + (rank < left[:, None]), 0)
