"""Whether help helped: against like workers without a plan, luck of the first round taken off (S9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from minping_engine.coaching import (
    Plan,
    PlanState,
    PlanWindow,
    TwoRounds,
    Verdict,
    comparison_needed,
    difference_in_words,
    effect_in_words,
    judge_plans,
)
from minping_engine.coaching.levels import expected_levels
from minping_engine.errors import InputError, RefusedError
from tests.engine.coaching.districts import (
    IN_TIME,
    WINDOW,
    Claims,
    Design,
    District,
    claims,
    judged,
    make_district,
    without_earlier,
)

SEED, DISTRICTS = 21, 100


@pytest.fixture(scope="module")
def district() -> District:
    return make_district(Design(workers=300), np.random.default_rng(3))


@pytest.fixture(scope="module")
def without_effect() -> Claims:
    return claims(Design(workers=300), DISTRICTS, SEED)


def test_plans_without_effect_are_called_help_in_at_most_5_percent(without_effect: Claims) -> None:
    """S9: plans for the lowest 10 % of 300 workers, 100 districts; nominal is 2.5 %."""
    assert without_effect.overall <= 0.05
    assert without_effect.single <= 0.05


def test_before_and_after_alone_calls_it_help_nearly_always(without_effect: Claims) -> None:
    """The positive control: on the same districts regression to the mean deceives the naive comparison."""
    assert without_effect.naive >= 0.95


def test_intervals_hold_the_truth_as_often_as_they_say(without_effect: Claims) -> None:
    """95 % nominal; 100 districts leave 4.4 points of doubt (two errors), 3,000 plans less than one."""
    assert without_effect.covered >= 0.90
    assert abs(without_effect.covered_single - 0.95) <= 0.012


def test_an_effect_of_three_points_is_seen_over_all_plans() -> None:
    """Power: 30 plans together nearly always; a single plan in about one of four."""
    found = claims(Design(workers=300, effect=3.0), 30, SEED)
    assert found.overall >= 0.95
    assert 0.15 <= found.single <= 0.40


def test_plans_for_whoever_fell_need_the_earlier_round() -> None:
    """S9: "a low or falling score". Bad luck rises again; without that round it looks like help."""
    design = Design(workers=300, fallen=True, ballots=(30, 100))
    assert claims(design, 60, SEED).overall <= 0.05
    assert claims(design, 20, SEED, known=without_earlier).overall >= 0.3


def test_harm_is_told_as_well(district: District) -> None:
    harmed = make_district(Design(workers=300, effect=-5.0), np.random.default_rng(3))
    overall = judged(harmed).overall
    assert overall is not None
    assert overall.verdict is Verdict.WORSE
    assert overall.high < 0


def test_an_effect_moves_observed_minus_expected_by_just_itself(district: District) -> None:
    """Expectations come from those without a plan only."""
    helped = make_district(Design(workers=300, effect=3.0), np.random.default_rng(3))
    plain, more = judged(district), judged(helped)
    assert plain.overall is not None
    assert more.overall is not None
    assert more.overall.value - plain.overall.value == pytest.approx(3.0, abs=1e-9)
    assert more.overall.se == pytest.approx(plain.overall.se, abs=1e-12)


def test_the_overall_difference_is_the_mean_of_the_plans(district: District) -> None:
    effects = judged(district)
    single = [one.difference.value for one in effects.plans if one.difference]
    assert effects.overall is not None
    assert effects.overall.value == pytest.approx(np.mean(single))
    assert effects.helped_by_chance == pytest.approx(0.025 * len(single))


def test_the_expected_change_of_the_lowest_is_a_rise(district: District) -> None:
    """That is the regression to the mean which the naive comparison takes for help."""
    overall = judged(district).overall
    assert overall is not None
    assert overall.expected_change > 1.5


def test_the_line_is_the_weighted_least_squares_of_those_compared_with(district: District) -> None:
    """Made again with numpy's own least squares, at the variances that the model found."""
    made = judged(district).expectation
    compared = np.setdiff1d(np.arange(300), [plan.worker for plan in district.plans])
    root = 1 / np.sqrt(made.own_variance[compared])
    weighted = made.design[compared] * root[:, None]
    beta = np.linalg.lstsq(weighted, district.rounds.second[compared] * root, rcond=None)[0]
    assert made.design @ beta == pytest.approx(made.value, abs=1e-6)
    assert np.linalg.inv(weighted.T @ weighted) == pytest.approx(made.covariance, abs=1e-6)
    assert (made.compared, made.df) == (270, 270 - made.design.shape[1])


def test_what_lasts_is_estimated_without_the_first_rounds_error() -> None:
    """0.8 of a difference lasts in truth; plain regression on the first score would say 0.8 x reliability."""
    rng_of = (np.random.default_rng([31, number]) for number in range(12))
    districts = [make_district(Design(ballots=(20, 40)), rng) for rng in rng_of]
    kept = [judged(district).expectation.kept for district in districts]
    plain = [np.polyfit(one.rounds.first, one.rounds.second, 1)[0] for one in districts]
    error = np.std(kept, ddof=1) / np.sqrt(12)
    assert abs(np.mean(kept) - 0.8) < 3 * error < 0.1
    assert np.mean(plain) < 0.8 - 5 * error


