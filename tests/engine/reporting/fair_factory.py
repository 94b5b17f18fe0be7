"""Rounds with the tables of fairness filled in, for the tests of figures, fairness page and workbook.

`make_fair(tmp_path)` gives one district with two comparison groups; numbers follow a fixed rule. Each
argument changes one thing.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from minping_engine.assessment.result import (
    ADJUSTMENTS,
    COEFFICIENTS,
    COMPARISON_GROUPS,
    DRIVERS,
    FAIRNESS,
    SCORES,
    WEIGHTING,
    Result,
)
from tests.engine.reporting.factory import DISTRICT, Round, Worker, make_round

GROUPS = ("甲", "乙")
PEOPLE = [[Worker(points=90.0)] * 8, [Worker(points=88.0)] * 8, [Worker()] * 8, [Worker()] * 8]
STEPS = {"age_band": 0.5, "mode": -0.3, "ground:share_tenant": 0.9, "shrinkage": -0.1}


def make_fair(
    folder: Path,
    *,
    ranking: str = "too_wide",
    workers: list[list[Worker]] | None = None,
    slope: str = "none",
    borderline: tuple[str, ...] = (),
    quadrants: tuple[str, ...] = ("improve_first", "keep_up", "later", "enough"),
    driver_error: float = 0.004,
) -> Round:
    """A round whose chain found something."""
    made = make_round(folder, workers or PEOPLE)
    scores = [_scored(row, number) for number, row in enumerate(made.result["scores"].to_pylist())]
    tables = {
        **made.result.tables,
        "scores": pa.Table.from_pylist(scores, schema=SCORES),
        "adjustments": pa.Table.from_pylist(_adjustments(scores), schema=ADJUSTMENTS),
        "coefficients": pa.Table.from_pylist(_coefficients(), schema=COEFFICIENTS),
        "comparison_groups": pa.Table.from_pylist(_groups(scores, ranking), schema=COMPARISON_GROUPS),
        "drivers": pa.Table.from_pylist(_drivers(quadrants, driver_error), schema=DRIVERS),
        "fairness": pa.Table.from_pylist(_findings(slope), schema=FAIRNESS),
        "weighting": pa.Table.from_pylist(_weighting(len(scores)), schema=WEIGHTING),
    }
    return replace(made, result=Result(tables, {**made.result.head, "borderline": list(borderline)}))


def counting(made: Round, counts: str) -> Round:
    """The same round under a scheme that lets another estimate count; its interval is 2 wide."""
    fairness = made.scheme.scheme.fairness
    assert fairness is not None
    scores = [
        {**row, "score": row[counts], "score_low": row[counts] - 1, "score_high": row[counts] + 1}
        for row in made.result["scores"].to_pylist()
    ]
    tables = {**made.result.tables, "scores": pa.Table.from_pylist(scores, schema=SCORES)}
    scheme = made.scheme.with_fairness(fairness.model_copy(update={"counts": counts}))
    return replace(made, scheme=scheme, result=replace(made.result, tables=tables))


def with_rows(made: Round, table: str, **cells: Any) -> Round:
    """The same round with cells of all rows of a table replaced; a list gives one cell a row."""
    rows = made.result[table].to_pylist()
    for name, cell in cells.items():
        values = cell if isinstance(cell, list) else [cell] * len(rows)
        rows = [{**row, name: value} for row, value in zip(rows, values, strict=True)]
    tables = {**made.result.tables, table: pa.Table.from_pylist(rows, schema=made.result[table].schema)}
    return replace(made, result=replace(made.result, tables=tables))


def _scored(row: dict[str, Any], number: int) -> dict[str, Any]:
    adjusted = None if row["direct"] is None else row["direct"] + 1.1
    return {
        **row,
        "score": row["direct"],
        "score_low": row["low"],
        "score_high": row["high"],
        "standing": "full" if row["status"] == "assessed" else None,
        "grade_chance": 0.8,
        "weighted": row["direct"],
        "adjusted": adjusted,
        "adjusted_se": None if adjusted is None else 0.5 + 0.01 * (number % 10),
        "typical_se": None if adjusted is None else 0.5 + 0.01 * (number % 10),
        "shrunken": None if adjusted is None else adjusted - 0.1,
        "reliability": 0.9,
        "comparison_group": GROUPS[number % len(GROUPS)],
        "rank_low": 2,
        "rank_high": 9,
        "tie_band": 1,
        "progress": 0.7,
        "progress_se": 0.4,
        "borderline": False,
    }


def _adjustments(scores: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"assessee_id": row["assessee_id"], "step": step, "points": points}
        for row in scores
        for step, points in STEPS.items()
    ]


def _coefficients() -> list[dict[str, Any]]:
    rows = [
        ("case_mix", "age_band", "1", 0.8, ""),
        ("mode", "mode", "phone", -0.6, "randomised"),
        ("mode", "mode", "sms", 0.0, "not_randomised"),
        ("ground", "share_tenant", "", -0.4, ""),
        ("ground", "share_of_moonlight", "", -0.2, ""),
    ]
    return [
        {"district": DISTRICT, "kind": kind, "subject": subject, "level": level, "points": points}
        | {"se": 0.1, "state": state}
        for kind, subject, level, points, state in rows
    ]


def _groups(scores: list[dict[str, Any]], ranking: str) -> list[dict[str, Any]]:
    found = []
    for name in GROUPS:
        members = sum(row["comparison_group"] == name for row in scores)
        found.append(
            {
                "district": DISTRICT,
                "comparison_group": name,
                "scored": members,
                "compared": members,
                "ranking": ranking,
                "median_width": 12.5,
                "discrimination": "separates",
                "mean": 90.5,
                "spread": 2.0,
                "error": 0.6,
                "reliability": 0.9,
                "between_share": 0.1,
                "full_share": 0.3,
                "all_full": 0,
                "ceiling": False,
                "bands": 4.8,
                "funnel_target": 90.5,
                "funnel_tau2": 3.0,
            }
        )
    return found


def _drivers(quadrants: tuple[str, ...], half: float) -> list[dict[str, Any]]:
    return [
        {
            "district": DISTRICT,
            "outcome": "q5",
            "item": f"q{number}",
            "share": 0.05 - 0.01 * number,
            "se": 0.002,
            "low": 0.05 - 0.01 * number - half,
            "high": 0.05 - 0.01 * number + half,
            "r2": 0.12,
            "performance": 0.86 + 0.02 * number,
            "quadrant": quadrant,
            "method": "lmg",
            "state": "shown",
            "n_ballots": 9000,
        }
        for number, quadrant in enumerate(quadrants, start=1)
    ]


def _findings(slope: str) -> list[dict[str, Any]]:
    rows: list[tuple[str, str, str, float, str]] = [
        ("slope", "ground:share_tenant", "weighted", -1.2, "unfair"),
        ("slope", "ground:share_tenant", "adjusted", -0.1, slope),
        ("slope", "attribute:is_female", "weighted", 0.1, "none"),
        ("slope", "attribute:is_female", "adjusted", 0.1, "none"),
        ("response_gap", "tenure", "0", 0.09, "unfair"),
        ("response_gap", "tenure", "1", -0.09, "unfair"),
        ("response_floor", "tenure", "", 3.0, ""),
        ("mode_share", "mode", "visit", 0.5, ""),
        ("mode_share", "mode", "phone", 0.5, ""),
        ("mode_unusual", "mode", "", 2.0, ""),
        ("weights", "not_calibrated", "", 1.0, ""),
        ("weights", "deff", "median", 1.1, ""),
        ("weights", "deff", "largest", 1.4, ""),
        ("weights", "deff", "over", 0.0, ""),
    ]
    rows += [("spread", level, "", 1.5, "") for level in ("street", "area", "ballot")]
    for step in STEPS:
        size = 0.9 if step == "shrinkage" else 0.4
        rows += [("moved", step, level, size, "") for level in ("mean", "largest", "share")]
    return [
        {"district": DISTRICT, "check": check, "subject": subject, "level": level, "value": value}
        | {"low": value - 0.05, "high": value + 0.05, "n": 32, "verdict": verdict}
        for check, subject, level, value, verdict in rows
    ]


def _weighting(targets: int) -> list[dict[str, Any]]:
    return [
        {"target": target, "state": "out_of_bounds" if target == 0 else "met"}
        | {"moved_cells": 0, "merged_levels": 0}
        for target in range(targets)
    ]
