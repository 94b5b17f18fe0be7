"""From a score back to its sums: what `minping trace` prints and a page "why this score" shows.

In: a result. Out: the rows of the trace for one assessee with exact decimal texts, and the
sentence that joins them to the score.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pyarrow.compute as pc

from minping_engine.assessment.result import TRACE, Result
from minping_engine.errors import InputError, Place


@dataclass(frozen=True)
class TraceRow:
    """One target, stratum and variable: n answers, their points, their mean, what it weighs."""

    target: int
    stratum: int
    variable: str
    n: int
    points: str
    mean: str
    size: int


@dataclass(frozen=True)
class Trace:
    """All rows of one assessee; `recomputed` is the score made again from them, exactly."""

    assessee_id: str
    period: str
    rows: tuple[TraceRow, ...]
    direct: float | None
    recomputed: Fraction | None

    def sentence(self, language: str) -> str:
        """How the rows make the score."""
        if self.direct is None or self.recomputed is None:
            return "答卷不足，不显示得分。" if language == "zh" else "Too few ballots: no score is shown."
        value = f"{float(self.recomputed):.6f}"
        if language == "zh":
            return f"得分 = 各片区均值按权加权平均 = {value}（结果文件：{self.direct:.6f}）"
        return (
            f"Score = mean of the targets' means, weighted by size = {value} (result file: {self.direct:.6f})"
        )


def trace_of(result: Result, assessee_id: str) -> Trace:
    """The trace of one assessee. Raises `InputError` for an unknown id."""
    scores = result["scores"].filter(pc.equal(result["scores"]["assessee_id"], assessee_id)).to_pylist()
    if not scores:
        raise InputError.of("assessment.unknown_assessee", Place(file="scores.parquet"), id=assessee_id)
    table = result[f"{TRACE}/targets"]
    rows = table.filter(pc.equal(table["assessee_id"], assessee_id)).to_pylist()
    shown = scores[0]["direct"] is not None
    lines = tuple(_line(row) for row in rows) if shown else ()
    return Trace(assessee_id, result.period, lines, scores[0]["direct"], _recomputed(rows))


def _line(row: dict[str, int | str]) -> TraceRow:
    n, s = int(row["n"]), int(row["s"])
    mean = f"{float(Fraction(s, n * 1000)):.4f}" if n else "—"
    points = f"{float(Fraction(s, 1000)):,.3f}"
    return TraceRow(
        int(row["target"]), int(row["stratum"]), str(row["variable"]), n, points, mean, int(row["size"])
    )


def _recomputed(rows: list[dict[str, int | str]]) -> Fraction | None:
    totals = [row for row in rows if row["variable"] == "total" and int(row["n"])]
    weight = sum(int(row["size"]) for row in totals)
    if not weight:
        return None
    parts = (Fraction(int(row["s"]) * int(row["size"]), int(row["n"]) * 1000) for row in totals)
    return sum(parts, Fraction(0)) / weight
