"""A round from snapshot to result: what a bureau and a worker rely on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from minping_engine.assessment import (
    Result,
    assess,
    history_from_results,
    read_result,
    trace_of,
    write_result,
)
from minping_engine.errors import InputError, SchemeError, SnapshotError
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import load_scheme
from minping_engine.snapshot import BallotPart, SnapshotHead, open_snapshot, seal_snapshot
from tests.rounds import GOOD, POOR, Ballot, Round, seal

SCHEME = load_scheme("gulou-worker", demo=True)


def result_of(round_: Round, folder: Path, *, demo: bool = True) -> Result:
    scheme = load_scheme("gulou-worker", demo=demo)
    snapshot = seal(round_, folder / "snapshot", scheme)
    return assess(snapshot, scheme, folder / "out", scheduler_named("serial"))


def row(result: Result, assessee: str = "W1") -> dict[str, object]:
    return next(row for row in result["scores"].to_pylist() if row["assessee_id"] == assessee)


def ballots(good: int, poor: int, target: int = 0) -> list[Ballot]:
    return [Ballot(target)] * good + [Ballot(target, POOR)] * poor


def test_the_score_is_the_mean_of_ballots_in_points(tmp_path: Path) -> None:
    assert row(result_of(Round(ballots(45, 15)), tmp_path))["direct"] == 75.0


def test_the_standard_error_is_that_of_a_simple_random_sample(tmp_path: Path) -> None:
    """60 ballots, 45 at 100 and 15 at 0, of 100 households: s^2 = 1906.78, f = 0.6 (worked by hand)."""
    scored = row(result_of(Round(ballots(45, 15), eligible={0: 100}), tmp_path))
    variance = (60 * 45 * 100**2 - 4500**2) / (60 * 59) / 60
    assert scored["direct_se"] == pytest.approx(variance**0.5, rel=1e-12)
    assert scored["direct_se_fpc"] == pytest.approx((variance * 0.4) ** 0.5, rel=1e-12)


def test_without_a_frame_there_is_no_corrected_error_and_it_is_said(tmp_path: Path) -> None:
    result = result_of(Round(ballots(45, 15)), tmp_path)
    assert row(result)["direct_se_fpc"] is None
    assert "assessment.no_frame" in {warning["code"] for warning in result.head["warnings"]}


@pytest.mark.parametrize(
    ("n", "shown", "status", "reason"),
    [
        (0, False, "not_assessed", "no_sample"),
        (9, False, "not_assessed", "too_few"),
        (10, True, "not_assessed", "too_few"),
        (29, True, "not_assessed", "too_few"),
        (30, True, "assessed", None),
    ],
)
def test_too_few_ballots_are_a_state_not_a_score(
    tmp_path: Path, n: int, shown: bool, status: str, reason: str | None
) -> None:
    round_ = Round(
        [*ballots(n, 0), *ballots(40, 0, target=1)], workers={"W1": [(0, 1000)], "W2": [(1, 1000)]}
    )
    result = result_of(round_, tmp_path)
    scored = row(result)
    assert (scored["status"], scored["reason"], scored["direct"] is not None) == (status, reason, shown)
    indicators = [line for line in result["indicators"].to_pylist() if line["assessee_id"] == "W1"]
    assert all((line["points"] is not None) == shown for line in indicators)


def test_the_benchmark_is_the_plain_mean_of_assessed_workers(tmp_path: Path) -> None:
    round_ = Round(
        [*ballots(30, 0), *ballots(45, 45, target=1), *ballots(0, 20, target=2)],
        workers={"W1": [(0, 1000)], "W2": [(1, 1000)], "W3": [(2, 1000)]},
    )
    result = result_of(round_, tmp_path)
    district = next(
        group
        for group in result["groups"].to_pylist()
        if (group["level"], group["variable"]) == ("district", "total")
    )
    assert (district["mean"], district["n_assessees"], district["n_ballots"]) == (75.0, 2, 120)
    assert row(result)["difference"] == 25.0
    assert row(result, "W3")["difference"] is None


def test_several_areas_of_one_worker_weigh_by_their_households(tmp_path: Path) -> None:
    round_ = Round(
        [*ballots(40, 0), *ballots(0, 40, target=1)],
        workers={"W1": [(0, 1000), (1, 1000)]},
        eligible={0: 300, 1: 100},
    )
    assert row(result_of(round_, tmp_path))["direct"] == 75.0


def test_a_worker_who_moves_keeps_the_share_of_the_postings(tmp_path: Path) -> None:
    round_ = Round(
        [*ballots(40, 0), *ballots(0, 40, target=1)],
        workers={"W1": [(0, 500), (1, 1000)], "W2": [(0, 500)]},
        eligible={0: 200, 1: 100},
    )
    result = result_of(round_, tmp_path)
    assert row(result)["direct"] == 50.0
    assert row(result)["shared_target"] is True
    assert row(result, "W2")["direct"] == 100.0


def test_a_frame_that_does_not_know_the_strata_gives_no_correction(tmp_path: Path) -> None:
    """Eligible households known in all, ballots in strata 1 and 2: n/N of a stratum is unknown."""
    given = [Ballot(stratum=1)] * 40 + [Ballot(answers=POOR, stratum=2)] * 40
    scored = row(result_of(Round(given, eligible={0: 100}), tmp_path))
    assert (scored["direct"], scored["direct_se_fpc"], scored["eligible"]) == (50.0, None, None)


def test_two_workers_in_one_target_get_one_estimate_and_a_flag(tmp_path: Path) -> None:
    round_ = Round(ballots(45, 15), workers={"W1": [(0, 1000)], "W2": [(0, 1000)]})
    result = result_of(round_, tmp_path)
    assert row(result)["direct"] == row(result, "W2")["direct"] == 75.0
    assert row(result)["shared_target"] is True


def test_ballots_for_an_area_without_a_worker_count_for_nobody_and_it_is_said(tmp_path: Path) -> None:
    result = result_of(Round([*ballots(30, 0), *ballots(0, 12, target=5)]), tmp_path)
    assert row(result)["direct"] == 100.0
    warning = next(w for w in result.head["warnings"] if w["code"] == "assessment.nobody_posted")
    assert warning["params"]["n"] == 12


def test_a_posting_that_names_nobody_is_refused_and_moves_no_score(tmp_path: Path) -> None:
    scheme = load_scheme("gulou-worker", demo=True)
    round_ = Round(
        [*ballots(40, 0), *ballots(0, 40, target=1)], workers={"W2": [(0, 1000)], "W3": [(1, 1000)]}
    )
    snapshot = seal(round_, tmp_path / "whole", scheme)
    tables = {
        name: snapshot.table(name) for name in ("areas", "targets", "postings", "item_codes", "assessees")
    }
    known = pa.compute.not_equal(tables["assessees"]["assessee_id"], "W2")
    tables["assessees"] = tables["assessees"].filter(known)
    part = snapshot.parts[0]
    head = SnapshotHead(period="2020Q4", period_kind="quarter", source="test")
    seal_snapshot(
        tmp_path / "broken",
        head,
        tables,
        [BallotPart(part.instrument, part.district, pq.read_table(part.path, partitioning=None))],
    )
    with pytest.raises(SnapshotError, match="postings"):
        assess(open_snapshot(tmp_path / "broken"), scheme, tmp_path / "out", scheduler_named("serial"))


def test_the_trace_holds_no_sums_that_must_not_be_shown(tmp_path: Path) -> None:
    result = result_of(Round(ballots(9, 0)), tmp_path)
    assert result["trace/targets"].num_rows == 0


def test_a_shared_target_counts_once_in_the_ballots_of_places_and_of_the_round(tmp_path: Path) -> None:
    round_ = Round(ballots(45, 15), workers={"W1": [(0, 1000)], "W2": [(0, 1000)]}, eligible={0: 100})
    result = result_of(round_, tmp_path)
    district = next(group for group in result["groups"].to_pylist() if group["level"] == "district")
    assert (district["n_assessees"], district["n_ballots"]) == (2, 60)
    counts = result.head["counts"]
    assert (counts["ballots_counted"], counts["drawn"], counts["modes"]) == (60, 100, {"1": 60})


def test_a_value_that_nobody_published_blocks_a_real_run_and_names_itself(tmp_path: Path) -> None:
    with pytest.raises(SchemeError) as refused:
        result_of(Round(ballots(45, 15)), tmp_path, demo=False)
    found = {(problem.code, problem.params["name"]) for problem in refused.value.problems}
    assert found == {("scheme.not_published", "grade_bands"), ("scheme.not_published", "pay_by_grade")}


def test_a_district_may_say_that_it_gives_no_grades(tmp_path: Path) -> None:
    scheme = load_scheme("gulou-worker", values={"grade_bands": None, "pay_by_grade": None})
    snapshot = seal(Round(ballots(45, 15)), tmp_path / "s", scheme)
    scored = row(assess(snapshot, scheme, tmp_path / "o", scheduler_named("serial")))
    assert (scored["grade"], scored["direct"]) == (None, 75.0)


def test_grades_follow_the_bands(tmp_path: Path) -> None:
    workers = {f"W{number}": [(number, 1000)] for number in range(4)}
    shares = {0: 100, 1: 94, 2: 93, 3: 50}
    given = [ballot for target, good in shares.items() for ballot in ballots(good, 100 - good, target)]
    result = result_of(Round(given, workers=workers), tmp_path)
    assert result["scores"]["grade"].to_pylist() == ["A", "A", "B", "D"]


def test_the_interval_stays_on_the_scale_and_holds_the_score(tmp_path: Path) -> None:
    scored = row(result_of(Round(ballots(59, 1)), tmp_path))
    assert 0 <= scored["low"] <= scored["direct"] <= scored["high"] <= 100


def test_ballots_below_the_target_are_flagged(tmp_path: Path) -> None:
    assert row(result_of(Round(ballots(299, 0)), tmp_path))["below_target"] is True
    assert row(result_of(Round(ballots(300, 0)), tmp_path / "b"))["below_target"] is False


def test_modes_count_ballots_that_count(tmp_path: Path) -> None:
    given = [Ballot(mode=mode) for mode in (1, 1, 2, 3, 3, 3, 7)] + ballots(30, 0)
    result = result_of(Round(given), tmp_path)
    modes = {line["mode"]: line["n"] for line in result["modes"].to_pylist()}
    assert modes == {1: 32, 2: 1, 3: 3}


def test_the_trace_makes_the_score_again_exactly(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    given = [
        Ballot(int(rng.integers(0, 2)), {**GOOD, "q3": int(rng.integers(1, 6)), "q4": None})
        for _ in range(99)
    ]
    round_ = Round(given, workers={"W1": [(0, 700), (1, 1000)]}, eligible={0: 310, 1: 77})
    result = result_of(round_, tmp_path)
    trace = trace_of(result, "W1")
    assert float(trace.recomputed or 0) == pytest.approx(trace.direct, abs=1e-12)


def test_an_unknown_assessee_has_no_trace(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="W9"):
        trace_of(result_of(Round(ballots(45, 15)), tmp_path), "W9")


def test_the_next_round_sees_this_one_through_its_sealed_history(tmp_path: Path) -> None:
    first = result_of(Round(ballots(45, 15), period="2020Q3"), tmp_path / "a")
    second = result_of(Round(ballots(54, 6), history=history_from_results([first])), tmp_path / "b")
    assert [line["previous"] for line in second["indicators"].to_pylist()] == [15.0] * 5


def test_the_annual_mean_counts_each_assessed_period_of_the_year_once(tmp_path: Path) -> None:
    """S2: 2019Q4 is another year, 2020Q2 had too few ballots; (75 + 90) / 2 = 82.5."""
    before = {
        "2019Q4": ballots(30, 30),
        "2020Q1": ballots(45, 15),
        "2020Q2": ballots(0, 20),
    }
    earlier = [result_of(Round(given, period=period), tmp_path / period) for period, given in before.items()]
    now = result_of(Round(ballots(54, 6), history=history_from_results(earlier)), tmp_path / "now")
    assert (row(now)["year_mean"], row(now)["year_periods"]) == (82.5, 2)
    district = next(
        group
        for group in now["groups"].to_pylist()
        if (group["level"], group["variable"]) == ("district", "total")
    )
    assert (district["year_mean"], district["year_periods"]) == (82.5, 2)


@pytest.mark.parametrize(("window", "visited"), [("quarter", 210), ("year", 290)])
def test_visits_are_counted_in_the_window_of_the_quota(tmp_path: Path, window: str, visited: int) -> None:
    """S3: the quota's window is a parameter."""
    quota = {"count": 300, "window": window}
    scheme = load_scheme("gulou-worker", demo=True, values={"visit_quota": quota})
    round_ = Round(ballots(30, 0), visits={(0, "2020Q4"): 210, (0, "2020"): 290})
    snapshot = seal(round_, tmp_path / "s", scheme)
    result = assess(snapshot, scheme, tmp_path / "o", scheduler_named("serial"))
    assert row(result)["visited"] == visited


