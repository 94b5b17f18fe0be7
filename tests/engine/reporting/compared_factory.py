"""A small round whose result has the columns and tables of a scheme with the part `fairness`.

`make_fair_round(tmp_path, {...})` starts from `make_round`; the dictionary changes columns of the first
worker, `group` the row of her comparison group, `steps` replaces her adjustments. All numbers are invented.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from minping_engine.assessment.result import ADJUSTMENTS, COMPARISON_GROUPS, SCORES
from tests.engine.reporting.factory import DISTRICT, Round, Worker, make_round

FIRST = "W00101"
COMPARED = 5
STEPS = {"age_band": 0.3, "sex": -0.1, "mode": 0.25, "ground:share_tenant": -0.6, "shrinkage": -9.0}
"""Points of the first worker's steps; weights add 0.05."""


def make_fair_round(
    folder: Path,
    first: dict[str, Any] | None = None,
    *,
    worker: Worker | None = None,
    group: dict[str, Any] | None = None,
    counts: Literal["direct", "adjusted", "shrunken"] = "direct",
    steps: dict[str, float] | None = None,
    **options: Any,
) -> Round:
    """Five workers of one comparison group."""
    made = make_round(folder, [[worker or Worker(), *[Worker()] * (COMPARED - 1)]], **options)
    rows = [_fair_row(row) for row in made.result["scores"].to_pylist()]
    rows[0] |= first or {}
    tables = {
        **made.result.tables,
        "scores": pa.Table.from_pylist(rows, schema=SCORES),
        "adjustments": pa.Table.from_pylist(
            [
                {"assessee_id": FIRST, "step": step, "points": points}
                for step, points in (steps or STEPS).items()
            ],
            schema=ADJUSTMENTS,
        ),
        "comparison_groups": pa.Table.from_pylist([_group_row() | (group or {})], schema=COMPARISON_GROUPS),
    }
    fairness = made.scheme.scheme.fairness
    assert fairness is not None
    scheme = made.scheme.with_fairness(fairness.model_copy(update={"counts": counts}))
    return replace(made, result=replace(made.result, tables=tables), scheme=scheme)


def _fair_row(row: dict[str, Any]) -> dict[str, Any]:
    if row["status"] != "assessed":
        return row | {"comparison_group": "乙"}
    return row | {
        "score_low": row["low"],
        "score_high": row["high"],
        "standing": "full",
        "comparison_group": "乙",
        "grade_chance": 0.88,
        "weighted": row["direct"] + 0.05,
        "adjusted": row["direct"] - 0.10,
        "adjusted_se": 0.8,
        "shrunken": row["direct"] - 0.20,
        "shrunken_se": 0.7,
        "reliability": 0.9,
        "ranked_of": COMPARED,
        "rank_low": 2,
        "rank_high": 4,
        "set_low": 1,
        "set_high": 5,
        "tie_band": 1,
        "tie_rank": 1,
    }


def _group_row() -> dict[str, Any]:
    return {
        "district": DISTRICT,
        "comparison_group": "乙",
        "scored": COMPARED,
        "compared": COMPARED,
        "ranking": "carried",
        "median_width": 2.0,
        "discrimination": "separates",
        "all_full": 0,
        "ceiling": False,
    }
