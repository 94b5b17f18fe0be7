"""The chain's findings as columns of `scores` and as tables of the result.

In: districts from the chain, one at a time. Out: `FairTables`: columns over all assessees and typed
tables. Of a district only its arrays over assessees stay, so that memory stays flat.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.assessment.chain.adjust import Adjustment
from minping_engine.assessment.chain.cells import Floats, Ints
from minping_engine.assessment.chain.fair import DistrictFair
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
from minping_engine.weighting import WeightState

NUMBERS = (
    "weighted",
    "adjusted",
    "adjusted_se",
    "typical_se",
    "shrunken",
    "shrunken_se",
    "reliability",
    "rank_expected",
    "p_top",
    "progress",
    "progress_se",
    "p_better",
)
WHOLE = ("rank_low", "rank_high", "set_low", "set_high", "tie_band", "tie_rank", "ranked_of")


PERCENT = 10_000
"""Millionths in a percent."""
RELIABILITIES = (700_000, 800_000, 900_000)
EffectRow = tuple[str, str, str, str, float, float, str]
"""District, kind, subject, level, points, error, state."""


@dataclass
class FairColumns:
    """Arrays over all assessees: NaN, 0 or NO_SAMPLE until a district fills them in."""

    numbers: dict[str, Floats]
    whole: dict[str, Ints]
    progress_state: NDArray[np.object_]
    state: NDArray[np.int8]
    borderline: NDArray[np.bool_]
    compared: NDArray[np.bool_]
    """Whether a model could be fitted in her district."""

    @classmethod
    def empty(cls, n: int) -> FairColumns:
        """Nothing known yet."""
        return cls(
            {name: np.full(n, np.nan) for name in NUMBERS},
            {name: np.zeros(n, dtype=np.int64) for name in WHOLE},
            np.full(n, None, dtype=object),
            np.full(n, -1, dtype=np.int8),
            np.zeros(n, dtype=bool),
            np.zeros(n, dtype=bool),
        )

    def fill(self, fair: DistrictFair) -> None:
        """Put one district's assessees in."""
        who, shrunken, comparison = fair.members.who, fair.shrunken, fair.comparison
        values = {
            "weighted": fair.people.weighted,
            "adjusted": shrunken.value,
            "adjusted_se": np.sqrt(shrunken.variance),
            "typical_se": typical_errors(fair),
            "shrunken": shrunken.shrunken,
            "shrunken_se": np.sqrt(shrunken.mse),
            "reliability": shrunken.reliability,
            "rank_expected": comparison.rank_expected,
            "p_top": comparison.top_chance,
        }
        if fair.progress is not None:
            values |= {
                "progress": fair.progress.change,
                "progress_se": fair.progress.se,
                "p_better": fair.progress.p_better,
            }
        for name, value in values.items():
            self.numbers[name][who] = value
        if fair.progress is not None:
            self.progress_state[who] = fair.progress.state
        for name in WHOLE:
            self.whole[name][who] = getattr(comparison, name)
        self.state[who], self.borderline[who] = comparison.state, comparison.borderline
        self.compared[who] = shrunken.fit is not None


@dataclass
class FairTables:
    """Tables of the result that the chain fills, and what a reader must know."""

    columns: FairColumns
    parts: dict[str, list[pa.Table]] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)

    def table(self, name: str, schema: pa.Schema) -> pa.Table:
        """All districts' rows of one table."""
        return pa.concat_tables([schema.empty_table(), *self.parts.get(name, [])]).combine_chunks()

    def add(self, name: str, schema: pa.Schema, columns: Iterable[Any]) -> None:
        """Rows of one district."""
        self.parts.setdefault(name, []).append(pa.table([pa.array(part) for part in columns], schema=schema))


def typical_errors(fair: DistrictFair) -> Floats:
    """The error everybody would have if ballots scattered alike in the whole district, (A,).

    Near the top of a scale errors fall as scores rise; a funnel plot with own errors would then take the
    best for the surest and put its target among them (docs/method/grades.md).
    """
    unit = fair.people.unit_variance
    known = np.isfinite(unit)
    usual = float(np.mean(unit[known])) if known.any() else float("nan")
    return np.sqrt(fair.shrunken.variance * usual / unit)


