"""Tie bands and the refusal of rankings that the data cannot carry (docs/method/ranks.md).

In: estimates, errors and comparison groups, or finished sets of ranks. Out: bands of assessees who
share a rank because the data do not tell them apart; a verdict with the width that speaks against
a ranking. Model class, whole millionths.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minping_engine.errors import InputError, RefusedError
from minping_engine.ranking.checks import degrees_of_freedom, estimates, share
from minping_engine.ranking.critical import simultaneous_critical_value, t_widened_errors
from minping_engine.ranking.quantised import BORDERLINE, micro
from minping_engine.ranking.sets import RankSets, apart

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PAIRS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class TieBands:
    """Arrays (n,): band within the group from 1, the rank its members share, how many they are.

    `borderline`: comparisons that moved by 2e-6 would begin or end a band at hers.
    """

    band: Ints
    rank: Ints
    size: Ints
    borderline: NDArray[np.bool_]


class RankingState(StrEnum):
    """Whether a ranking may be shown, and if not, why."""

    CARRIED = "carried"
    NO_DIFFERENCES = "no_differences"
    TOO_WIDE = "too_wide"
    ONE_ASSESSEE = "one_assessee"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class RankingVerdict:
    """State, the median width of the sets in ranks, and among how many."""

    state: RankingState
    median_width: float
    n: int
    most_share: float


def tie_bands(
    value: ArrayLike, se: ArrayLike, group: ArrayLike, *, level: float = 0.95, df: ArrayLike | None = None
) -> TieBands:
    """Bands within each comparison group (whole numbers >= 0); -1 belongs to none and gets 0.

    By falling estimate, a new band starts only where everybody above differs from everybody below
    at the simultaneous critical value of the group. Its members share the rank of its best place.
    """
    groups = np.asarray(group, dtype=np.int64)
    centre, errors = np.asarray(value, dtype=np.float64), np.asarray(se, dtype=np.float64)
    if not groups.shape == centre.shape == errors.shape:
        raise InputError.of("ranking.shapes", estimates=centre.shape, errors=errors.shape)
    freedom = None if df is None else np.asarray(df, dtype=np.float64)
    band, rank, size = (np.zeros(groups.size, dtype=np.int64) for _ in range(3))
    borderline = np.zeros(groups.size, dtype=np.bool_)
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-2))
    for members in np.split(order, starts[1:]):
        if members.size and groups[members[0]] >= 0:
            own_df = None if freedom is None else freedom[members]
            made = _bands_of_one(centre[members], errors[members], level, own_df)
            band[members], rank[members], size[members] = made.band, made.rank, made.size
            borderline[members] = made.borderline
    return TieBands(band, rank, size, borderline)


def _bands_of_one(value: Floats, se: Floats, level: float, df: Floats | None) -> TieBands:
    value, se = estimates(value, se)
    critical = simultaneous_critical_value(value.size, level)
    if df is not None:
        se = t_widened_errors(se, degrees_of_freedom(df, se.size), critical)
    order = np.argsort(-micro(value), kind="stable")
    fewest, exact, most = (
        np.maximum.accumulate(reach) == np.arange(value.size)
        for reach in _last_not_apart(micro(value)[order], micro(se).astype(np.float64)[order], critical)
    )
    starts = np.concatenate([[True], exact[:-1]])
    number = np.cumsum(starts) - 1
    first = np.flatnonzero(starts)
    band, rank, size = (np.empty(value.size, dtype=np.int64) for _ in range(3))
    band[order], rank[order] = number + 1, first[number] + 1
    size[order] = np.bincount(number)[number]
    borderline = np.empty(value.size, dtype=np.bool_)
    borderline[order] = _touched(number, fewest != most)
    return TieBands(band, rank, size, borderline)


def _touched(number: Ints, unsure: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Members of the bands on both sides of an unsure line; `unsure[i]` stands after place i."""
    places = np.flatnonzero(unsure)
    bands = np.union1d(number[places], number[places + 1])
    touched: NDArray[np.bool_] = np.isin(number, bands)
    return touched


def _last_not_apart(centre: Ints, errors: Floats, critical: float) -> Ints:
    """For each place the last place, herself at least, that she does not differ from; sorted input.

    (3, n): everybody within 2e-6 of a limit counted as alike, nobody moved, all of them as apart.
    """
    n = centre.size
    places, out = np.arange(n), np.empty((3, n), dtype=np.int64)
    rows_at_once = max(1, PAIRS_AT_ONCE // n)
    for start in range(0, n, rows_at_once):
        part = slice(start, start + rows_at_once)
        beyond = centre[part, None] - centre - apart(errors[part, None], errors, round(critical, 6))
        for row, slack in enumerate((BORDERLINE, 0, -BORDERLINE - 1)):
            out[row, part] = np.max(np.where(beyond <= slack, places, 0), axis=1)
    return np.maximum(out, places)


def check_ranking(sets: RankSets, between_variance: float, *, most_share: float = 0.5) -> RankingVerdict:
    """May these ranks be shown? Not if nothing differs, nor if the median set is too wide.

    `between_variance` is the variance of true values in squared points (0 is an answer);
    `most_share` of n is the widest median set that passes.
    """
    n, median = sets.low.size, float(np.median(sets.widths))
    if not between_variance >= 0:
        raise InputError.of("ranking.between_variance", value=between_variance)
    state = RankingState.CARRIED
    if n == 1:
        state = RankingState.ONE_ASSESSEE
    elif int(micro(between_variance)) == 0:
        state = RankingState.NO_DIFFERENCES
    elif int(micro(median)) > int(micro(share(most_share, "most_share"))) * n:
        state = RankingState.TOO_WIDE
    return RankingVerdict(state, median, n, most_share)


def refuse_weak_ranking(verdict: RankingVerdict) -> None:
    """Raise what the verdict says; a ranking that the data carry passes."""
    if verdict.state is RankingState.ONE_ASSESSEE:
        raise RefusedError.of("ranking.one_assessee")
    width = f"{verdict.median_width:g}"
    if verdict.state is RankingState.NO_DIFFERENCES:
        raise RefusedError.of("ranking.no_differences", n=verdict.n, width=width)
    if verdict.state is RankingState.TOO_WIDE:
        percent = f"{100 * verdict.most_share:g}"
        raise RefusedError.of("ranking.too_wide", n=verdict.n, width=width, percent=percent)
