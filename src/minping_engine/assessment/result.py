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

from minping_engine.errors import Place, SnapshotError
from minping_engine.snapshot import read_parquet, write_json, write_parquet

RESULT_VERSION = 1
RESULT, RUN, TRACE = "result.json", "run.json", "trace"


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
        _field("difference", pa.float64(), "direct minus benchmark"),
        _field("status", pa.string(), "Status", nullable=False),
        _field("reason", pa.string(), "NotAssessed, or null"),
        _field("grade", pa.string(), "grade, or null (not assessed, or bands not published)"),
        _field("below_target", pa.bool_(), "fewer ballots than the scheme's target", nullable=False),
        _field("shared_target", pa.bool_(), "one of the targets has a second assessee", nullable=False),
        _field(
            "visited",
            pa.int64(),
            "households visited in the window of the visit quota: period or year so far (S3)",
        ),
        _field("year_mean", pa.float64(), "plain mean of the year's assessed periods so far (S2)"),
        _field("year_periods", pa.int64(), "how many periods that is", nullable=False),
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
TABLES: dict[str, pa.Schema] = {
    "scores": SCORES,
    "indicators": INDICATORS,
    "groups": GROUPS,
    "modes": MODES,
    f"{TRACE}/targets": TRACE_TARGETS,
}


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
    run = json.loads((folder / RUN).read_text("utf-8")) if (folder / RUN).is_file() else {}
    return Result(tables, head, run)
