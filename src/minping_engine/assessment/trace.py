"""From a score back to its sums: what `minping trace` prints and a page "why this score" shows.

In: a result. Out: the rows of the trace for one assessee with exact decimal texts, the steps from the
plain score to the one that counts, and the sentence that joins rows and plain score. Below the threshold
for showing there are neither rows nor steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pyarrow.compute as pc

from minping_engine.assessment.result import TRACE, Result
from minping_engine.errors import InputError, Place

DIRECT, WEIGHTED, ADJUSTED, SHRUNKEN = "direct", "weighted", "adjusted", "shrunken"
LAST_STEP = "shrinkage"
HALF_MICRO = 5.1e-7
"""A model's score counts rounded to millionths."""


@dataclass(frozen=True)
class TraceRow:
    """One target, stratum and variable: n answers, their points, their mean, what it weighs.

    `size` is `units` (households; ballots where no frame is known) times `share` (per mille of the period).
    """

    target: int
    stratum: int
    variable: str
    n: int
    points: str
    mean: str
    units: int
    share: int


@dataclass(frozen=True)
class TraceStep:
    """One line on the way from the plain score: an estimate by its name, or points that a step added."""

    name: str
    points: float
    is_estimate: bool


@dataclass(frozen=True)
class Trace:
    """All rows of one assessee; `recomputed` is the plain score made again from them, exactly."""

    assessee_id: str
    period: str
    rows: tuple[TraceRow, ...]
    direct: float | None
    recomputed: Fraction | None
    steps: tuple[TraceStep, ...]
    score: float | None
    counts: str
    """Which estimate is the score that counts; empty where there is none."""

    def sentence(self, language: str) -> str:
        """How the rows make the plain score."""
        if self.direct is None or self.recomputed is None:
            return "答卷不足，不显示得分。" if language == "zh" else "Too few ballots: no score is shown."
        value = f"{float(self.recomputed):.6f}"
        if language == "zh":
            return f"原得分 = 各片区均值按权加权平均 = {value}（结果文件：{self.direct:.6f}）"
        return (
            f"Plain score = mean of the targets' means, weighted by size = {value} "
            f"(result file: {self.direct:.6f})"
        )


def trace_of(result: Result, assessee_id: str) -> Trace:
    """The trace of one assessee. Raises `InputError` for an unknown id."""
    scores = _rows_of(result, "scores", assessee_id)
    if not scores:
        raise InputError.of("assessment.unknown_assessee", Place(file="scores.parquet"), id=assessee_id)
    score, rows = scores[0], _rows_of(result, f"{TRACE}/targets", assessee_id)
    is_shown = score["direct"] is not None
    return Trace(
        assessee_id,
        result.period,
        tuple(map(_line, rows)) if is_shown else (),
        score["direct"],
        _recomputed(rows),
        _steps(score, _rows_of(result, "adjustments", assessee_id)) if is_shown else (),
        score["score"],
        _counts(score),
    )


def _rows_of(result: Result, table: str, assessee_id: str) -> list[dict[str, Any]]:
    return result[table].filter(pc.equal(result[table]["assessee_id"], assessee_id)).to_pylist()  # type: ignore[no-any-return]


def _line(row: dict[str, Any]) -> TraceRow:
    n, s, share = int(row["n"]), int(row["s"]), int(row["share"])
    mean = f"{float(Fraction(s, n * 1000)):.4f}" if n else "—"
    points = f"{float(Fraction(s, 1000)):,.3f}"
    units = int(row["size"]) // share if share else 0
    return TraceRow(
        int(row["target"]), int(row["stratum"]), str(row["variable"]), n, points, mean, units, share
    )


def _steps(score: Mapping[str, Any], moved: list[dict[str, Any]]) -> tuple[TraceStep, ...]:
    """Weighted score, what each step added, adjusted score, what drew it in, shrunken score."""
    parts = [TraceStep(row["step"], row["points"], is_estimate=False) for row in moved]
    lines = [
        _estimate(score, WEIGHTED),
        *(part for part in parts if part.name != LAST_STEP),
        _estimate(score, ADJUSTED),
        *(part for part in parts if part.name == LAST_STEP),
        _estimate(score, SHRUNKEN),
    ]
    return tuple(line for line in lines if line is not None)


def _estimate(score: Mapping[str, Any], name: str) -> TraceStep | None:
    return None if score[name] is None else TraceStep(name, score[name], is_estimate=True)


def _counts(score: Mapping[str, Any]) -> str:
    """The estimate that equals the score; the plain one first, as it is exact."""
    if score["score"] is None:
        return ""
    named = (
        name
        for name in (DIRECT, ADJUSTED, SHRUNKEN)
        if score[name] is not None and abs(score[name] - score["score"]) < HALF_MICRO
    )
    return next(named, "")


def _recomputed(rows: list[dict[str, Any]]) -> Fraction | None:
    totals = [row for row in rows if row["variable"] == "total" and int(row["n"])]
    weight = sum(int(row["size"]) for row in totals)
    if not weight:
        return None
    parts = (Fraction(int(row["s"]) * int(row["size"]), int(row["n"]) * 1000) for row in totals)
    return sum(parts, Fraction(0)) / weight