def collect_tables(
    districts: Iterable[DistrictFair], setting: Setting, attributes: dict[str, Floats], cuts: Floats
) -> FairTables:
    """Run through all districts, keeping what the result needs."""
    made = FairTables(FairColumns.empty(setting.design.assessees.num_rows))
    ids = setting.design.assessees["assessee_id"].combine_chunks()
    for fair in districts:
        made.columns.fill(fair)
        _adjustments(made, fair, ids)
        _coefficients(made, fair)
        _groups(made, fair, setting)
        _drivers(made, fair)
        _samples(made, fair)
        _weighting(made, fair)
        _trace(made, fair, setting, ids)
        _online(made, fair, ids)
        _costs(made, fair, ids)
        rows = findings(fair, setting, attributes, cuts)
        names = ("check", "subject", "level", "value", "low", "high", "n", "verdict")
        columns = [[getattr(row, name) for row in rows] for name in names]
        made.add("fairness", FAIRNESS, [[fair.district] * len(rows), *map(_null_nan, columns)])
        made.warnings += _warnings(fair, setting)
    return made


def _null_nan(values: list[Any]) -> list[Any]:
    return [None if isinstance(value, float) and value != value else value for value in values]


def _nullable(values: Floats) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))


def _adjustments(made: FairTables, fair: DistrictFair, ids: pa.Array) -> None:
    """What each step added to each assessee: long rows."""
    steps, moved = steps_moved(fair)
    if not steps:
        return
    who = np.repeat(fair.members.who, len(steps))
    values = moved.reshape(-1)
    known = np.isfinite(values)
    named = np.tile(np.array(steps, dtype=object), len(fair.members.who))[known]
    made.add(
        "adjustments",
        ADJUSTMENTS,
        [ids.take(pa.array(who[known])), pa.array(named, pa.string()), values[known]],
    )


def _coefficients(made: FairTables, fair: DistrictFair) -> None:
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


def _groups(made: FairTables, fair: DistrictFair, setting: Setting) -> None:
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


def _drivers(made: FairTables, fair: DistrictFair) -> None:
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


def _samples(made: FairTables, fair: DistrictFair) -> None:
    """Ballots needed for each reliability: the scheme's own table (methods.md 2.6)."""
    if fair.shrunken.fit is None:
        return
    unit = fair.people.unit_variance[np.isfinite(fair.people.unit_variance)]
    rows = minimum_sample_table(RELIABILITIES, fair.shrunken.between, float(np.mean(unit)))
    ballots = [None if row.ballots == OUT_OF_REACH else row.ballots for row in rows]
    percents = [row.reliability_micro // PERCENT for row in rows]
    made.add("minimum_samples", MINIMUM_SAMPLES, [[fair.district] * len(rows), percents, ballots])


def _weighting(made: FairTables, fair: DistrictFair) -> None:
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


def _online(made: FairTables, fair: DistrictFair, ids: pa.Array) -> None:
    """The separate estimate from open online ballots, and what a blend moved."""
    report = fair.online
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
            *(_nullable(part[who]) for part in numbers),
        ],
    )


def _costs(made: FairTables, fair: DistrictFair, ids: pa.Array) -> None:
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


def _trace(made: FairTables, fair: DistrictFair, setting: Setting, ids: pa.Array) -> None:
    target, cell = np.nonzero(fair.targets.weights.n)
    counts = (fair.targets.weights.n[target, cell], fair.targets.weights.micro[target, cell])
    made.add("weights", TRACE_WEIGHTS, [fair.targets.cells.targets[target].astype(np.int32), cell, *counts])
    rows = fair.round_cells
    layout = pa.array([setting.plan.layout] * len(rows.n), pa.string())
    made.add(
        "cells",
        TRACE_CELLS,
        [ids.take(pa.array(rows.assessee)), layout, rows.cell, rows.mode, rows.n, rows.s, rows.ss],
    )


def _warnings(fair: DistrictFair, setting: Setting) -> list[Problem]:
    """What the chain could not do in a district."""
    found, name = [], fair.district

    def warn(code: str, **params: object) -> None:
        found.append(Problem(code, params=params, severity=Severity.WARNING))

    off = int((fair.targets.weights.state != WeightState.MET).sum())
    if off and setting.plan.margins:
        warn("assessment.not_calibrated", district=name, n=off)
    if setting.plan.nonresponse and not fair.targets.weights.has_response:
        warn("assessment.no_response_weights", district=name)
    modes = fair.targets.adjustment.modes if fair.targets.adjustment else None
    if modes is not None and (modes.state == ModeState.NOT_RANDOMISED).any():
        warn(
            "assessment.mode_not_randomised",
            district=name,
            n=int((modes.state == ModeState.NOT_RANDOMISED).sum()),
        )
    asked = setting.fairness.context
    if asked and fair.shrunken.fit is not None and not fair.shrunken.ground:
        warn("assessment.ground_not_used", district=name, n=len(fair.people.n))
    if fair.shrunken.fit is None and len(fair.people.n):
        warn("assessment.too_few_to_compare", district=name, n=len(fair.people.n))
    elif (fair.comparison.state == ReliabilityState.NO_DIFFERENCES).any():
        warn("assessment.no_differences", district=name)
    return found
