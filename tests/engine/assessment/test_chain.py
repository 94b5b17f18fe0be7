"""The chain end to end: weights, adjustment, shrinkage, standings, ranks, and what may not move them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from minping_engine.assessment import Result, assess
from minping_engine.errors import SnapshotError
from minping_engine.evidence import scheduler_named
from minping_engine.snapshot import open_snapshot
from tests.fair_rounds import SCHEME, FairRound, codes, column, result_of, run, scheme_with, seal_rounds

MODEL = ("weighted", "adjusted", "adjusted_se", "shrunken", "shrunken_se", "reliability")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """One district of 60 people in two comparison groups."""
    return result_of(FairRound(areas=60, ballots=80), tmp_path_factory.mktemp("usual"))


def test_weights_meet_the_households_of_every_area_and_of_every_unmerged_level(usual: Result) -> None:
    weights, told = usual["trace/weights"], usual["weighting"]
    by_target = weights.group_by("target").aggregate([("w_micro", "sum")]).sort_by("target")
    assert by_target["w_micro_sum"].to_pylist() == [200_000_000] * 60
    met = [row["target"] for row in told.to_pylist() if row["state"] == "met" and not row["merged_levels"]]
    assert met
    rows = weights.filter(pc.is_in(weights["target"], pa.array(met, pa.int32())))
    tenant = rows.filter(pc.greater_equal(rows["cell"], 8))
    sums = tenant.group_by("target").aggregate([("w_micro", "sum")])["w_micro_sum"].to_numpy()
    assert np.abs(sums - 50_000_000).max() <= 16


def test_what_each_step_moved_adds_up_from_weighted_to_shrunken(usual: Result) -> None:
    moved = usual["adjustments"].group_by(["assessee_id"]).aggregate([("points", "sum")])
    total = dict(zip(moved["assessee_id"].to_pylist(), moved["points_sum"].to_pylist(), strict=True))
    for row in usual["scores"].to_pylist():
        assert row["weighted"] + total[row["assessee_id"]] == pytest.approx(row["shrunken"], abs=1e-9)


def test_an_adjusted_score_is_what_the_coefficients_leave_of_the_weighted_one(usual: Result) -> None:
    """Ground columns have mean 0, case mix columns the mean of all ballots: the district's mean stays."""
    shift = column(usual, "adjusted") - column(usual, "weighted")
    assert abs(shift.mean()) < 0.5
    assert shift.std() > 0.3
    known = {
        row["subject"]: row["points"] for row in usual["coefficients"].to_pylist() if row["level"] == "1"
    }
    assert known["tenure"] < 0 < known["age_band"]


def test_the_own_interval_of_ranks_lies_in_the_group_and_the_set_holds_the_adjusted_rank(
    usual: Result,
) -> None:
    for group in ("甲", "乙"):
        rows = [row for row in usual["scores"].to_pylist() if row["comparison_group"] == group]
        values = np.array([row["adjusted"] for row in rows])
        rank = 1 + (values[None, :] > values[:, None]).sum(axis=1)
        low, high = (np.array([row[name] for row in rows]) for name in ("set_low", "set_high"))
        assert ((low <= rank) & (rank <= high)).all()
        assert all(1 <= row["rank_low"] <= row["rank_high"] <= row["ranked_of"] == 30 for row in rows)


def test_a_ranking_too_wide_to_order_people_gives_no_expected_rank_but_their_own_intervals(
    usual: Result,
) -> None:
    groups = usual["comparison_groups"].to_pylist()
    assert {row["ranking"] for row in groups} == {"too_wide"}
    assert all(row["median_width"] > 15 for row in groups)
    assert usual["scores"]["rank_expected"].null_count == 60
    assert usual["scores"]["rank_low"].null_count == 0


def test_a_ranking_that_the_data_carry_comes_with_expected_ranks_inside_their_intervals(
    tmp_path: Path,
) -> None:
    levels = np.linspace(-1.2, 1.6, 24)
    made = result_of(FairRound(ballots=250, households=400, levels=levels), tmp_path)
    assert {row["ranking"] for row in made["comparison_groups"].to_pylist()} == {"carried"}
    expected, low, high = (column(made, name) for name in ("rank_expected", "rank_low", "rank_high"))
    assert ((low <= expected) & (expected <= high)).all()
    assert len(np.unique(column(made, "tie_band"))) > 3


