"""Beside a round's scores: progress since the last round, what it cost, and open online ballots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from minping_engine.assessment import earlier_tables
from minping_engine.errors import SnapshotError
from tests.fair_rounds import FairRound, codes, column, result_of, run, scheme_with, seal_rounds

MODEL = ("weighted", "adjusted", "adjusted_se", "shrunken", "shrunken_se", "reliability")


def test_open_online_ballots_move_nobody_unless_the_scheme_says_so(tmp_path: Path) -> None:
    stuffed = FairRound(areas=30, online=200)
    plain = result_of(FairRound(areas=30), tmp_path / "plain")
    beside = result_of(stuffed, tmp_path / "beside", scheme_with(online={"cap_percent": 0}))
    assert {row["state"] for row in beside["online"].to_pylist()} == {"weight_zero"}
    assert {row["n"] for row in beside["online"].to_pylist()} == {200}
    blended = result_of(stuffed, tmp_path / "blended", scheme_with(online={"cap_percent": 20}))
    moved = [(row["moved"], row["bound"]) for row in blended["online"].to_pylist()]
    assert all(abs(points) <= bound for points, bound in moved)
    assert max(abs(points) for points, _ in moved) > 0
    assert plain["online"].num_rows == 0


def test_progress_is_measured_against_the_round_before(tmp_path: Path) -> None:
    first = FairRound(areas=40, ballots=120, households=400, period="2020Q3")
    before = result_of(first, tmp_path / "before")
    assert before["scores"]["progress"].null_count == 40
    gain = np.where(np.arange(40) < 20, 0.6, 0.0)
    second = replace(
        first, period="2020Q4", seed=8, levels=first.level_of_areas() + gain, extra=earlier_tables([before])
    )
    now = result_of(second, tmp_path / "now")
    progress, se = column(now, "progress"), column(now, "progress_se")
    assert progress[:20].mean() - progress[20:].mean() > 5
    assert (column(now, "p_better")[:20] > 0.9).mean() > 0.9
    assert (se > 0).all()


def test_a_gain_has_a_cost_only_where_money_and_progress_are_known(tmp_path: Path) -> None:
    first = FairRound(areas=24, ballots=120, households=400, period="2020Q3")
    before = result_of(first, tmp_path / "before")
    money = pa.table({"assessee_id": ["W0000", "W0001"], "yuan": [6000.0, 6000.0], "yuan_se": [None, 100.0]})
    levels = first.level_of_areas() + np.where(np.arange(24) == 0, 1.5, 0.0)
    second = replace(
        first, period="2020Q4", seed=8, levels=levels, extra={**earlier_tables([before]), "costs": money}
    )
    rows = {row["assessee_id"]: row for row in result_of(second, tmp_path / "now")["costs"].to_pylist()}
    assert set(rows) == {"W0000", "W0001"}
    assert rows["W0000"]["state"] == "bounded"
    assert rows["W0000"]["low"] < rows["W0000"]["yuan_per_household"] < rows["W0000"]["high"]


def test_a_newcomer_in_a_group_of_her_own_does_not_cost_the_others_their_progress(tmp_path: Path) -> None:
    first = FairRound(areas=40, ballots=100, households=400, period="2020Q3")
    earlier = earlier_tables([result_of(first, tmp_path / "before")])
    rows = earlier["earlier_cells"]
    left = rows.filter(pc.is_in(rows["assessee_id"], pa.array([f"W{n:04d}" for n in range(0, 40, 2)])))
    second = replace(first, period="2020Q4", seed=8, extra={**earlier, "earlier_cells": left})
    made = result_of(second, tmp_path / "now")["scores"].to_pylist()
    assert all(row["progress"] is not None for row in made[::2])
    assert {(row["progress"], row["progress_state"]) for row in made[1::2]} == {(None, "no_first_round")}


def test_two_ballots_of_an_earlier_round_are_no_round_to_compare_with(tmp_path: Path) -> None:
    first = FairRound(areas=30, ballots=100, households=400, period="2020Q3")
    earlier = earlier_tables([result_of(first, tmp_path / "before")])
    rows = earlier["earlier_cells"].to_pylist()
    few = [row for row in rows if row["assessee_id"] != "W0000"]
    few += [
        {**next(row for row in rows if row["assessee_id"] == "W0000"), "n": 2, "s": 200_000, "ss": 2 * 10**10}
    ]
    table = pa.Table.from_pylist(few, schema=earlier["earlier_cells"].schema)
    second = replace(first, period="2020Q4", seed=8, extra={**earlier, "earlier_cells": table})
    made = result_of(second, tmp_path / "now")["scores"].to_pylist()
    assert (made[0]["progress"], made[0]["progress_state"]) == (None, "no_first_round")
    assert made[1]["progress"] is not None


def test_earlier_rounds_with_other_cells_are_named(tmp_path: Path) -> None:
    first = FairRound(period="2020Q3")
    earlier = earlier_tables([result_of(first, tmp_path / "before")])
    made = run(
        seal_rounds((replace(first, period="2020Q4", seed=8, extra=earlier),), tmp_path / "s"),
        tmp_path / "o",
        scheme_with(adjusters=[{"variable": "sex", "describes": "respondent"}], weighting=None),
    )
    assert "assessment.earlier_cells_differ" in codes(made)
    assert made["scores"]["progress_state"].null_count == 24


def test_a_few_online_ballots_show_no_answer(tmp_path: Path) -> None:
    made = result_of(FairRound(online=3), tmp_path, scheme_with(online={"cap_percent": 0}))
    assert {(row["n"], row["estimate"], row["se"]) for row in made["online"].to_pylist()} == {(3, None, None)}


def test_a_cost_below_zero_is_refused(tmp_path: Path) -> None:
    money = pa.table({"assessee_id": ["W0000"], "yuan": [-5.0], "yuan_se": pa.array([None], pa.float64())})
    with pytest.raises(SnapshotError, match="negative"):
        result_of(FairRound(extra={"costs": money}), tmp_path)