def test_a_scheme_used_on_another_kind_of_period_says_so(tmp_path: Path) -> None:
    scheme = load_scheme("gulou-worker", demo=True)
    snapshot = seal(Round(ballots(30, 0)), tmp_path / "s", scheme)
    other = replace(snapshot, manifest={**snapshot.manifest, "period_kind": "month"})
    result = assess(other, scheme, tmp_path / "o", scheduler_named("serial"))
    assert "assessment.other_period_kind" in {warning["code"] for warning in result.head["warnings"]}


def test_a_result_reads_back_as_it_was_written(tmp_path: Path) -> None:
    result = result_of(Round(ballots(45, 15)), tmp_path)
    write_result(result, tmp_path / "written")
    again = read_result(tmp_path / "written")
    assert again.head == json.loads(json.dumps(result.head))
    assert all(again[name].equals(table) for name, table in result.tables.items())


def test_equal_input_gives_equal_bytes_and_another_ballot_does_not(tmp_path: Path) -> None:
    def written(name: str, round_: Round) -> dict[str, bytes]:
        result = result_of(round_, tmp_path / name)
        write_result(result, tmp_path / name / "written")
        files = (tmp_path / name / "written").rglob("*")
        return {path.name: path.read_bytes() for path in files if path.is_file() and path.name != "run.json"}

    round_ = Round(ballots(45, 15))
    assert written("a", round_) == written("b", round_)
    assert written("c", replace(round_, ballots=ballots(46, 14))) != written("a2", round_)