def test_people_who_do_not_differ_get_scores_without_ranks_or_grades_and_it_is_said(tmp_path: Path) -> None:
    made = result_of(FairRound(areas=40, spread=0.0, seed=5), tmp_path)
    assert "assessment.no_differences" in codes(made)
    rows = made["scores"].to_pylist()
    assert {row["standing"] for row in rows} == {"no_differences"}
    assert {row["status"] for row in rows} == {"assessed"}
    assert {(row["grade"], row["rank_low"], row["p_top"]) for row in rows} == {(None, None, None)}


def test_a_few_people_are_scored_but_not_compared(tmp_path: Path) -> None:
    made = result_of(FairRound(areas=6), tmp_path)
    assert "assessment.too_few_to_compare" in codes(made)
    assert {row["standing"] for row in made["scores"].to_pylist()} == {"not_compared"}
    assert made["scores"]["adjusted"].null_count == 0
    assert made["scores"]["shrunken"].null_count == 6


def test_scores_too_uncertain_to_tell_people_apart_are_not_assessed(tmp_path: Path) -> None:
    made = result_of(FairRound(areas=40, ballots=32, spread=0.12, seed=3), tmp_path)
    rows = made["scores"].to_pylist()
    weak = [row for row in rows if row["reliability"] < 0.7]
    assert weak
    assert {(row["status"], row["reason"], row["grade"]) for row in weak} == {
        ("not_assessed", "unreliable", None)
    }
    assert all(row["direct"] is not None for row in weak)


def test_the_results_of_a_district_do_not_depend_on_its_neighbours(tmp_path: Path) -> None:
    one, other = FairRound(areas=30), FairRound(areas=24, seed=9, district="990102", spread=0.9)
    both = run(seal_rounds((one, other), tmp_path / "both"), tmp_path / "o1", scheduler="processes")
    alone = run(seal_rounds((one,), tmp_path / "alone"), tmp_path / "o2")
    rows = both["scores"].filter(pc.less(both["scores"]["assessee_id"], "W0030"))
    for name in (*MODEL, "rank_low", "rank_high", "standing", "grade"):
        assert rows[name].to_pylist() == alone["scores"][name].to_pylist()


def test_order_of_rows_names_and_scheduler_change_no_number(tmp_path: Path) -> None:
    round_ = FairRound(areas=30, buildings=6)
    scheme = scheme_with(clusters="building")
    first = run(seal_rounds((round_,), tmp_path / "a"), tmp_path / "oa", scheme)
    mixed = run(seal_rounds((round_,), tmp_path / "b", shuffled=4), tmp_path / "ob", scheme, "processes")
    renamed = run(seal_rounds((round_,), tmp_path / "c", prefix="X"), tmp_path / "oc", scheme)
    assert first.head["fingerprints"] == mixed.head["fingerprints"]
    for name in (*MODEL, "rank_low", "standing", "p_top"):
        assert first["scores"][name].to_pylist() == renamed["scores"][name].to_pylist()


def test_a_unanimous_area_is_not_taken_for_certainty(tmp_path: Path) -> None:
    levels = np.append(np.random.default_rng(2).normal(0.6, 0.4, 29), 40.0)
    made = result_of(FairRound(areas=30, levels=levels), tmp_path)
    best = made["scores"].to_pylist()[29]
    assert (best["direct"], best["direct_se"]) == (100.0, 0.0)
    assert best["adjusted_se"] > 0.3
    assert best["reliability"] < 1


def test_ballots_from_one_building_are_less_sure_than_independent_ones(tmp_path: Path) -> None:
    round_ = FairRound(areas=30, ballots=90, buildings=10)
    plain = result_of(round_, tmp_path / "plain")
    clustered = result_of(round_, tmp_path / "clustered", scheme_with(clusters="building"))
    assert column(clustered, "adjusted_se").mean() > 1.3 * column(plain, "adjusted_se").mean()
    assert plain["scores"]["direct"].to_pylist() == clustered["scores"]["direct"].to_pylist()


