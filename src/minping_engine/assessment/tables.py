"""From arrays to the result's typed tables.

In: design, sums, estimates, verdicts. Out: scores, indicators, groups, modes and the trace. What
must not be shown (too few ballots) is null here already, so that no later step can leak it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.assessment.annual import Key, year_means
from minping_engine.assessment.chain import FairColumns, Groups
from minping_engine.assessment.design import Design
from minping_engine.assessment.result import GROUPS, INDICATORS, MODES, SCORES, TRACE_TARGETS
from minping_engine.assessment.standing import Outcome
from minping_engine.estimation import (
    DirectEstimates,
    UnitSums,
    group_means,
    interval,
    size_in_mean,
)
from minping_engine.evidence import EvidenceSpec
from minping_engine.scheme import LoadedScheme
from minping_engine.scoring import Verdicts
from minping_engine.terms import AreaLevel, Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
GROUP_LEVELS = (AreaLevel.DISTRICT, AreaLevel.STREET, AreaLevel.COMMUNITY)


@dataclass(frozen=True)
class Figures:
    """All that the tables are made from."""

    period: str
    scheme: LoadedScheme
    spec: EvidenceSpec
    design: Design
    sums: UnitSums
    estimates: DirectEstimates
    verdicts: Verdicts
    earlier: pa.Table
    """History of this year's earlier periods."""
    outcome: Outcome
    fair: FairColumns
    groups: Groups

    def best_se(self) -> Floats:
        """The error of the shown interval: corrected where the frame is known."""
        return np.where(np.isnan(self.estimates.se_fpc), self.estimates.se, self.estimates.se_fpc)

    def shown_variables(self) -> NDArray[np.bool_]:
        """(assessees, variables): an item that too few answered is hidden though the total is shown."""
        return self.estimates.n >= self.scheme.disclosure.shown_from


def _nulls(values: Floats, shown: NDArray[np.bool_] | None = None) -> pa.Array:
    """NaN and what must not be shown become null."""
    hidden = np.isnan(values) if shown is None else np.isnan(values) | ~shown
    return pa.array(values, mask=hidden)


def _or_null(values: Ints) -> pa.Array:
    return pa.array(values, mask=values < 0)


def groups_table(figures: Figures) -> pa.Table:
    """Means of assessed assessees by district, street, community, and each variable."""
    design, estimates = figures.design, figures.estimates
    ids = design.areas["area_id"].to_numpy(zero_copy_only=False)
    most = [figures.spec.total_milli / 1000, *(item.max_milli / 1000 for item in figures.spec.items)]
    parts = []
    for level in GROUP_LEVELS:
        areas = np.unique(design.ancestor[level][design.ancestor[level] >= 0])
        group = np.searchsorted(areas, design.ancestor[level])
        group = np.where((design.ancestor[level] >= 0) & figures.verdicts.assessed, group, -1)
        ballots = _ballots_of(figures, group, len(areas))
        for number, variable in enumerate(figures.spec.variables):
            mean_of = estimates.mean[:, number]
            count, mean, se = group_means(group, len(areas), mean_of, estimates.se[:, number])
            _, _, se_fpc = group_means(group, len(areas), mean_of, estimates.se_fpc[:, number])
            best = np.where(np.isnan(se_fpc), se, se_fpc)
            low, high = interval(
                mean, best, np.maximum(ballots - count, 1), figures.scheme.scheme.scoring.interval_percent
            )
            columns: list[Any] = [
                pa.array([level.value] * len(areas)),
                pa.array(ids[areas]),
                pa.array([variable] * len(areas)),
                pa.array(count),
                pa.array(ballots),
                *(_nulls(array) for array in (mean, se, se_fpc)),
                _nulls(np.maximum(low, 0.0)),
                _nulls(np.minimum(high, most[number])),
                *_year_columns(figures, [(level.value, area, variable) for area in ids[areas]], mean),
            ]
            parts.append(pa.table(columns, schema=GROUPS))
    return pa.concat_tables(parts).combine_chunks() if parts else GROUPS.empty_table()


