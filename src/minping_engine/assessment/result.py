"""The result of a run: typed tables, and the folder they are written to and read from.

Out: `result.json` (what was run on what, counts, warnings, fingerprints), `run.json` (how and
where; the only file that may differ between two runs), `scores.parquet`, `indicators.parquet`,
`groups.parquet`, `modes.parquet`, `trace/`. Points are float64 made from exact integers by one
correctly rounded division; standard errors are in points.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from minping_engine.assessment.scored.tables import SCORED_TABLES
from minping_engine.errors import Place, SnapshotError
from minping_engine.snapshot import read_parquet, write_json, write_parquet

RESULT_VERSION = 3
RESULT, RUN, TRACE, FORMS = "result.json", "run.json", "trace", "forms"
FORM_TABLES = ("scores", "indicators", "groups", "modes", "online")
"""What is kept of every questionnaire after the first, under `forms/<instrument>/`."""


def _field(name: str, kind: pa.DataType, about: str, *, nullable: bool = True) -> pa.Field:
    return pa.field(name, kind, nullable=nullable, metadata={"about": about})


SCORES = pa.schema(
    [
        _field("assessee_id", pa.string(), "who", nullable=False),
        _field("kind", pa.string(), "AssesseeKind", nullable=False),
        _field("name", pa.string(), "name for the card", nullable=False),
        _field("area_id", pa.string(), "place whose card this is", nullable=False),
        _field("period", pa.string(), "assessment period", nullable=False),
        _field("n_ballots", pa.int64(), "ballots that count", nullable=False),
        _field(
            "n_rejected", pa.int64(), "ballots dropped by rule (out of range, incomplete)", nullable=False
        ),
        _field("eligible", pa.int64(), "eligible households in the rated areas"),
        _field("drawn", pa.int64(), "households drawn"),
        _field("direct", pa.float64(), "direct score, points; null below the threshold for showing"),
        _field(
            "direct_se",
            pa.float64(),
            "standard error without finite population correction: decides about a person",
        ),
        _field("direct_se_fpc", pa.float64(), "standard error with it: what these households think now"),
        _field(
            "low", pa.float64(), "interval of the direct score (with correction where the frame is known)"
        ),
        _field("high", pa.float64(), "its upper end"),
        _field("score", pa.float64(), "the estimate that counts by the scheme: direct, adjusted or shrunken"),
        _field("score_low", pa.float64(), "its interval; of a levelled score without population correction"),
        _field("score_high", pa.float64(), "upper end"),
        _field("difference", pa.float64(), "score minus benchmark"),
        _field("status", pa.string(), "Status", nullable=False),
        _field("reason", pa.string(), "NotAssessed, or null"),
        _field("standing", pa.string(), "Standing: what an assessed score may be used for, or null"),
        _field("grade", pa.string(), "grade, or null (not assessed, score only, or bands not published)"),
        _field("grade_chance", pa.float64(), "chance that the true score belongs to the grade, 0-1"),
        _field("below_target", pa.bool_(), "fewer ballots than the scheme's target", nullable=False),
        _field("shared_target", pa.bool_(), "one of the targets has a second assessee", nullable=False),
        _field(
            "visited",
            pa.int64(),
            "households visited in the window of the visit quota: period or year so far (S3)",
        ),
        _field("year_mean", pa.float64(), "plain mean of the year's assessed periods so far (S2)"),
        _field("year_periods", pa.int64(), "how many periods that is", nullable=False),
        _field("weighted", pa.float64(), "mean weighted to the households of the rated areas"),
        _field("adjusted", pa.float64(), "the same at one mix of respondents, modes and ground"),
        _field("adjusted_se", pa.float64(), "its standard error without finite population correction"),
        _field(
            "typical_se", pa.float64(), "the same if ballots scattered alike everywhere: for funnel plots"
        ),
        _field("shrunken", pa.float64(), "adjusted score drawn towards its comparison group by its error"),
        _field("shrunken_se", pa.float64(), "root mean squared error of that"),
        _field("reliability", pa.float64(), "share of differences between assessees that is theirs, 0-1"),
        _field("comparison_group", pa.string(), "label of the comparison group"),
        _field("ranked_of", pa.int64(), "how many of the group are compared"),
        _field("rank_expected", pa.float64(), "expected rank; null where the data carry no order"),
        _field("rank_low", pa.int64(), "best rank of the own interval, 1 = best"),
        _field("rank_high", pa.int64(), "its worst rank"),
        _field("set_low", pa.int64(), "best rank of the set that holds with those of all others at once"),
        _field("set_high", pa.int64(), "its worst rank"),
        _field("p_top", pa.float64(), "chance to belong to the top share of the scheme, 0-1"),
        _field("tie_band", pa.int64(), "band of those whom the data do not tell apart, from 1"),
        _field("tie_rank", pa.int64(), "rank that the band shares"),
        _field("progress", pa.float64(), "change since the last comparable period, points"),
        _field("progress_se", pa.float64(), "its standard error"),
        _field("p_better", pa.float64(), "chance that the change is a gain, 0-1"),
        _field("progress_state", pa.string(), "ProgressState, or null without an earlier round"),
        _field("borderline", pa.bool_(), "a decision lies within 2e-6 of its limit", nullable=False),
    ]
)
INDICATORS = pa.schema(
    [
        _field("assessee_id", pa.string(), "who", nullable=False),
        _field("period", pa.string(), "assessment period", nullable=False),
        _field("indicator", pa.string(), "item id", nullable=False),
        _field("n", pa.int64(), "ballots that answered the item", nullable=False),
        _field("points", pa.float64(), "mean points; null below the threshold for showing"),
        _field("max_points", pa.float64(), "most points the item can bring", nullable=False),
        _field("se", pa.float64(), "standard error without finite population correction"),
        _field("se_fpc", pa.float64(), "standard error with it"),
        _field("previous", pa.float64(), "points in the period before, if the snapshot's history has it"),
    ]
)
GROUPS = pa.schema(
    [
        _field("level", pa.string(), "AreaLevel", nullable=False),
        _field("area_id", pa.string(), "place", nullable=False),
        _field("variable", pa.string(), "`total` or item id", nullable=False),
        _field("n_assessees", pa.int64(), "assessees that are assessed there", nullable=False),
        _field("n_ballots", pa.int64(), "their ballots; a shared target counts once", nullable=False),
        _field("mean", pa.float64(), "mean of the assessees' points (S7)"),
        _field("se", pa.float64(), "its standard error without finite population correction"),
        _field("se_fpc", pa.float64(), "with it"),
        _field("low", pa.float64(), "interval, as in scores"),
        _field("high", pa.float64(), "its upper end"),
        _field("year_mean", pa.float64(), "plain mean of the year's periods so far (S14)"),
        _field("year_periods", pa.int64(), "how many periods that is", nullable=False),
    ]
)
MODES = pa.schema(
    [
        _field("assessee_id", pa.string(), "who", nullable=False),
        _field("mode", pa.int8(), "Mode code", nullable=False),
        _field("n", pa.int64(), "ballots that count", nullable=False),
    ]
)
TRACE_TARGETS = pa.schema(
    [
        _field("assessee_id", pa.string(), "who", nullable=False),
        _field("target", pa.int32(), "target", nullable=False),
        _field("stratum", pa.int64(), "sampling stratum inside the target", nullable=False),
        _field("share", pa.int64(), "posting share, per mille", nullable=False),
        _field(
            "size",
            pa.int64(),
            "what the row weighs in the mean: eligible units (ballots where no frame is known) x share",
            nullable=False,
        ),
        _field("variable", pa.string(), "`total` or item id", nullable=False),
        _field("n", pa.int64(), "answers", nullable=False),
        _field("s", pa.int64(), "sum of thousandths of a point", nullable=False),
        _field("ss", pa.int64(), "sum of their squares", nullable=False),
        _field("eligible", pa.int64(), "eligible units of the target, or null"),
    ]
)
_DISTRICT = _field("district", pa.string(), "district of the ballots", nullable=False)
ADJUSTMENTS = pa.schema(
    [
        _field("assessee_id", pa.string(), "who", nullable=False),
        _field("step", pa.string(), "variable, `mode`, `ground:<covariate>` or `shrinkage`", nullable=False),
        _field("points", pa.float64(), "what the step added to the weighted score", nullable=False),
    ]
)
COEFFICIENTS = pa.schema(
    [
        _DISTRICT,
        _field("kind", pa.string(), "case_mix, mode or ground", nullable=False),
        _field("subject", pa.string(), "variable, `mode` or covariate", nullable=False),
        _field("level", pa.string(), "level or mode that the effect belongs to", nullable=False),
        _field(
            "points", pa.float64(), "effect against the reference, or per standard deviation of the ground"
        ),
        _field("se", pa.float64(), "its standard error"),
        _field("state", pa.string(), "ModeState of a mode's effect, else empty", nullable=False),
    ]
)
COMPARISON_GROUPS = pa.schema(
    [
        _DISTRICT,
        _field("comparison_group", pa.string(), "label", nullable=False),
        _field("scored", pa.int64(), "assessees with enough ballots", nullable=False),
        _field("compared", pa.int64(), "of these, reliable enough to be compared", nullable=False),
        _field("ranking", pa.string(), "RankingState", nullable=False),
        _field("median_width", pa.float64(), "median width of the simultaneous sets of ranks"),
        _field("discrimination", pa.string(), "Discrimination", nullable=False),
        _field("mean", pa.float64(), "mean true score, points"),
        _field("spread", pa.float64(), "standard deviation of true scores, points"),
        _field("error", pa.float64(), "root mean squared standard error, points"),
        _field("reliability", pa.float64(), "spread^2 / (spread^2 + error^2)"),
        _field("between_share", pa.float64(), "share of all answers' variance that lies between assessees"),
        _field("full_share", pa.float64(), "share of ballots with full marks"),
        _field("all_full", pa.int64(), "assessees with full marks only", nullable=False),
        _field("ceiling", pa.bool_(), "half of the ballots or more have full marks", nullable=False),
        _field("bands", pa.float64(), "groups that could be told apart"),
        _field("funnel_target", pa.float64(), "centre of the funnel plot"),
        _field("funnel_tau2", pa.float64(), "overdispersion of the funnel plot, squared points"),
    ]
)
DRIVERS = pa.schema(
    [
        _DISTRICT,
        _field("outcome", pa.string(), "overall item", nullable=False),
        _field("item", pa.string(), "item", nullable=False),
        _field("share", pa.float64(), "share of R^2 that goes with the item"),
        _field("se", pa.float64(), "jackknife standard error over streets"),
        _field("low", pa.float64(), "interval"),
        _field("high", pa.float64(), "its upper end"),
        _field("r2", pa.float64(), "R^2 of all items together"),
        _field("performance", pa.float64(), "mean share of the item's most points"),
        _field("quadrant", pa.string(), "Quadrant", nullable=False),
        _field("method", pa.string(), "ShareMethod", nullable=False),
        _field("state", pa.string(), "DriverState", nullable=False),
        _field("n_ballots", pa.int64(), "complete ballots", nullable=False),
    ]
)
FAIRNESS = pa.schema(
    [
        _DISTRICT,
        _field("check", pa.string(), "slope, moved, left_out, response_gap, ...", nullable=False),
        _field("subject", pa.string(), "what is checked", nullable=False),
        _field("level", pa.string(), "level, step or statistic", nullable=False),
        _field("value", pa.float64(), "the finding"),
        _field("low", pa.float64(), "its interval"),
        _field("high", pa.float64(), "upper end"),
        _field("n", pa.int64(), "assessees, households or ballots behind it", nullable=False),
        _field("verdict", pa.string(), "Verdict, or empty", nullable=False),
    ]
)
MINIMUM_SAMPLES = pa.schema(
    [
        _DISTRICT,
        _field("reliability_percent", pa.int64(), "reliability wanted", nullable=False),
        _field("ballots", pa.int64(), "ballots per assessee that it takes; null where no number is enough"),
    ]
)
ONLINE = pa.schema(
    [
        _field("assessee_id", pa.string(), "who", nullable=False),
        _field("n", pa.int64(), "open online ballots", nullable=False),
        _field("state", pa.string(), "BlendState", nullable=False),
        _field("estimate", pa.float64(), "mean of open online ballots, a separate estimate"),
        _field("se", pa.float64(), "its standard error"),
        _field("blend_weight", pa.float64(), "what it weighs in the adjusted score, 0-1"),
        _field("moved", pa.float64(), "points that it moved the adjusted score"),
        _field("bound", pa.float64(), "most that any number of such ballots can move it"),
    ]
)
COSTS = pa.schema(
    [
        _field("assessee_id", pa.string(), "who", nullable=False),
        _field("yuan", pa.float64(), "money spent"),
        _field("gain", pa.float64(), "satisfied households gained since the last comparable period"),
        _field("gain_se", pa.float64(), "its standard error"),
        _field("yuan_per_household", pa.float64(), "yuan per satisfied household gained"),
        _field("low", pa.float64(), "Fieller's limit; see the state before using it"),
        _field("high", pa.float64(), "the other"),
        _field("state", pa.string(), "RatioState", nullable=False),
    ]
)
WEIGHTING = pa.schema(
    [
        _field("target", pa.int32(), "target", nullable=False),
        _field("state", pa.string(), "WeightState", nullable=False),
        _field("design_effect", pa.float64(), "Kish's design effect of the weights"),
        _field("smallest_g", pa.float64(), "smallest weight against its base"),
        _field("largest_g", pa.float64(), "largest"),
        _field("moved_share", pa.float64(), "share of weight that raking moved, 0-1"),
        _field("moved_cells", pa.int64(), "cells moved by more than a fifth", nullable=False),
        _field("merged_levels", pa.int64(), "levels merged before raking", nullable=False),
    ]
)
TRACE_WEIGHTS = pa.schema(
    [
        _field("target", pa.int32(), "target", nullable=False),
        _field("cell", pa.int64(), "stratum and packed cell", nullable=False),
        _field("n", pa.int64(), "ballots", nullable=False),
        _field("w_micro", pa.int64(), "weight of the whole cell, millionths of a household", nullable=False),
    ]
)
TRACE_CELLS = pa.schema(
    [
        _field("assessee_id", pa.string(), "who", nullable=False),
        _field("cell", pa.int64(), "packed cell", nullable=False),
        _field("mode", pa.int64(), "Mode code", nullable=False),
        _field("n", pa.int64(), "ballots", nullable=False),
        _field("s", pa.int64(), "sum of the total, thousandths of a point", nullable=False),
        _field("ss", pa.int64(), "sum of its squares", nullable=False),
    ]
)
FAIR_TABLES: dict[str, pa.Schema] = {
    "adjustments": ADJUSTMENTS,
    "coefficients": COEFFICIENTS,
    "comparison_groups": COMPARISON_GROUPS,
    "drivers": DRIVERS,
    "fairness": FAIRNESS,
    "minimum_samples": MINIMUM_SAMPLES,
    "online": ONLINE,
    "costs": COSTS,
    "weighting": WEIGHTING,
    f"{TRACE}/weights": TRACE_WEIGHTS,
    f"{TRACE}/cells": TRACE_CELLS,
}
"""Tables of schemes with the part `fairness`; empty without it."""
TABLES: dict[str, pa.Schema] = {
    "scores": SCORES,
    "indicators": INDICATORS,
    "groups": GROUPS,
    "modes": MODES,
    f"{TRACE}/targets": TRACE_TARGETS,
    **FAIR_TABLES,
    **SCORED_TABLES,
}


def empty_tables() -> dict[str, pa.Table]:
    """All tables without a row: what a scheme without a questionnaire starts from."""
    return {name: schema.empty_table() for name, schema in TABLES.items()}


@dataclass(frozen=True)
class Result:
    """Typed tables by name, the content of `result.json`, and of `run.json`."""

    tables: Mapping[str, pa.Table]
    head: Mapping[str, Any]
    run: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pa.Table:
        return self.tables[name]

    @property
    def period(self) -> str:
        """Assessment period."""
        return str(self.head["period"])


def write_result(result: Result, folder: Path) -> None:
    """Write tables, `result.json` and `run.json` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in result.tables.items():
        write_parquet(table, folder / f"{name}.parquet")
    write_json(dict(result.head), folder / RESULT)
    write_json(dict(result.run), folder / RUN)


def read_result(folder: Path) -> Result:
    """Read a result folder back."""
    if not (folder / RESULT).is_file():
        raise SnapshotError.of("assessment.not_a_result", Place(file=str(folder)))
    tables = {name: read_parquet(folder / f"{name}.parquet").cast(schema) for name, schema in TABLES.items()}
    head = json.loads((folder / RESULT).read_text("utf-8"))
    for form in head.get("instruments", [])[1:]:
        for name in FORM_TABLES:
            path = f"{FORMS}/{form}/{name}"
            tables[path] = read_parquet(folder / f"{path}.parquet").cast(TABLES[name])
    run = json.loads((folder / RUN).read_text("utf-8")) if (folder / RUN).is_file() else {}
    return Result(tables, head, run)