def test_an_area_answered_mostly_from_one_building_is_not_assessed(tmp_path: Path) -> None:
    made = result_of(FairRound(areas=24, buildings=1), tmp_path, scheme_with(clusters="building"))
    assert {row["reason"] for row in made["scores"].to_pylist()} == {"one_building"}


def test_what_the_snapshot_does_not_bring_is_left_out_and_named(tmp_path: Path) -> None:
    asked = scheme_with(
        adjusters=[{"variable": "language", "describes": "respondent"}],
        weighting={"margins": ["age_band", "language"], "nonresponse": ["sex"]},
        context=["share_wise"],
        clusters="interviewer",
    )
    made = result_of(FairRound(), tmp_path, asked)
    assert {
        "assessment.cell_missing",
        "assessment.not_frame_known",
        "assessment.cluster_missing",
        "assessment.ground_missing",
    } <= codes(made)
    assert made["scores"]["adjusted"].null_count == 0


def test_effects_of_modes_stay_where_no_mode_was_drawn_by_lot(tmp_path: Path) -> None:
    made = result_of(FairRound(randomised=0.0), tmp_path)
    assert "assessment.mode_not_randomised" in codes(made)
    states = {
        row["state"]: row["points"] for row in made["coefficients"].to_pylist() if row["kind"] == "mode"
    }
    assert states == {"not_randomised": 0.0}


@pytest.mark.parametrize("counts", ["adjusted", "shrunken"])
def test_a_scheme_may_let_another_estimate_count(tmp_path: Path, counts: str) -> None:
    made = result_of(FairRound(areas=30), tmp_path, scheme_with(counts=counts))
    rows = made["scores"].to_pylist()
    assert all(row["score"] == pytest.approx(row[counts], abs=1e-6) for row in rows)
    mean = np.mean([row["score"] for row in rows])
    assert all(row["difference"] == pytest.approx(row["score"] - mean, abs=1e-6) for row in rows)


def test_grades_by_chance_need_the_chance_that_the_scheme_names(tmp_path: Path) -> None:
    grading = {"chances": {"excellent_from": 80, "support_below": 70}}
    scheme = SCHEME.changed(grading=type(SCHEME.scheme.grading).model_validate(grading))
    rows = result_of(FairRound(areas=40), tmp_path, scheme)["scores"].to_pylist()
    chances = {
        name: [row["grade_chance"] for row in rows if row["grade"] == name]
        for name in ("excellent", "needs_support")
    }
    assert min(chances["excellent"]) >= 0.90
    assert min(chances["needs_support"]) >= 0.95
    middle = [row["shrunken"] for row in rows if row["grade"] == "middle"]
    assert min(middle) < 80 < max(row["shrunken"] for row in rows)


def test_a_quota_goes_to_the_likeliest_of_each_group(tmp_path: Path) -> None:
    grading = {"quota": {"percent": 20}}
    scheme = SCHEME.changed(grading=type(SCHEME.scheme.grading).model_validate(grading))
    rows = result_of(FairRound(areas=40), tmp_path, scheme)["scores"].to_pylist()
    for group in ("甲", "乙"):
        inside = [row for row in rows if row["comparison_group"] == group]
        chosen = [row["p_top"] for row in inside if row["grade"] == "excellent"]
        assert len(chosen) <= 4
        assert min(chosen) >= max(row["p_top"] for row in inside if row["grade"] == "middle")


def test_protected_attributes_are_reported_and_change_no_score(tmp_path: Path) -> None:
    people = [f"W{number:04d}" for number in range(40)]
    attributes = pa.table(
        {
            "assessee_id": people,
            "attribute": ["age_years"] * 40,
            "value": np.random.default_rng(3).integers(22, 60, 40).astype(float),
        }
    )
    plain = result_of(FairRound(areas=40), tmp_path / "plain")
    told = result_of(FairRound(areas=40, extra={"assessee_attributes": attributes}), tmp_path / "told")
    for name in MODEL:
        assert plain["scores"][name].to_pylist() == told["scores"][name].to_pylist()
    slopes = [row for row in told["fairness"].to_pylist() if row["subject"] == "attribute:age_years"]
    assert {row["level"] for row in slopes} == {"weighted", "adjusted"}
    assert all(row["low"] < row["value"] < row["high"] for row in slopes)