def test_the_result_names_snapshot_scheme_and_both_fingerprints(tmp_path: Path) -> None:
    result = result_of(Round(ballots(45, 15)), tmp_path)
    assert result.head["scheme"]["id"] == "gulou-worker"
    assert {"evidence", "exact", "model"} <= result.head["fingerprints"].keys()
    assert len(result.head["snapshot"]) == 64


def test_a_round_without_any_ballot_assesses_nobody(tmp_path: Path) -> None:
    result = result_of(Round([]), tmp_path)
    assert row(result)["reason"] == "no_sample"
    assert isinstance(result["groups"], pa.Table)


def test_ballots_that_were_all_dropped_by_rule_are_counted_for_their_worker(tmp_path: Path) -> None:
    given = [Ballot(answers={"q1": 1})] * 12 + ballots(30, 0, target=1)
    round_ = Round(given, workers={"W1": [(0, 1000)], "W2": [(1, 1000)]})
    result = result_of(round_, tmp_path)
    assert (row(result)["n_rejected"], row(result, "W2")["n_rejected"]) == (12, 0)


def test_an_item_that_too_few_answered_is_hidden_though_the_score_is_shown(tmp_path: Path) -> None:
    given = [Ballot(answers={**GOOD, "q5": None})] * 31 + ballots(9, 0)
    result = result_of(Round(given), tmp_path)
    points = {line["indicator"]: line["points"] for line in result["indicators"].to_pylist()}
    assert points == {"q1": 20.0, "q2": 20.0, "q3": 20.0, "q4": 20.0, "q5": None}
    assert "q5" not in result["trace/targets"]["variable"].to_pylist()


