"""The chain's findings as columns of `scores` and as rows of the result's tables, for one district.

In: one district's findings and the run's setting. Out: `DistrictTables`: what stays of a district once its
cells are gone, so that memory stays flat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from minping_engine.assessment.chain.adjust import Adjustment
from minping_engine.assessment.chain.cells import Floats
from minping_engine.assessment.chain.columns import DistrictColumns, columns_of, typical_errors
from minping_engine.assessment.chain.fair import DistrictFair
from minping_engine.assessment.chain.plan import mode_name
from minping_engine.assessment.chain.report import findings, steps_moved
from minping_engine.assessment.chain.setting import Setting
from minping_engine.assessment.result import (
    ADJUSTMENTS,
    COEFFICIENTS,
    COMPARISON_GROUPS,
    COSTS,
    DRIVERS,
    FAIRNESS,
    MINIMUM_SAMPLES,
    ONLINE,
    TRACE_CELLS,
    TRACE_WEIGHTS,
    WEIGHTING,
)
from minping_engine.errors import Problem, Severity
from minping_engine.estimation import OUT_OF_REACH, ModeState, ReliabilityState, minimum_sample_table
from minping_engine.ranking import funnel
from minping_engine.terms import Mode
from minping_engine.weighting import WeightState

PERCENT = 10_000
"""Millionths in a percent."""
RELIABILITIES = (700_000, 800_000, 900_000)
EffectRow = tuple[str, str, str, str, float, float, str]
"""District, kind, subject, level, points, error, state."""


@dataclass(frozen=True)
class DistrictTables:
    """One district's columns, its rows of each table, and what a reader must know; small enough to travel."""

    columns: DistrictColumns
    tables: dict[str, pa.Table]
    warnings: tuple[Problem, ...]


class _Rows:
    """Rows of one district by table."""

    def __init__(self) -> None:
        self.tables: dict[str, pa.Table] = {}

    def add(self, name: str, schema: pa.Schema, columns: Iterable[Any]) -> None:
        self.tables[name] = pa.table([pa.array(part) for part in columns], schema=schema)


def district_tables(fair: DistrictFair, setting: Setting) -> DistrictTables:
    """All that stays of a district."""
    made = _Rows()
    ids = setting.design.assessees["assessee_id"].combine_chunks()
    _adjustments(made, fair, setting, ids)
    _coefficients(made, fair)
    _groups(made, fair, setting)
    _drivers(made, fair)
    _samples(made, fair)
    _weighting(made, fair)
    _trace(made, fair, ids)
    _online(made, fair, setting, ids)
    _costs(made, fair, ids)
    rows = findings(fair, setting)
    names = ("check", "subject", "level", "value", "low", "high", "n", "verdict")
    columns = [[getattr(row, name) for row in rows] for name in names]
    made.add("fairness", FAIRNESS, [[fair.district] * len(rows), *map(_null_nan, columns)])
    return DistrictTables(columns_of(fair), made.tables, tuple(_warnings(fair, setting)))


def _null_nan(values: list[Any]) -> list[Any]:
    return [None if isinstance(value, float) and value != value else value for value in values]


def _nullable(values: Floats) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))


def _adjustments(made: _Rows, fair: DistrictFair, setting: Setting, ids: pa.Array) -> None:
    """What each step added to each assessee: long rows; of few ballots they would tell who answered."""
    steps, moved = steps_moved(fair)
    if not steps:
        return
    moved = np.where((fair.people.n >= setting.limits.shown_from)[:, None], moved, np.nan)
    who = np.repeat(fair.members.who, len(steps))
    values = moved.reshape(-1)
    known = np.isfinite(values)
    named = np.tile(np.array(steps, dtype=object), len(fair.members.who))[known]
    made.add(
        "adjustments",
        ADJUSTMENTS,
        [ids.take(pa.array(who[known])), pa.array(named, pa.string()), values[known]],
    )


def _coefficients(made: _Rows, fair: DistrictFair) -> None:
    """Effects that adjustment takes out, in points, with errors and where they come from."""
    rows: list[EffectRow] = []
    if fair.targets.adjustment is not None:
        rows += _case_mix_rows(fair.district, fair.targets.adjustment)
    ground = zip(fair.shrunken.ground, fair.shrunken.beta, fair.shrunken.beta_se, strict=True)
    rows += [(fair.district, "ground", name, "", float(beta), float(se), "") for name, beta, se in ground]
    made.add("coefficients", COEFFICIENTS, zip(*rows, strict=True) if rows else [[]] * 7)