def test_the_ground_leaves_the_adjusted_score(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    hard = rng.random(80)
    round_ = FairRound(areas=80, ballots=100, levels=rng.normal(0.9, 0.3, 80) - hard)
    areas = [f"990101-A{number:03d}" for number in range(80)]
    covariates = pa.table({"area_id": areas, "covariate": ["share_tenant"] * 80, "value": hard})
    made = result_of(
        replace(round_, extra={"area_covariates": covariates}),
        tmp_path,
        scheme_with(context=["share_tenant"]),
    )
    slopes = {
        row["level"]: (row["value"], row["verdict"])
        for row in made["fairness"].to_pylist()
        if row["subject"] == "ground:share_tenant"
    }
    assert slopes["weighted"][0] < -2
    assert slopes["weighted"][1] == "unfair"
    assert abs(slopes["adjusted"][0]) < 0.7


def test_exact_columns_keep_their_bytes_whatever_the_models_do(tmp_path: Path) -> None:
    """Another adjuster moves models only: exact tables and the weight table stay as they are."""
    full = result_of(FairRound(), tmp_path / "full")
    fewer = result_of(
        FairRound(), tmp_path / "fewer", scheme_with(context=[], modes=None, comparison_group=None)
    )
    assert full.head["fingerprints"]["exact"] == fewer.head["fingerprints"]["exact"]
    assert full.head["fingerprints"]["model"] != fewer.head["fingerprints"]["model"]


def test_a_scheme_without_fairness_runs_no_model(tmp_path: Path) -> None:
    made = result_of(FairRound(), tmp_path, SCHEME.with_fairness(None))
    assert made["scores"]["adjusted"].null_count == 24
    assert made["adjustments"].num_rows == 0
    assert {row["standing"] for row in made["scores"].to_pylist()} == {"not_compared"}
    assert made["scores"]["grade"].null_count == 0


def test_the_round_tells_how_many_ballots_each_reliability_takes(usual: Result) -> None:
    rows = {row["reliability_percent"]: row["ballots"] for row in usual["minimum_samples"].to_pylist()}
    assert rows[70] < rows[80] < rows[90]
    assert rows[90] == pytest.approx(rows[70] * (0.9 / 0.1) / (0.7 / 0.3), rel=0.2)


def test_the_spread_is_told_by_level(tmp_path: Path) -> None:
    made = result_of(FairRound(areas=40, streets=2, spread=0.6), tmp_path)
    rows = {row["subject"]: row["value"] for row in made["fairness"].to_pylist() if row["check"] == "spread"}
    assert set(rows) == {"street", "area", "ballot"}
    assert rows["street"] < rows["area"] < rows["ballot"]


def test_the_number_of_processes_changes_no_byte(tmp_path: Path) -> None:
    rounds = (FairRound(areas=30), FairRound(areas=24, seed=9, district="990102"))
    snapshot = seal_rounds(rounds, tmp_path / "s")
    alone, shared = run(snapshot, tmp_path / "o1"), run(snapshot, tmp_path / "o2", scheduler="processes")
    assert alone.head["fingerprints"] == shared.head["fingerprints"]
    assert alone.head["warnings"] == shared.head["warnings"]


def test_sets_of_ranks_hold_the_own_interval_and_no_band_ends_inside_one(tmp_path: Path) -> None:
    levels = np.linspace(-1.2, 1.6, 24)
    made = result_of(FairRound(ballots=250, households=400, levels=levels), tmp_path)
    for group in ("甲", "乙"):
        rows = [row for row in made["scores"].to_pylist() if row["comparison_group"] == group]
        assert all(row["set_low"] <= row["rank_low"] <= row["rank_high"] <= row["set_high"] for row in rows)
        for first in {row["tie_rank"] for row in rows} - {1}:
            assert not any(row["rank_low"] < first <= row["rank_high"] for row in rows)


def test_a_plain_score_is_judged_by_plain_differences(tmp_path: Path) -> None:
    """Ground that explains nearly all differences leaves little on level ground; plain scores differ."""
    rng = np.random.default_rng(4)
    hard = rng.random(60)
    areas = [f"990101-A{number:03d}" for number in range(60)]
    covariates = pa.table({"area_id": areas, "covariate": ["share_tenant"] * 60, "value": hard})
    round_ = FairRound(areas=60, ballots=80, levels=1.2 - 2 * hard, extra={"area_covariates": covariates})
    plain = result_of(round_, tmp_path / "a", scheme_with(context=["share_tenant"]))
    levelled = result_of(round_, tmp_path / "b", scheme_with(context=["share_tenant"], counts="adjusted"))
    assert np.nanmin(column(plain, "reliability")) > 0.9
    assert np.nanmax(column(levelled, "reliability")) < 0.7


def test_few_ballots_leave_no_row_that_tells_who_answered(tmp_path: Path) -> None:
    made = result_of(FairRound(areas=30, ballots=8), tmp_path)
    assert made["adjustments"].num_rows == 0
    assert made["scores"]["adjusted"].null_count == 30


def test_a_lot_that_never_drew_the_reference_mode_teaches_no_effect_of_modes(tmp_path: Path) -> None:
    """Phone against SMS is not phone against visit."""
    made = result_of(FairRound(areas=40, lot=(2, 3), randomised=0.3), tmp_path)
    rows = [row for row in made["coefficients"].to_pylist() if row["kind"] == "mode"]
    assert {(row["state"], row["points"]) for row in rows} == {("not_randomised", 0.0)}
    assert "assessment.mode_not_randomised" in codes(made)


def modes_of(result: Result) -> dict[str, tuple[str, float]]:
    """Mode -> state of its effect, points."""
    rows = [row for row in result["coefficients"].to_pylist() if row["kind"] == "mode"]
    return {row["level"]: (row["state"], row["points"]) for row in rows}


def put(table: pa.Table, name: str, values: np.ndarray) -> pa.Table:
    """The table with other values in a column."""
    at = table.column_names.index(name)
    return table.set_column(at, name, pa.array(values, table.schema.field(name).type))


def test_ways_of_asking_that_closing_pooled_count_and_teach_no_effect(tmp_path: Path) -> None:
    """A pool of thin modes is no way of asking: nothing is learned from it, though chance chose each."""

    def pooled(table: pa.Table) -> pa.Table:
        mode, target = table["mode"].to_numpy(), table["target"].to_numpy()
        return put(table, "mode", np.where((mode != 1) & (target < 20), 0, mode))

    def unlotted(table: pa.Table) -> pa.Table:
        made = pooled(table)
        named = made["mode"].to_numpy() != 0
        return put(made, "randomised", made["randomised"].to_numpy() * named)

    round_ = FairRound(areas=40)
    made = result_of(replace(round_, changed=pooled), tmp_path / "pooled")
    bare = result_of(replace(round_, changed=unlotted), tmp_path / "bare")
    assert modes_of(made)["unknown"] == ("not_randomised", 0.0)
    assert modes_of(made)["phone"][0] == "randomised"
    assert modes_of(made) == modes_of(bare)
    assert "assessment.mode_not_randomised" not in codes(made)
    assert made["scores"]["n_ballots"].to_pylist() == [60] * 40


def test_a_lot_that_closing_kept_in_some_cells_only_does_not_take_their_households_for_the_mode(
    tmp_path: Path,
) -> None:
    """Of tenants, who are all as discontent as can be, only SMS and phone are still known to be by chance, of
    owners only visit and phone: SMS against visit must not be tenants against owners."""

    def kept(table: pa.Table) -> pa.Table:
        mode, tenant = table["mode"].to_numpy(), table["cell_tenure"].to_numpy() == 1
        known = np.where(tenant, mode != 1, mode != 3)
        table = put(table, "randomised", table["randomised"].to_numpy() * known)
        for item, worst in (("item_q1", 2), ("item_q2", 2), ("item_q3", 1), ("item_q4", 1), ("item_q5", 1)):
            table = put(table, item, np.where(tenant, worst, table[item].to_numpy()))
        return table

    fairness = SCHEME.scheme.fairness
    assert fairness is not None
    adjusters = [one for one in fairness.model_dump()["adjusters"] if one["variable"] != "tenure"]
    made = modes_of(result_of(FairRound(areas=40, changed=kept), tmp_path, scheme_with(adjusters=adjusters)))
    assert abs(made["sms"][1] - made["phone"][1]) < 2
    assert abs(made["phone"][1]) < 5


def test_a_bound_on_choosing_modes_needs_no_ballots_that_chose(tmp_path: Path) -> None:
    modes = {"reference": "visit", "selection_bound": 2.0}
    made = result_of(FairRound(randomised=1.0), tmp_path, scheme_with(modes=modes))
    assert made["coefficients"].num_rows >= 7
    assert {row["step"] for row in made["adjustments"].to_pylist()} >= {"age_band", "mode"}


def test_ballots_of_one_target_in_two_districts_are_refused(tmp_path: Path) -> None:
    snapshot = seal_rounds((FairRound(areas=4), FairRound(areas=4, district="990102")), tmp_path / "s")
    parts = [part.path for part in snapshot.parts]
    moved = pq.read_table(parts[1], partitioning=None)
    moved = moved.set_column(1, "target", pa.array(np.zeros(moved.num_rows, dtype=np.int32)))
    pq.write_table(moved, parts[1])
    with pytest.raises(SnapshotError, match="two districts"):
        assess(open_snapshot(tmp_path / "s", verify=False), SCHEME, tmp_path / "o", scheduler_named("serial"))


def test_people_who_share_all_their_areas_enter_the_model_once_and_are_tied(tmp_path: Path) -> None:
    alone = result_of(FairRound(areas=30), tmp_path / "alone")
    shared = result_of(FairRound(areas=30, shared=3), tmp_path / "shared")
    for name in ("shrunken", "shrunken_se", "reliability"):
        assert column(shared, name)[::3] == pytest.approx(column(alone, name), abs=1e-9)
        assert (column(shared, name)[::3] == column(shared, name)[1::3]).all()
    spreads = [[row["spread"] for row in made["comparison_groups"].to_pylist()] for made in (shared, alone)]
    assert spreads[0] == pytest.approx(spreads[1], rel=1e-9)


def test_ground_that_other_ground_determines_is_left_out_by_name(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    share = rng.random(80)
    areas = [f"990101-A{number:03d}" for number in range(80)]
    covariates = pa.table(
        {
            "area_id": areas * 2,
            "covariate": ["share_tenant"] * 80 + ["share_low_income"] * 80,
            "value": np.concatenate([share, 1 - share]),
        }
    )
    scheme = scheme_with(context=["share_tenant", "share_low_income"])
    made = result_of(FairRound(areas=80, extra={"area_covariates": covariates}), tmp_path, scheme)
    used = {row["subject"] for row in made["coefficients"].to_pylist() if row["kind"] == "ground"}
    assert used == {"share_tenant"}
    warning = next(one for one in made.head["warnings"] if one["code"] == "assessment.ground_dependent")
    assert warning["params"]["names"] == "share_low_income"


def test_who_cannot_be_levelled_has_a_reason_where_levelled_scores_count(tmp_path: Path) -> None:
    rows = result_of(FairRound(areas=6), tmp_path, scheme_with(counts="shrunken"))["scores"].to_pylist()
    assert {(row["status"], row["reason"], row["score"]) for row in rows} == {
        ("not_assessed", "not_levelled", None)
    }


def test_people_without_a_comparison_group_are_scored_and_not_compared(tmp_path: Path) -> None:
    made = result_of(FairRound(areas=40, classes=("甲", None)), tmp_path)  # type: ignore[arg-type]
    alone = [row for row in made["scores"].to_pylist() if row["comparison_group"] is None]
    assert len(alone) == 20
    assert {(row["standing"], row["rank_low"]) for row in alone} == {("not_compared", None)}
    assert "assessment.no_group" in codes(made)


def test_a_score_between_the_thresholds_has_neither_grade_nor_rank(tmp_path: Path) -> None:
    made = result_of(FairRound(areas=60, ballots=40, spread=0.15, seed=3), tmp_path)
    rows = [row for row in made["scores"].to_pylist() if row["standing"] == "score_only"]
    assert rows
    assert {(row["status"], row["grade"], row["rank_low"]) for row in rows} == {("assessed", None, None)}
    assert all(0.7 <= row["reliability"] < 0.8 for row in rows)
