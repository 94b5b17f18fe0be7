"""Progress since the last comparable round, on one mix of respondents and one scale of modes (progress.md).

In: cells of this round and of the round before. Out: `Change` per assessee: expected change, error, state.
This round's effects of modes and adjusters leave both rounds, and their error enters; variables that are
no adjusters are not balanced. A scheme without adjusters puts both rounds to this round's weighted cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from minping_engine.assessment.chain.adjust import MILLI, Adjustment
from minping_engine.assessment.chain.cells import Floats, Ints
from minping_engine.assessment.chain.people import FLOOR_SHARE, PRIOR_DF
from minping_engine.assessment.chain.plan import Plan, mode_name
from minping_engine.errors import MinpingError
from minping_engine.estimation import SmoothingRule, smooth_variances
from minping_engine.estimation.indices import (
    KnownErrors,
    Progress,
    ProgressState,
    independent,
    progress_index,
    standardised_waves,
)


@dataclass(frozen=True)
class RoundCells:
    """Sums (rows,) by assessee (row of the design, rising), packed cell and mode; thousandths of a point."""

    assessee: Ints
    cell: Ints
    mode: Ints
    n: Ints
    s: Ints
    ss: Ints

    def of(self, who: Ints) -> RoundCells:
        """Rows of some assessees, `who` rising, with the assessee as place in `who`."""
        if not len(who):
            return RoundCells(*(np.zeros(0, dtype=np.int64) for _ in range(6)))
        span = slice(*np.searchsorted(self.assessee, [who[0], who[-1] + 1]))
        place = np.minimum(np.searchsorted(who, self.assessee[span]), len(who) - 1)
        mine = who[place] == self.assessee[span]
        rest = (part[span][mine] for part in (self.cell, self.mode, self.n, self.s, self.ss))
        return RoundCells(place[mine].astype(np.int64), *rest)


@dataclass(frozen=True)
class Change:
    """Arrays (A,), points: expected change, its error, P(change > 0), NaN where `state` says why."""

    state: NDArray[np.object_]
    change: Floats
    se: Floats
    p_better: Floats


@dataclass(frozen=True)
class People:
    """Who is followed: `who` (A,) rising, their streets and comparison groups."""

    who: Ints
    street: Ints
    group: Ints


def earlier_round(table: pa.Table, scheme: str, layout: str, period: str, ids: pa.Array) -> RoundCells | None:
    """Cells of the newest earlier period made by the same scheme with the same cells; None without one."""
    rows = _same_scheme(table, scheme, period)
    rows = rows.filter(pc.equal(rows["layout"], layout))
    if not rows.num_rows:
        return None
    rows = rows.filter(pc.equal(rows["period"], pc.max(rows["period"])))
    who = pc.index_in(rows["assessee_id"].combine_chunks(), ids)
    known = pc.is_valid(who)
    rows, places = rows.filter(known), who.filter(known).to_numpy().astype(np.int64)
    order = np.argsort(places, kind="stable")
    numbers = (rows[name].to_numpy().astype(np.int64)[order] for name in ("cell", "mode", "n", "s", "ss"))
    return RoundCells(places[order], *numbers)


def has_other_layout(table: pa.Table, scheme: str, layout: str, period: str) -> bool:
    """Whether earlier rounds of the scheme are there, all with other cells."""
    rows = _same_scheme(table, scheme, period)
    return rows.num_rows > 0 and layout not in rows["layout"].unique().to_pylist()


def _same_scheme(table: pa.Table, scheme: str, period: str) -> pa.Table:
    return table.filter(pc.and_(pc.equal(table["scheme"], scheme), pc.less(table["period"], period)))


def change_between(
    rounds: tuple[RoundCells, RoundCells],
    people: People,
    plan: Plan,
    adjustment: Adjustment | None,
    rule: tuple[Floats, int, float],
) -> Change | None:
    """Change from the first to the second round; None where no model can be fitted.

    `rule`: this round's households by cell (A, cells), fewest ballots of a round, most points.
    """
    sizes, fewest, full_points = rule
    waves = [_Wave.of(one.of(people.who), len(people.who), plan, adjustment) for one in rounds]
    n = np.stack([wave.n.sum(axis=1) for wave in waves], axis=1)
    value, variance = _estimates(waves, sizes, balanced=adjustment is not None and bool(plan.adjusters))
    enough = (n >= fewest) & np.isfinite(value)
    smoothed = smooth_variances(
        np.where(enough, variance, np.nan),
        np.where(enough, n, 0).astype(np.float64),
        np.where(enough, n - 1, 0),
        people.street,
        SmoothingRule((FLOOR_SHARE * full_points) ** 2, prior_df=PRIOR_DF),
    )
    value = np.where(enough, value, np.nan)
    made = _modelled(value, np.where(enough, smoothed.variance, np.nan), people.group)
    if made is None:
        return None
    inside, progress = made
    return _finished(enough, inside, progress, _effect_variance(waves, adjustment))


@dataclass(frozen=True)
class _Wave:
    """One round: n, s, ss (A, cells) with effects taken out; `x` (A, p) means of the case mix columns."""

    n: Ints
    s: Ints
    ss: Ints
    x: Floats

    @classmethod
    def of(cls, rows: RoundCells, total: int, plan: Plan, adjustment: Adjustment | None) -> _Wave:
        """Rows of people numbered from 0."""
        x = _columns(rows, plan, adjustment)
        effects = np.zeros(x.shape[1]) if adjustment is None else adjustment.fit.coefficient[:, 0]
        shift = np.rint(np.add.reduce(x * effects, axis=1) * MILLI).astype(np.int64)
        s, ss = rows.s - shift * rows.n, rows.ss - shift * (2 * rows.s - shift * rows.n)
        at, size = rows.assessee * plan.n_cells + rows.cell, total * plan.n_cells
        # Whole numbers below 2^53: adding them up as floats loses nothing.
        n, s, ss = (
            np.bincount(at, part, size).astype(np.int64).reshape(total, -1) for part in (rows.n, s, ss)
        )
        ballots = np.maximum(np.bincount(rows.assessee, rows.n, total), 1)
        means = np.zeros((total, x.shape[1]))
        for place, column in enumerate(x.T):
            means[:, place] = np.bincount(rows.assessee, rows.n * column, total) / ballots
        return cls(n, s, ss, means)


def _columns(rows: RoundCells, plan: Plan, adjustment: Adjustment | None) -> Floats:
    """The case mix columns of each row, (rows, p)."""
    parts = []
    for column in adjustment.columns if adjustment else ():
        if column.step == "mode":
            codes = [code for code in np.unique(rows.mode) if mode_name(int(code)) == column.level]
            parts.append(np.isin(rows.mode, codes))
        else:
            parts.append(plan.levels_of(column.step)[rows.cell] == int(column.level))
    return np.stack(parts, axis=1).astype(np.float64) if parts else np.zeros((len(rows.n), 0))


def _estimates(waves: list[_Wave], sizes: Floats, *, balanced: bool) -> tuple[Floats, Floats]:
    """Means (A, rounds) and their squared errors, points; by cells' households where nothing is balanced."""
    n, s, ss = (np.stack([getattr(wave, part) for wave in waves], axis=1) for part in ("n", "s", "ss"))
    if not balanced:
        made = standardised_waves(n, s, ss, size=np.rint(sizes).astype(np.int64))
        return made.value / MILLI, made.variance / MILLI**2
    total, sums, squares = (part.sum(axis=2).astype(np.float64) for part in (n, s, ss))
    safe = np.maximum(total, 1.0)
    spread = np.maximum(squares - sums * sums / safe, 0.0) / np.maximum(total - 1.0, 1.0)
    there = total > 1
    return np.where(there, sums / safe, np.nan) / MILLI, np.where(there, spread / safe, np.nan) / MILLI**2