def _case_mix_rows(district: str, adjustment: Adjustment) -> list[EffectRow]:
    errors = np.sqrt(np.maximum(np.diag(adjustment.fit.covariance[0]), 0.0))
    rows: list[EffectRow] = []
    number = 0
    for place, column in enumerate(adjustment.columns):
        kind, state = "case_mix", ""
        if column.step == "mode" and adjustment.modes is not None:
            kind, state = "mode", ModeState(int(adjustment.modes.state[number, 0])).name.lower()
            number += 1
        value, se = float(adjustment.fit.coefficient[place, 0]), float(errors[place])
        if state or adjustment.fit.used[place, 0]:  # a level that nobody has teaches nothing
            rows.append((district, kind, column.step, column.level, value, se, state))
    return rows


def _groups(made: _Rows, fair: DistrictFair, setting: Setting) -> None:
    """Comparison groups: how far they differ, what a ranking would be worth, the funnel's target."""
    rows = []
    typical = typical_errors(fair)
    for one in fair.comparison.groups:
        inside = (fair.members.group == one.group) & (fair.people.n >= setting.limits.scored_from)
        inside &= np.isfinite(fair.shrunken.value) & np.isfinite(fair.shrunken.variance)
        value, se = fair.shrunken.value[inside], typical[inside]
        plot = funnel(value, se) if len(value) > 1 else None
        spread = one.spread
        rows.append(
            (
                fair.district,
                setting.groups.label[one.group],
                int(inside.sum()),
                one.members,
                one.state,
                one.median_width,
                spread.verdict.value,
                spread.mean,
                spread.spread,
                spread.error,
                spread.reliability,
                spread.between_share,
                spread.full_share,
                spread.all_full,
                spread.ceiling,
                spread.bands,
                plot.target if plot else float("nan"),
                plot.tau2 if plot else float("nan"),
            )
        )
    columns = [_null_nan(list(column)) for column in zip(*rows, strict=True)]
    made.add("comparison_groups", COMPARISON_GROUPS, columns if rows else [[]] * len(COMPARISON_GROUPS))


def _drivers(made: _Rows, fair: DistrictFair) -> None:
    report = fair.drivers
    if report is None:
        return
    shares, n = report.shares.shares, len(report.items)
    made.add(
        "drivers",
        DRIVERS,
        [
            [fair.district] * n,
            [report.outcome] * n,
            list(report.items),
            _nullable(shares.share),
            *(_nullable(part) for part in (report.shares.se, report.shares.low, report.shares.high)),
            _nullable(np.full(n, shares.r2)),
            _nullable(report.performance),
            list(report.quadrant),
            [shares.method.value] * n,
            [shares.state.value] * n,
            [report.ballots] * n,
        ],
    )