def _ballots_of(figures: Figures, group: Ints, n_groups: int) -> Ints:
    """Ballots of each group's assessees; a target shared by two of them counts once."""
    rows, n_units = figures.design.responsibility, max(len(figures.sums.eligible), 1)
    of_row = group[rows.assessee]
    pairs = np.unique(of_row[of_row >= 0] * n_units + rows.unit[of_row >= 0])
    return np.bincount(pairs // n_units, figures.sums.n[pairs % n_units, 0], n_groups).astype(np.int64)


def _year_columns(figures: Figures, keys: list[Key], current: Floats) -> tuple[pa.Array, pa.Array]:
    mean, count = year_means(figures.earlier, keys, current)
    return _nulls(mean), pa.array(count)


def benchmark_of(figures: Figures, groups: pa.Table) -> Floats:
    """Each assessee's benchmark: the mean of her district, street or community (of the score that counts)."""
    level = AreaLevel(figures.scheme.scheme.scoring.benchmark.of)
    totals = groups.filter(
        pa.compute.and_(
            pa.compute.equal(groups["level"], level.value), pa.compute.equal(groups["variable"], "total")
        )
    )
    by_area = dict(zip(totals["area_id"].to_pylist(), totals["mean"].to_pylist(), strict=True))
    ids = figures.design.areas["area_id"].to_pylist()
    means = np.array(
        [by_area.get(area) if by_area.get(area) is not None else np.nan for area in ids], dtype=float
    )
    row = figures.design.ancestor[level]
    fairness = figures.scheme.scheme.fairness
    if fairness is not None and fairness.counts != "direct":
        counted = np.where(figures.outcome.assessed, figures.outcome.score, np.nan)
        _, means, _ = group_means(row, len(ids), counted, figures.outcome.score_se)
    return np.where(row >= 0, means[row], np.nan) if len(means) else np.full(len(row), np.nan)


def scores_table(figures: Figures, benchmark: Floats, rejected: Ints, visited: Ints) -> pa.Table:
    """One row per assessee, ordered by id."""
    design, estimates, verdicts = figures.design, figures.estimates, figures.verdicts
    people, n = design.assessees, estimates.n[:, 0]
    direct, shown, outcome = estimates.mean[:, 0], verdicts.shown, figures.outcome
    total = figures.spec.total_milli / 1000
    percent = figures.scheme.scheme.scoring.interval_percent
    low, high = interval(direct, figures.best_se()[:, 0], estimates.df[:, 0], percent)
    target = figures.scheme.target_ballots
    keys = [("assessee", person, "total") for person in people["assessee_id"].to_pylist()]
    year_mean, year_periods = _year_columns(figures, keys, np.where(verdicts.assessed, direct, np.nan))
    values: dict[str, Any] = {
        "assessee_id": people["assessee_id"],
        "kind": people["kind"],
        "name": people["name"],
        "area_id": people["area_id"],
        "period": pa.array([figures.period] * len(n), pa.string()),
        "n_ballots": n,
        "n_rejected": rejected,
        "eligible": _or_null(_per_assessee(figures, design.units.eligible)),
        "drawn": _or_null(_per_assessee(figures, design.units.drawn)),
        "direct": _nulls(direct, shown),
        "direct_se": _nulls(estimates.se[:, 0], shown),
        "direct_se_fpc": _nulls(estimates.se_fpc[:, 0], shown),
        "low": _nulls(np.maximum(low, 0.0), shown),
        "high": _nulls(np.minimum(high, total), shown),
        "score": _nulls(outcome.score, shown),
        **_score_interval(figures, np.maximum(low, 0.0), np.minimum(high, total)),
        "difference": _nulls(outcome.score - benchmark, outcome.assessed),
        "status": np.where(outcome.assessed, Status.ASSESSED.value, Status.NOT_ASSESSED.value),
        "reason": pa.array(outcome.reason, pa.string()),
        "standing": pa.array(outcome.standing, pa.string()),
        "grade": pa.array(outcome.grade, pa.string()),
        "grade_chance": _nulls(outcome.grade_chance),
        "below_target": n < target if target else np.zeros(len(n), dtype=bool),
        "shared_target": design.shared,
        "visited": _or_null(visited),
        "year_mean": year_mean,
        "year_periods": year_periods,
        "comparison_group": _group_labels(figures),
        "borderline": outcome.borderline,
        "progress_state": pa.array(figures.fair.progress_state, pa.string()),
        **_fair_numbers(figures),
        **{name: pa.array(values, mask=values < 1) for name, values in figures.fair.whole.items()},
    }
    return pa.table(
        [
            pa.array(values[name]) if isinstance(values[name], np.ndarray) else values[name]
            for name in SCORES.names
        ],
        schema=SCORES,
    )


def _score_interval(figures: Figures, low: Floats, high: Floats) -> dict[str, pa.Array]:
    """Interval of the score that counts; of a levelled one without population correction: it decides."""
    fairness, shown = figures.scheme.scheme.fairness, figures.verdicts.shown
    if fairness is not None and fairness.counts != "direct":
        total, outcome = figures.spec.total_milli / 1000, figures.outcome
        df = np.maximum(figures.estimates.df[:, 0], 1)
        percent = figures.scheme.scheme.scoring.interval_percent
        low, high = interval(outcome.score, outcome.score_se, df, percent)
        low, high = np.maximum(low, 0.0), np.minimum(high, total)
    return {"score_low": _nulls(low, shown), "score_high": _nulls(high, shown)}


def _fair_numbers(figures: Figures) -> dict[str, pa.Array]:
    """Columns of the chain; a change is told only of those who are assessed."""
    shown, assessed = figures.verdicts.shown, figures.outcome.assessed
    return {
        name: _nulls(values, assessed if name in ("progress", "progress_se", "p_better") else shown)
        for name, values in figures.fair.numbers.items()
    }


def _group_labels(figures: Figures) -> pa.Array:
    labels = (*figures.groups.label, None)
    return pa.array([labels[number] for number in figures.groups.number], pa.string())


def _per_assessee(figures: Figures, of_unit: Ints) -> Ints:
    """Sum over an assessee's units; -1 where one is unknown or there is none."""
    rows = figures.design.responsibility
    value = of_unit[rows.unit]
    total = np.bincount(rows.assessee, np.maximum(value, 0), rows.n_assessees).astype(np.int64)
    unknown = np.bincount(rows.assessee, value < 0, rows.n_assessees) > 0
    none = np.bincount(rows.assessee, minlength=rows.n_assessees) == 0
    return np.where(unknown | none, -1, total)


def indicators_table(figures: Figures, previous: dict[tuple[str, str], float]) -> pa.Table:
    """One row per assessee and item, ordered by both."""
    people = figures.design.assessees["assessee_id"].to_pylist()
    estimates, items = figures.estimates, figures.spec.items
    n_items = len(items)

    def flat(array: NDArray[Any]) -> NDArray[Any]:
        return array[:, 1:].reshape(-1)

    shown = flat(figures.shown_variables())
    ids = np.repeat(np.array(people, dtype=object), n_items)
    names = np.tile(np.array([item.item for item in items], dtype=object), len(people))
    before = np.array(
        [previous.get(key, np.nan) for key in zip(ids, names, strict=True)] if previous else [], dtype=float
    )
    columns: list[Any] = [
        pa.array(ids, pa.string()),
        pa.array([figures.period] * len(ids), pa.string()),
        pa.array(names, pa.string()),
        pa.array(flat(estimates.n)),
        _nulls(flat(estimates.mean), shown),
        pa.array(np.tile(np.array([item.max_milli / 1000 for item in items]), len(people))),
        _nulls(flat(estimates.se), shown),
        _nulls(flat(estimates.se_fpc), shown),
        _nulls(before if previous else np.full(len(ids), np.nan)),
    ]
    return pa.table(columns, schema=INDICATORS)


def modes_table(figures: Figures, unit: Ints, mode: Ints, n: Ints) -> pa.Table:
    """Ballots by assessee and mode; a shared target counts for both of its assessees."""
    rows = figures.design.responsibility
    n_modes = 128
    by_unit = np.zeros((len(figures.sums.eligible), n_modes), dtype=np.int64)
    by_unit[unit, mode] = n
    used = np.flatnonzero(by_unit.sum(axis=0))
    parts = []
    for code in used:
        count = np.bincount(rows.assessee, by_unit[rows.unit, code], rows.n_assessees).astype(np.int64)
        who = np.flatnonzero(count)
        parts.append((who, np.full(len(who), code), count[who]))
    who, codes, counts = (
        np.concatenate(columns) if parts else np.zeros(0, np.int64)
        for columns in (zip(*parts, strict=True) if parts else ((), (), ()))
    )
    order = np.lexsort([codes, who])
    ids = figures.design.assessees["assessee_id"].take(pa.array(who[order]))
    return pa.table(
        [ids.combine_chunks(), pa.array(codes[order].astype(np.int8)), pa.array(counts[order])], schema=MODES
    )


def trace_table(figures: Figures) -> pa.Table:
    """The sums behind every shown number: assessee x target x stratum x variable."""
    rows, design, sums = figures.design.responsibility, figures.design, figures.sums
    n_variables = len(figures.spec.variables)
    ids = design.assessees["assessee_id"].combine_chunks()

    def spread(values: Ints) -> Ints:
        return np.repeat(values, n_variables)

    columns: list[Any] = [
        ids.take(pa.array(spread(rows.assessee))),
        pa.array(spread(design.units.target[rows.unit]).astype(np.int32)),
        pa.array(spread(design.units.stratum[rows.unit])),
        pa.array(spread(rows.share)),
        pa.array(spread(size_in_mean(sums, rows))),
        pa.array(np.tile(np.array(figures.spec.variables, dtype=object), len(rows.unit)), pa.string()),
        *(pa.array(array[rows.unit].reshape(-1)) for array in (sums.n, sums.s, sums.ss)),
        _or_null(spread(design.units.eligible[rows.unit])),
    ]
    shown = figures.shown_variables()[rows.assessee].reshape(-1)
    return pa.table(columns, schema=TRACE_TARGETS).filter(pa.array(shown)).combine_chunks()