def _modelled(value: Floats, variance: Floats, group: Ints) -> tuple[NDArray[np.bool_], Progress] | None:
    """The model on people of groups that were there in both rounds; one newcomer must not cost all others."""
    groups, place = np.unique(group, return_inverse=True)
    seen = [np.bincount(place, np.isfinite(column), len(groups)) > 0 for column in value.T]
    inside = (seen[0] & seen[1])[place]
    _, place = np.unique(group[inside], return_inverse=True)
    known = independent(value[inside], variance[inside])
    n_groups = int(place.max(initial=-1)) + 1
    try:
        return inside, progress_index(
            KnownErrors(known.value, known.covariance, place.astype(np.int64), n_groups)
        )
    except MinpingError:
        return None


def _effect_variance(waves: list[_Wave], adjustment: Adjustment | None) -> Floats:
    """What the error of the effects adds where the mix changed between rounds, (A,), squared points."""
    if adjustment is None:
        return np.zeros(len(waves[0].n))
    gap = waves[1].x - waves[0].x
    made: Floats = np.maximum(np.einsum("ap,pq,aq->a", gap, adjustment.fit.covariance[0], gap), 0.0)
    return made


def _finished(
    enough: NDArray[np.bool_], inside: NDArray[np.bool_], progress: Progress, added: Floats
) -> Change:
    from scipy.special import ndtr

    total = len(inside)
    change, se = np.full(total, np.nan), np.full(total, np.nan)
    change[inside] = progress.change
    se[inside] = np.sqrt(progress.se**2 + added[inside])
    state = np.where(enough[:, 0], ProgressState.NO_LAST_ROUND.value, ProgressState.NO_ROUND.value).astype(
        object
    )
    state[enough[:, 1]] = ProgressState.NO_FIRST_ROUND.value
    state[inside] = progress.state.astype(object)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Change(state, change, se, np.where(np.isfinite(se), ndtr(change / se), np.nan))