def _samples(made: _Rows, fair: DistrictFair) -> None:
    """Ballots needed for each reliability: the scheme's own table (methods.md 2.6)."""
    if fair.shrunken.fit is None:
        return
    unit = fair.people.unit_variance[np.isfinite(fair.people.unit_variance)]
    rows = minimum_sample_table(RELIABILITIES, fair.shrunken.between, float(np.mean(unit)))
    ballots = [None if row.ballots == OUT_OF_REACH else row.ballots for row in rows]
    percents = [row.reliability_micro // PERCENT for row in rows]
    made.add("minimum_samples", MINIMUM_SAMPLES, [[fair.district] * len(rows), percents, ballots])


def _weighting(made: _Rows, fair: DistrictFair) -> None:
    """How weighting went, per target."""
    told, names = (
        fair.targets.weights.diagnostics,
        np.array([state.name.lower() for state in WeightState], dtype=object),
    )
    made.add(
        "weighting",
        WEIGHTING,
        [
            fair.targets.cells.targets.astype(np.int32),
            pa.array(names[fair.targets.weights.state], pa.string()),
            *(
                _nullable(part)
                for part in (told.design_effect, told.smallest_g, told.largest_g, told.moved_share)
            ),
            told.moved_cells,
            fair.targets.weights.merged,
        ],
    )


def _online(made: _Rows, fair: DistrictFair, setting: Setting, ids: pa.Array) -> None:
    """The separate estimate from open online ballots and what a blend moved; of few only how many."""
    report, fewest = fair.online, setting.limits.shown_from
    if report is None:
        return
    who = report.n > 0
    blend = report.blend
    numbers = (report.estimate, report.se, blend.weight, blend.moved, blend.bound)
    made.add(
        "online",
        ONLINE,
        [
            ids.take(pa.array(fair.members.who[who])),
            report.n[who],
            pa.array(blend.state[who], pa.string()),
            *(_nullable(np.where(report.n >= fewest, part, np.nan)[who]) for part in numbers),
        ],
    )


def _costs(made: _Rows, fair: DistrictFair, ids: pa.Array) -> None:
    report = fair.cost
    if report is None:
        return
    who = np.isfinite(report.yuan)
    ratio = report.ratio
    made.add(
        "costs",
        COSTS,
        [
            ids.take(pa.array(fair.members.who[who])),
            *(_nullable(part[who]) for part in (report.yuan, report.gain, report.gain_se, ratio.ratio)),
            *(_nullable(part[who]) for part in (ratio.low, ratio.high)),
            pa.array(ratio.state[who], pa.string()),
        ],
    )


def _trace(made: _Rows, fair: DistrictFair, ids: pa.Array) -> None:
    target, cell = np.nonzero(fair.targets.weights.n)
    counts = (fair.targets.weights.n[target, cell], fair.targets.weights.micro[target, cell])
    made.add("weights", TRACE_WEIGHTS, [fair.targets.cells.targets[target].astype(np.int32), cell, *counts])
    rows = fair.round_cells
    made.add(
        "cells",
        TRACE_CELLS,
        [ids.take(pa.array(rows.assessee)), rows.cell, rows.mode, rows.n, rows.s, rows.ss],
    )


def _warnings(fair: DistrictFair, setting: Setting) -> list[Problem]:
    """What the chain could not do in a district."""
    return [
        Problem(code, params={"district": fair.district, **params}, severity=Severity.WARNING)
        for code, params in (*_target_warnings(fair, setting), *_people_warnings(fair, setting))
    ]


Told = Iterator[tuple[str, dict[str, object]]]


def _target_warnings(fair: DistrictFair, setting: Setting) -> Told:
    """Of weights and of effects taken out."""
    targets, plan = fair.targets, setting.plan
    off = int((targets.weights.state != WeightState.MET).sum())
    if off and plan.margins:
        yield "assessment.not_calibrated", {"n": off}
    if plan.nonresponse and not targets.weights.has_response:
        yield "assessment.no_response_weights", {}
    if (plan.adjusters or setting.fairness.modes) and targets.adjustment is None:
        yield "assessment.case_mix_not_fitted", {}
    unknown = _unlearned_modes(targets.adjustment)
    if unknown:
        yield "assessment.mode_not_randomised", {"modes": ", ".join(unknown)}


def _people_warnings(fair: DistrictFair, setting: Setting) -> Told:
    """Of levelling, comparing and progress."""
    shrunken = fair.shrunken
    if setting.earlier is not None and fair.progress is None:
        yield "assessment.progress_not_fitted", {}
    if shrunken.ground_left_out:
        yield "assessment.ground_dependent", {"names": ", ".join(shrunken.ground_left_out)}
    if shrunken.fit is None:
        yield "assessment.too_few_to_compare", {"n": len(fair.people.n)}
        return
    if setting.fairness.context and not shrunken.ground and not shrunken.ground_left_out:
        yield "assessment.ground_not_used", {"n": len(fair.people.n)}
    if (fair.comparison.state == ReliabilityState.NO_DIFFERENCES).any():
        yield "assessment.no_differences", {}


def _unlearned_modes(adjustment: Adjustment | None) -> list[str]:
    """Modes that no lot drew; "unknown" beside others is what closing pooled, which no lot can draw."""
    if adjustment is None or adjustment.modes is None:
        return []
    names = [column.level for column in adjustment.columns if column.step == "mode"]
    states = adjustment.modes.state[:, 0]
    found = [name for name, state in zip(names, states, strict=True) if state == ModeState.NOT_RANDOMISED]
    pooled = mode_name(Mode.UNKNOWN) if len(names) > 1 else None
    return [name for name in found if name != pooled]