def test_a_frame_without_households_where_ballots_are_counts_as_unknown(tmp_path: Path) -> None:
    result = result_of(Round(ballots(45, 15), eligible={0: 0}), tmp_path)
    assert (row(result)["direct"], row(result)["eligible"]) == (75.0, None)


def test_more_ballots_than_households_are_said(tmp_path: Path) -> None:
    codes = {
        number: {
            w["code"]
            for w in result_of(Round(ballots(40, 0), eligible={0: number}), tmp_path / f"{number}").head[
                "warnings"
            ]
        }
        for number in (39, 40)
    }
    assert "assessment.frame_too_small" in codes[39] - codes[40]


def test_the_interval_of_a_group_stays_on_the_scale(tmp_path: Path) -> None:
    result = result_of(Round(ballots(39, 1)), tmp_path)
    assert all(
        0 <= group["low"] <= group["mean"] <= group["high"] <= (100 if group["variable"] == "total" else 20)
        for group in result["groups"].to_pylist()
    )


@pytest.mark.parametrize("scheme", ["gulou-worker@0", "other@1"])
def test_numbers_of_another_scheme_or_version_are_not_set_beside_these(tmp_path: Path, scheme: str) -> None:
    history = history_from_results([result_of(Round(ballots(45, 15), period="2020Q3"), tmp_path / "a")])
    place = history.schema.get_field_index("scheme")
    history = history.set_column(place, history.schema.field(place), pa.array([scheme] * history.num_rows))
    now = result_of(Round(ballots(54, 6), history=history), tmp_path / "b")
    assert {line["previous"] for line in now["indicators"].to_pylist()} == {None}
    assert (row(now)["year_mean"], row(now)["year_periods"]) == (90.0, 1)


def test_history_of_this_period_or_later_is_not_what_was_before(tmp_path: Path) -> None:
    history = history_from_results([result_of(Round(ballots(45, 15), period="2020Q4"), tmp_path / "a")])
    now = result_of(Round(ballots(54, 6), history=history), tmp_path / "b")
    assert {line["previous"] for line in now["indicators"].to_pylist()} == {None}
    assert row(now)["year_periods"] == 1
