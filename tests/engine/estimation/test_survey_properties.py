"""Designed estimates: hand-worked designs, properties, odd input, and a simulation of raking."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.estimation import (
    EstimateState,
    FittedResiduals,
    LonelyPolicy,
    RatioCells,
    SurveyCells,
    SurveyDesign,
    SweptResiduals,
    UnitSums,
    Weighting,
    design_effect,
    direct_estimates,
    margin_features,
    survey_means,
    survey_ratios,
    survey_totals,
)
from minping_engine.estimation.direct import Responsibility


def cells_of(groups: list[list[int]]) -> SurveyCells:
    n = np.array([[len(values)] for values in groups], dtype=np.int64)
    s = np.array([[sum(values)] for values in groups], dtype=np.int64)
    ss = np.array([[sum(value * value for value in values)] for values in groups], dtype=np.int64)
    return SurveyCells(n[:, 0], n, s, ss)


def strata_of_one(sizes: list[float], cluster: list[int] | None = None) -> SurveyDesign:
    stratum = np.arange(len(sizes)) if cluster is None else np.zeros(len(cluster), dtype=np.int64)
    who = np.zeros(len(sizes), dtype=np.int64)
    return SurveyDesign(stratum, who, np.array(sizes), 1, None if cluster is None else np.array(cluster))


def even(count: int, lonely: LonelyPolicy = LonelyPolicy.ERROR) -> Weighting:
    return Weighting(np.ones(count), lonely=lonely)


def test_two_strata_by_hand_as_on_the_page_of_direct_estimates() -> None:
    """Areas A (300 households, 60 ballots) and B (100, 40): 73.75, 4.2469, corrected 3.7943."""
    cells = cells_of([[100] * 45 + [0] * 15, [80] * 20 + [60] * 20])
    made = survey_means(strata_of_one([300, 100]), cells, Weighting(np.array([5.0, 2.5])))
    assert made.estimate[0, 0] == pytest.approx(73.75)
    assert made.se[0, 0] == pytest.approx(4.2469, abs=5e-5)
    assert made.se_fpc[0, 0] == pytest.approx(3.7943, abs=5e-5)
    assert made.df[0, 0] == 98


def test_the_worked_table_of_clusters_by_hand() -> None:
    """Three of 12 buildings, two ballots each: totals around 70 are 20, 0, -20; V = 1.5 x 800 / 36."""
    cells = cells_of([[80, 80], [60, 80], [50, 70]])
    made = survey_means(strata_of_one([12], [0, 1, 2]), cells, even(3))
    assert made.estimate[0, 0] == 70.0
    assert made.se[0, 0] == pytest.approx(np.sqrt(1.5 * 800 / 36))
    assert made.se_fpc[0, 0] == pytest.approx(np.sqrt(0.75 * 1.5 * 800 / 36))
    assert made.df[0, 0] == 2
    assert design_effect(made.se, made.srs_se)[0, 0] == pytest.approx((1200 / 36) / (800 / 5 / 6))


def test_a_total_and_a_ratio_by_hand() -> None:
    """Ballots 1 and 3 of N = 10, weight 5: total 20, V = 25 x 2 x 2 = 100, corrected by 0.8."""
    made = survey_totals(strata_of_one([10]), cells_of([[1, 3]]), Weighting(np.array([5.0])))
    assert (made.estimate[0, 0], made.se[0, 0]) == (20.0, pytest.approx(10.0))
    assert made.se_fpc[0, 0] == pytest.approx(np.sqrt(80))
    # y = 1, 3 on x = 3, 5: R = 0.5, residuals -0.5 and 0.5, V = 2 x 0.5 / 8^2.
    cells = RatioCells(np.array([2]), *(np.array([[value]]) for value in (2, 4, 8, 10, 18, 34)))
    made = survey_ratios(strata_of_one([-1]), cells, even(1))
    assert (made.estimate[0, 0], made.se[0, 0]) == (0.5, pytest.approx(0.125))


def test_a_ratio_without_denominator_is_a_state() -> None:
    zero = np.zeros((1, 1), dtype=np.int64)
    made = survey_ratios(
        strata_of_one([-1]),
        RatioCells(np.array([3]), zero + 3, zero + 2, zero, zero + 2, zero, zero),
        even(1),
    )
    assert made.state[0, 0] == EstimateState.NO_DENOMINATOR
    assert np.isnan(made.estimate[0, 0])


LONELY = [[70, 90], [60], [80, 100, 60]]


def test_a_lonely_unit_is_an_error_with_its_remedy() -> None:
    with pytest.raises(InputError, match="survey_lonely_unit") as caught:
        survey_means(strata_of_one([-1] * 3), cells_of(LONELY), even(3))
    assert "collapse" in str(caught.value)


@pytest.mark.parametrize(
    ("policy", "spread"),
    [
        (LonelyPolicy.CERTAINTY, 2 * 200 + 1.5 * 800),
        (LonelyPolicy.ADJUST, 2 * 200 + 1.5 * 800 + (60 - 460 / 6) ** 2),
        (LonelyPolicy.COLLAPSE, 2 * 200 + 4 / 3 * (3600 + 6400 + 10000 + 3600 - 300**2 / 4)),
    ],
)
def test_policies_for_lonely_units_by_hand(policy: LonelyPolicy, spread: float) -> None:
    made = survey_means(strata_of_one([-1] * 3), cells_of(LONELY), even(3, policy))
    assert made.se[0, 0] == pytest.approx(np.sqrt(spread) / 6)
    assert made.df[0, 0] == (4 if policy is LonelyPolicy.COLLAPSE else 3)


def test_a_last_lonely_stratum_and_a_run_of_them_collapse_backwards() -> None:
    alone = [[70, 90], [60], [80], [50]]
    made = survey_means(strata_of_one([-1] * 4), cells_of(alone), even(4, LonelyPolicy.COLLAPSE))
    assert made.df[0, 0] == 5 - 2
    made = survey_means(strata_of_one([-1] * 2), cells_of([[70, 90], [50]]), even(2, LonelyPolicy.COLLAPSE))
    assert made.df[0, 0] == 2


def test_states_say_what_an_estimate_lacks() -> None:
    design = SurveyDesign(np.arange(3), np.arange(3), np.full(3, -1), 4)
    made = survey_means(design, cells_of([[70], [80] * 5, [80, 90]]), even(3))
    assert made.state[:, 0].tolist() == [
        EstimateState.ONE_BALLOT,
        EstimateState.NO_VARIATION,
        EstimateState.ESTIMATED,
        EstimateState.NO_SAMPLE,
    ]
    assert np.isnan(made.se[0, 0])
    assert made.se[1, 0] == 0.0
    made = survey_means(strata_of_one([-1], [0, 0]), cells_of([[70], [80]]), even(2))
    assert made.state[0, 0] == EstimateState.ONE_CLUSTER


@pytest.mark.parametrize(("size", "code"), [(0.25, "no_count"), (2.5, "no_count"), (3, "below_sample")])
def test_a_population_that_is_no_population_is_refused(size: float, code: str) -> None:
    with pytest.raises(InputError, match=code):
        survey_means(strata_of_one([size]), cells_of([[1, 2, 3, 4]]), even(1))


def test_weights_below_zero_and_clusters_across_strata_are_refused() -> None:
    with pytest.raises(InputError, match="survey_weight"):
        survey_means(strata_of_one([-1]), cells_of([[1, 2]]), Weighting(np.array([-1.0])))
    design = SurveyDesign(np.arange(2), np.zeros(2, dtype=np.int64), np.full(2, -1), 1, np.array([0, 0]))
    with pytest.raises(InputError, match="two_strata"):
        survey_means(design, cells_of([[1, 2], [3, 4]]), even(2))


def test_an_unknown_population_of_one_stratum_leaves_no_corrected_error() -> None:
    made = survey_means(strata_of_one([100, -1]), cells_of([[70, 90], [60, 80]]), even(2))
    assert np.isnan(made.se_fpc[0, 0])
    assert made.se[0, 0] > 0


def test_an_empty_level_of_a_margin_is_left_out() -> None:
    levels = np.array([[0], [2]])
    weighting = Weighting(np.ones(2), FittedResiduals(np.ones(2), margin_features(levels)))
    made = survey_means(strata_of_one([-1, -1]), cells_of([[70, 90], [60, 80]]), weighting)
    assert made.se[0, 0] == pytest.approx(np.sqrt(2 * 200 + 2 * 200) / 4)


groups = st.lists(st.lists(st.integers(0, 100_000), min_size=2, max_size=12), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(groups)
def test_plain_strata_give_the_direct_estimate(given_groups: list[list[int]]) -> None:
    cells, sizes = cells_of(given_groups), [len(values) * 3 for values in given_groups]
    sums = UnitSums(cells.n, cells.s, cells.ss, np.array(sizes))
    unit = np.arange(len(sizes))
    direct = direct_estimates(sums, Responsibility(unit * 0, unit, unit * 0 + 1000, 1))
    made = survey_means(
        strata_of_one([float(size) for size in sizes]), cells, Weighting(np.full(len(sizes), 3.0))
    )
    assert made.estimate[0, 0] == pytest.approx(direct.mean[0, 0] * 1000, rel=1e-12)
    assert made.se[0, 0] == pytest.approx(direct.se[0, 0] * 1000, rel=1e-9, abs=1e-6)
    assert made.se_fpc[0, 0] == pytest.approx(direct.se_fpc[0, 0] * 1000, rel=1e-9, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(groups, st.integers(0, 2**32 - 1), st.booleans())
def test_order_and_splitting_of_cells_change_nothing(
    given_groups: list[list[int]], seed: int, swept: bool
) -> None:
    """Cells are bookkeeping: each ballot a cell of its own, shuffled, gives the same calibrated errors."""
    rng = np.random.default_rng(seed)
    level = rng.integers(0, 3, (len(given_groups), 2))
    weight = rng.uniform(0.5, 2, len(given_groups))

    def made(cell: np.ndarray, parts: list[list[int]]) -> tuple[float, float]:
        levels, design = level[cell], SurveyDesign(cell * 0, np.zeros(1, dtype=np.int64), np.array([-1]), 1)
        rule = SweptResiduals(levels) if swept else FittedResiduals(weight[cell], margin_features(levels))
        out = survey_means(design, cells_of(parts), Weighting(weight[cell], rule))
        return float(out.estimate[0, 0]), float(out.se[0, 0])

    whole = made(np.arange(len(given_groups)), given_groups)
    single = [(at, value) for at, values in enumerate(given_groups) for value in values]
    order = rng.permutation(len(single))
    split = made(np.array([single[i][0] for i in order]), [[single[i][1]] for i in order])
    assert split == pytest.approx(whole, rel=1e-7, abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(groups, st.integers(2, 4))
def test_duplicating_all_ballots_never_widens_the_interval(given_groups: list[list[int]], times: int) -> None:
    sizes = [-1.0] * len(given_groups)
    once = survey_means(strata_of_one(sizes), cells_of(given_groups), even(len(sizes)))
    more = survey_means(strata_of_one(sizes), cells_of([g * times for g in given_groups]), even(len(sizes)))
    assert more.se[0, 0] <= once.se[0, 0] * (1 + 1e-12)


def test_assessees_do_not_touch_each_other() -> None:
    parts = [[70, 90, 85], [60, 80], [100, 90, 40], [20, 60, 65]]
    levels = np.array([[0], [1], [0], [1]])
    together = SurveyDesign(np.array([0, 0, 1, 1]), np.arange(2), np.array([50, 70]), 2)
    rule = FittedResiduals(np.ones(4), margin_features(levels))
    both = survey_means(together, cells_of(parts), Weighting(np.array([1.0, 2, 1, 3]), rule))
    alone = SurveyDesign(np.zeros(2, dtype=np.int64), np.zeros(1, dtype=np.int64), np.array([70]), 1)
    rule = FittedResiduals(np.ones(2), margin_features(levels[2:]))
    one = survey_means(alone, cells_of(parts[2:]), Weighting(np.array([1.0, 3]), rule))
    assert one.estimate[0, 0] == pytest.approx(both.estimate[1, 0], rel=1e-14)
    assert one.se_fpc[0, 0] == pytest.approx(both.se_fpc[1, 0], rel=1e-14)


@pytest.mark.deep
@pytest.mark.parametrize("calibrated", [True, False])
def test_raked_intervals_cover_the_truth(calibrated: bool) -> None:
    """4,000 populations of 400 in 2 x 3 classes, 100 drawn, raked to both margins: 93-97 % cover.

    An estimator that forgets calibration must fail: it covers more, its errors are too wide.
    """
    rng = np.random.default_rng(17)
    repeats, house, drawn = 4000, 400, 100
    who = np.repeat(np.arange(repeats), house)
    tenure, age = rng.integers(0, 2, len(who)), rng.integers(0, 3, len(who))
    y = np.rint(40_000 + 14_000 * tenure + 9_000 * age + 8_000 * rng.standard_exponential(len(who))).astype(
        int
    )
    order = np.argsort(rng.random((repeats, house)), axis=1)[:, :drawn]
    rows = (order + house * np.arange(repeats)[:, None]).ravel()
    cell = (who * 6 + tenure * 3 + age)[rows]
    count = repeats * 6
    n = np.bincount(cell, minlength=count)
    s, ss = (np.bincount(cell, value[rows].astype(float), count).astype(np.int64) for value in (y, y * y))
    owner, levels = np.arange(count) // 6, np.stack([np.arange(count) % 6 // 3, np.arange(count) % 3], axis=1)
    weight = np.full(count, house / drawn)
    for _ in range(30):
        for margin, label in ((0, tenure), (1, age)):
            key = owner * 3 + levels[:, margin]
            goal, now = np.bincount(who * 3 + label, minlength=repeats * 3), np.bincount(key, weight * n)
            weight *= np.where(now > 0, goal[: len(now)] / np.where(now > 0, now, 1), 1)[key]
    rule = FittedResiduals(np.full(count, house / drawn), margin_features(levels)) if calibrated else None
    design = SurveyDesign(owner, np.arange(repeats), np.full(repeats, house), repeats)
    cells = SurveyCells(n, n[:, None], s[:, None], ss[:, None])
    made = survey_means(design, cells, Weighting(weight, rule))
    truth = y.reshape(repeats, house).mean(axis=1)
    cover = np.mean(np.abs(made.estimate[:, 0] - truth) < 1.984 * made.se_fpc[:, 0])
    assert bool(0.93 < cover < 0.97) is calibrated