def test_rows_and_plans_in_another_order_give_the_same(district: District) -> None:
    rng = np.random.default_rng(1)
    order = rng.permutation(300)
    place = np.argsort(order)
    rounds = district.rounds
    mixed = TwoRounds(
        *(one[order] for one in (rounds.first, rounds.first_se, rounds.second, rounds.second_se)),
        rounds.group[order],
        rounds.ground[order],
    )
    plans = [Plan(int(place[plan.worker]), plan.began) for plan in reversed(district.plans)]
    here, there = judged(district), judge_plans(mixed, plans, WINDOW)
    values = {one.plan.worker: one.difference for one in here.plans}
    for one in there.plans:
        same = values[int(order[one.plan.worker])]
        assert one.difference is not None
        assert same is not None
        assert (one.difference.value, one.difference.se) == pytest.approx((same.value, same.se), abs=1e-7)


def test_a_constant_for_everybody_changes_no_verdict(district: District) -> None:
    moved = replace(district.rounds, second=district.rounds.second + 5)
    one, other = judged(district).overall, judge_plans(moved, district.plans, WINDOW).overall
    assert one is not None
    assert other is not None
    assert other.value == pytest.approx(one.value, abs=1e-7)
    assert other.expected_change == pytest.approx(one.expected_change + 5, abs=1e-7)


@pytest.mark.parametrize(
    ("began", "state"),
    [
        (WINDOW.first_ends, PlanState.BEGAN_BEFORE),
        (WINDOW.first_ends + timedelta(days=1), PlanState.JUDGED),
        (WINDOW.second_begins - timedelta(days=30), PlanState.JUDGED),
        (WINDOW.second_begins - timedelta(days=29), PlanState.TOO_SHORT),
        (WINDOW.second_ends, PlanState.TOO_SHORT),
        (WINDOW.second_ends + timedelta(days=1), PlanState.BEGAN_AFTER),
    ],
)
def test_a_plan_is_judged_if_it_lay_between_the_rounds(
    district: District, began: date, state: PlanState
) -> None:
    plans = (Plan(district.plans[0].worker, began), *district.plans[1:])
    (first, *_) = judge_plans(district.rounds, plans, WINDOW).plans
    assert first.state is state
    assert (first.difference is not None) == (state is PlanState.JUDGED)


def test_whoever_gets_a_plan_for_what_the_second_round_said_stays_compared(district: District) -> None:
    """Leaving out those who fell would make the others look as if they had risen."""
    helped = {plan.worker for plan in district.plans}
    fell = [int(one) for one in np.argsort(district.rounds.second) if int(one) not in helped][:20]
    later = tuple(Plan(one, WINDOW.second_ends + timedelta(days=9)) for one in fell)
    here, there = (
        judged(district).overall,
        judge_plans(district.rounds, (*district.plans, *later), WINDOW).overall,
    )
    assert here == there


def test_a_worker_without_a_round_has_a_state_and_no_number(district: District) -> None:
    first, second = district.rounds.first.copy(), district.rounds.second.copy()
    first[district.plans[0].worker] = second[district.plans[1].worker] = np.nan
    effects = judge_plans(replace(district.rounds, first=first, second=second), district.plans, WINDOW).plans
    assert [one.state for one in effects[:3]] == [
        PlanState.NO_FIRST_ROUND,
        PlanState.NO_SECOND_ROUND,
        PlanState.JUDGED,
    ]
    assert effects[0].difference is None


def test_too_few_without_a_plan_are_refused(district: District) -> None:
    """4 groups, one covariate and the level: 6 coefficients ask for 60 workers."""
    few = [Plan(worker, IN_TIME) for worker in range(300 - 59)]
    with pytest.raises(RefusedError, match="Only 59 workers"):
        judge_plans(district.rounds, few, WINDOW)
    judge_plans(district.rounds, few[:-1], WINDOW)
    assert (comparison_needed(1), comparison_needed(6)) == (30, 60)


def test_nobody_to_compare_with_is_refused(district: District) -> None:
    with pytest.raises(RefusedError, match="too_few_compared"):
        judge_plans(district.rounds, [Plan(worker, IN_TIME) for worker in range(300)], WINDOW)


def test_a_group_of_which_nearly_all_have_plans_is_not_judged(district: District) -> None:
    inside = np.flatnonzero(district.rounds.group == 2)
    plans = [Plan(int(worker), IN_TIME) for worker in inside[:-4]] + [
        Plan(int(np.argmax(district.rounds.group == 1)), IN_TIME)
    ]
    effects = judge_plans(district.rounds, plans, WINDOW).plans
    assert {one.state for one in effects[:-1]} == {PlanState.TOO_FEW_ALIKE}
    assert effects[-1].state is PlanState.JUDGED


def test_a_first_score_below_all_others_says_so(district: District) -> None:
    """Plans for the lowest 10 %: the expectation follows the line beyond what was seen."""
    middle = Plan(int(np.argsort(district.rounds.first)[150]), IN_TIME)
    *lowest, inside = judge_plans(district.rounds, (*district.plans, middle), WINDOW).plans
    rounds, plan = district.rounds, lowest[0].plan
    without = np.setdiff1d(np.arange(300), [one.plan.worker for one in (*lowest, inside)])
    like = rounds.first[without][rounds.group[without] == rounds.group[plan.worker]]
    assert lowest[0].beyond == pytest.approx(like.min() - rounds.first[plan.worker])
    assert inside.beyond == 0


def test_no_differences_in_the_first_round_leave_the_level_out() -> None:
    """Then the last score says nothing of the next one, and everybody is expected where her group is."""
    district = make_district(Design(workers=200, between=0.01, groups=1), np.random.default_rng(5))
    rounds = replace(district.rounds, first=80 + district.rounds.first_se * np.tile([1, -1], 100) * 0.3)
    made = judge_plans(rounds, district.plans, WINDOW)
    assert np.isnan(made.expectation.kept)
    assert made.overall is not None


def test_faults_of_rounds_and_plans_are_told(district: District) -> None:
    rounds = district.rounds
    with pytest.raises(InputError, match="shapes"):
        judge_plans(replace(rounds, second=rounds.second[:-1]), (), WINDOW)
    broken = replace(
        rounds, first_se=rounds.first_se * 0, second_se=rounds.second_se * -1, group=rounds.group - 1
    )
    with pytest.raises(InputError) as caught:
        judge_plans(broken, (), WINDOW)
    assert [problem.code for problem in caught.value.problems] == [
        "coaching.error_not_positive",
        "coaching.error_not_positive",
        "coaching.group",
    ]
    plans = (Plan(0, IN_TIME), Plan(0, IN_TIME), Plan(300, IN_TIME))
    with pytest.raises(InputError) as caught:
        judge_plans(rounds, plans, PlanWindow(WINDOW.second_ends, WINDOW.second_begins, WINDOW.second_ends))
    assert sorted(problem.code for problem in caught.value.problems) == [
        "coaching.rounds_overlap",
        "coaching.two_plans",
        "coaching.unknown_worker",
    ]
    with pytest.raises(InputError, match="percent"):
        judge_plans(rounds, (), WINDOW, percent=0.95)


def test_normal_levels_are_shrunk_as_the_area_model_shrinks() -> None:
    """With very many normal deviations roughening leaves the normal prior nearly as it is."""
    rng = np.random.default_rng(8)
    variance = np.full(4000, 2.0)
    deviation = rng.normal(0, 3, 4000) + np.sqrt(variance) * rng.normal(0, 1, 4000)
    mean, left = expected_levels(deviation, variance, 9.0)
    near = np.abs(deviation) < 5
    assert np.abs(mean - deviation * 9 / 11)[near].max() < 0.35, "noise of the shape, 60 steps"
    assert left[near].mean() == pytest.approx(9 * 2 / 11, rel=0.05)


@pytest.mark.parametrize("tail", [1, -1], ids=["below", "above"])
def test_levels_of_a_skewed_district_follow_its_shape(tail: int) -> None:
    """A tail on one side, a wall on the other: the lowest tenth of eight districts, beside a normal prior.

    A quarter of its bias leaves room for the chance of eight districts (0.07 points each way).
    """
    made, normal = [], []
    for number in range(8):
        rng = np.random.default_rng([9, number])
        truth = tail * 3 * (2 - rng.gamma(2.0, 1.0, 1076)) / np.sqrt(2)
        deviation = truth + 2 * rng.normal(0, 1, 1076)
        lowest = np.argsort(deviation)[:107]
        mean, _ = expected_levels(deviation, np.full(1076, 4.0), 9.0)
        made.append((mean - truth)[lowest].mean())
        normal.append((deviation * 9 / 13 - truth)[lowest].mean())
    assert abs(np.mean(normal)) > 0.5
    assert abs(np.mean(made)) < abs(np.mean(normal)) / 4


def test_words_tell_verdict_interval_and_what_it_rests_on(district: District) -> None:
    effects = judged(district)
    assert effects.overall is not None
    verdict, change = difference_in_words(effects.overall, "zh", percent=95)
    assert f"{effects.overall.low:.2f}".replace("-", "−") in verdict
    assert "95%" in verdict
    assert f"+{effects.overall.expected_change:.2f}" in change
    assert len(effect_in_words(effects.plans[0], "en", percent=95)) == 3
    plans = (Plan(district.plans[0].worker, WINDOW.second_ends),)
    (short,) = judge_plans(district.rounds, plans, WINDOW).plans
    assert effect_in_words(short, "zh", percent=95) == ("到第二轮调查时帮带时间太短，无法判断成效。",)
