"""Case mix and mode effects against R, against hand arithmetic, and in simulation."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError, RefusedError
from minping_engine.estimation import (
    Adjuster,
    AdjusterSubject,
    CaseMixFit,
    CaseMixMoments,
    CaseMixVariance,
    ModeState,
    adjust_scores,
    check_adjusters,
    fit_beside_modes,
    fit_casemix,
    mean_adjusters,
    mode_effects,
    residual_variances,
)


def moments_of(who: np.ndarray, x: np.ndarray, y: np.ndarray) -> CaseMixMoments:
    """Moments from rows: `x` (rows, p), `y` (rows, v)."""
    total = int(who.max()) + 1
    parts = [np.zeros((total, *shape)) for shape in ((), x.shape[1:], y.shape[1:], y.shape[1:])]
    n, sx, sy, syy = parts
    sxx, sxy = np.zeros((total, x.shape[1], x.shape[1])), np.zeros((total, x.shape[1], y.shape[1]))
    np.add.at(n, who, 1)
    np.add.at(sx, who, x)
    np.add.at(sy, who, y)
    np.add.at(syy, who, y * y)
    np.add.at(sxx, who, x[:, :, None] * x[:, None])
    np.add.at(sxy, who, x[:, :, None] * y[:, None])
    return CaseMixMoments.from_shared(n, sx, sxx, y=sy, yy=syy, xy=sxy)


def means(moments: CaseMixMoments) -> np.ndarray:
    return moments.y / moments.n


@pytest.mark.real_data
def test_coefficients_errors_and_adjusted_scores_agree_with_r(outside_data: Path) -> None:
    folder = outside_data.parent / "reference" / "stats" / "profiling_bdf_schools"
    if not folder.is_dir():
        pytest.skip(f"no reference case at {folder}")
    with (folder / "data.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text())["casemix"]
    schools = [str(name) for name in expected["group"]]
    who = np.array([schools.index(row["school"]) for row in rows])
    names = ["iq", "ses", "girl"]
    x = np.array([[float(row[name]) for name in names] for row in rows])
    moments = moments_of(who, x, np.array([[float(row["y"])] for row in rows]))
    fit = fit_casemix(moments)
    assert fit.coefficient[:, 0] == pytest.approx([expected["beta"][name] for name in names], rel=1e-10)
    errors = np.sqrt(np.diagonal(fit.covariance[0]))
    assert errors == pytest.approx([expected["beta_se"][name] for name in names], rel=1e-10)
    assert np.sqrt(fit.sigma2[0]) == pytest.approx(expected["sigma"], rel=1e-10)
    assert fit.reference[:, 0] == pytest.approx([expected["grand_x"][name] for name in names], rel=1e-12)
    assert moments.n[:, 0].tolist() == expected["n"]
    raw = means(moments)
    made = adjust_scores(fit, mean_adjusters(moments), raw, fit.sigma2 / moments.n)
    assert raw[:, 0] == pytest.approx(expected["raw"], rel=1e-12)
    assert made.value[:, 0] == pytest.approx(expected["adjusted"], rel=1e-10)


def small() -> CaseMixMoments:
    """The worked table of the page: two assessees, one adjuster (pensioner), one variable."""
    who = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    x = np.array([[1.0], [1], [1], [0], [1], [0], [0], [0]])
    y = np.array([[90.0], [86], [88], [80], [84], [78], [74], [76]])
    return moments_of(who, x, y)


def test_the_worked_table_by_hand() -> None:
    """Within: Sxx = 0.75 + 0.75, Sxy = 6 + 6, so b = 8; means 86 and 78, mixes 0.75 and 0.25, all 0.5."""
    moments = small()
    fit = fit_casemix(moments)
    assert fit.coefficient[0, 0] == pytest.approx(8.0)
    assert fit.sigma2[0] == pytest.approx((8 + 8) / 5)
    made = adjust_scores(fit, mean_adjusters(moments), means(moments), fit.sigma2 / moments.n)
    assert made.value[:, 0] == pytest.approx([84.0, 80.0])
    assert made.moved[:, 0, 0] == pytest.approx([-2.0, 2.0])
    assert made.added_se[:, 0] ** 2 == pytest.approx([0.0625 * 3.2 / 1.5] * 2)
    assert made.se[:, 0] == pytest.approx([np.sqrt(0.8 + 0.0625 * 3.2 / 1.5)] * 2)
    assert residual_variances(moments, fit)[:, 0] == pytest.approx([8 / 3, 8 / 3])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-50, 50), st.floats(0.1, 10))
def test_moving_or_stretching_an_adjuster_changes_no_score(seed: int, shift: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(6), 8)
    x, y = rng.normal(size=(48, 2)), rng.normal(80, 10, size=(48, 2))
    one, two = moments_of(who, x, y), moments_of(who, x * scale + shift, y)
    made = [
        adjust_scores(fit, mean_adjusters(m), means(m), residual_variances(m, fit) / m.n)
        for m, fit in ((one, fit_casemix(one)), (two, fit_casemix(two)))
    ]
    assert made[0].value == pytest.approx(made[1].value, abs=1e-6)
    assert made[0].se == pytest.approx(made[1].se, rel=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_relabelling_assessees_moves_their_scores_with_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    who, order = np.repeat(np.arange(6), 8), rng.permutation(6)
    x, y = rng.normal(size=(48, 2)), rng.normal(80, 10, size=(48, 1))
    one, two = moments_of(who, x, y), moments_of(order[who], x, y)
    first, second = (adjust_scores(fit_casemix(m), mean_adjusters(m), means(m), means(m)) for m in (one, two))
    assert second.value[order] == pytest.approx(first.value, rel=1e-10)


def test_adjusted_scores_keep_the_overall_mean() -> None:
    moments = small()
    fit = fit_casemix(moments)
    made = adjust_scores(fit, mean_adjusters(moments), means(moments), fit.sigma2 / moments.n)
    assert np.sum(moments.n * made.value) == pytest.approx(np.sum(moments.y))


def test_an_adjuster_without_variation_inside_assessees_is_left_out_and_said() -> None:
    who = np.array([0, 0, 0, 1, 1, 1])
    x = np.array([[1.0, 5], [0, 5], [1, 5], [0, 7], [1, 7], [0, 7]])
    fit = fit_casemix(moments_of(who, x, np.arange(6.0)[:, None]))
    assert fit.used[:, 0].tolist() == [True, False]
    assert fit.coefficient[1, 0] == 0.0


def test_too_few_ballots_are_refused() -> None:
    with pytest.raises(RefusedError, match="casemix_too_few"):
        fit_casemix(moments_of(np.array([0, 1]), np.array([[1.0], [2.0]]), np.array([[1.0], [2.0]])))


def test_adjusters_that_describe_the_assessed_person_are_refused_all_at_once() -> None:
    wanted = [
        Adjuster("age of respondent", AdjusterSubject.RESPONDENT),
        Adjuster("age of worker", AdjusterSubject.ASSESSEE),
        Adjuster("overall satisfaction", AdjusterSubject.OUTCOME),
        Adjuster("floor area", AdjusterSubject.GRID),
    ]
    with pytest.raises(InputError) as caught:
        check_adjusters(wanted)
    assert [problem.place.key for problem in caught.value.problems] == [one.name for one in wanted[1:]]
    check_adjusters(wanted[:1])


def test_a_robust_covariance_is_near_the_model_where_the_model_holds() -> None:
    rng = np.random.default_rng(3)
    who = np.repeat(np.arange(300), 20)
    x = rng.normal(size=(6000, 2))
    moments = moments_of(who, x, (x @ [1.0, -2.0] + rng.normal(size=6000))[:, None])
    model, robust = (fit_casemix(moments, rule).covariance[0] for rule in CaseMixVariance)
    assert np.diagonal(robust) == pytest.approx(np.diagonal(model), rel=0.2)


def fit_with(effect: float, variance: float) -> CaseMixFit:
    one = np.ones((1, 1))
    return CaseMixFit(one * effect, one[None] * variance, one[0], one[0] * 100, one * 0, one > 0)


def test_without_a_bound_only_drawn_modes_count() -> None:
    made = mode_effects(fit_with(-3.0, 0.5), fit_with(-5.0, 0.01), slice(0, 1), 0.0)
    assert (made.effect[0, 0], made.variance[0, 0], made.state[0, 0]) == (-3.0, 0.5, ModeState.RANDOMISED)


def test_unrandomised_ballots_weigh_at_most_as_their_bound_allows() -> None:
    """V = 0.5, B = 3: B^2/3 = 3, so the weight of any number of ballots is at most 0.5/3.5."""
    made = mode_effects(fit_with(-3.0, 0.5), fit_with(-5.0, 0.0), slice(0, 1), 3.0)
    assert made.unrandomised_share[0, 0] == pytest.approx(0.5 / 3.5)
    assert made.effect[0, 0] == pytest.approx(-3 - 2 * 0.5 / 3.5)
    assert made.variance[0, 0] == pytest.approx(1 / (1 / 0.5 + 1 / 3))


def test_an_unrandomised_effect_far_off_is_left_out() -> None:
    made = mode_effects(fit_with(-3.0, 0.5), fit_with(-20.0, 0.0), slice(0, 1), 3.0)
    assert made.state[0, 0] == ModeState.UNRANDOMISED_TOO_FAR
    assert made.effect[0, 0] == -3.0


def test_a_bound_must_be_a_number_of_points() -> None:
    with pytest.raises(InputError, match="mode_bound"):
        mode_effects(fit_with(1, 1), None, slice(0, 1), -1.0)


def test_a_mode_that_no_lot_drew_has_no_effect_and_says_so() -> None:
    who = np.repeat(np.arange(3), 4)
    x = np.column_stack([np.zeros(12), np.tile([0.0, 1, 0, 1], 3)])
    fit = fit_casemix(moments_of(who, x, np.arange(12.0)[:, None]))
    made = mode_effects(fit, fit_with(-5.0, 0.01), slice(0, 1), 3.0)
    assert (made.effect[0, 0], made.state[0, 0]) == (0.0, ModeState.NOT_RANDOMISED)


def test_holding_the_modes_at_their_own_estimates_gives_the_joint_fit() -> None:
    rng = np.random.default_rng(5)
    who = np.repeat(np.arange(20), 15)
    x = np.column_stack([rng.integers(0, 2, 300), rng.normal(size=300)]).astype(float)
    moments = moments_of(who, x, (80 - 3 * x[:, 0] + 2 * x[:, 1] + rng.normal(0, 5, 300))[:, None])
    joint = fit_casemix(moments)
    beside = fit_beside_modes(moments, slice(0, 1), mode_effects(joint, None, slice(0, 1), 0.0))
    assert beside.coefficient == pytest.approx(joint.coefficient, rel=1e-9)
    assert beside.covariance == pytest.approx(joint.covariance, rel=0.01)


def one_round(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """60 workers, 120 ballots: online costs 3 points, chosen rather by the discontented; a fifth by lot."""
    size, workers = 120, 60
    who = np.repeat(np.arange(workers), size)
    truth = rng.normal(80, 3, workers)
    old = rng.random(len(who)) < np.repeat(rng.uniform(0.2, 0.6, workers), size)
    noise = rng.gamma(4, 5, len(who))
    mood = 20 - noise
    lot = rng.random(len(who)) < 0.2
    taste = np.repeat(rng.uniform(0.2, 0.8, workers), size) + np.where(mood < 0, 0.15, -0.15)
    online = np.where(lot, rng.random(len(who)) < 0.5, rng.random(len(who)) < taste)
    y = truth[who] + 4 * old + mood - 3 * online
    return who, np.column_stack([online, old]).astype(float), y[:, None], lot, truth


@pytest.mark.deep
def test_adjusted_intervals_cover_the_truth_where_raw_ones_fail() -> None:
    """200 rounds: intervals for truth at the common mix cover 93-97 %, raw ones under 90 %."""
    rng = np.random.default_rng(11)
    hits, raw_hits, total = 0, 0, 0
    for _ in range(200):
        who, x, y, lot, truth = one_round(rng)
        every, drawn = moments_of(who, x, y), moments_of(who[lot], x[lot], y[lot])
        modes = mode_effects(fit_casemix(drawn), None, slice(0, 1), 0.0)
        fit = fit_beside_modes(every, slice(0, 1), modes)
        base = residual_variances(every, fit) / every.n
        made = adjust_scores(fit, mean_adjusters(every), means(every), base)
        # Everybody at the common mix: the truth plus what the reference mix adds.
        goal = truth + fit.reference[0, 0] * -3 + fit.reference[1, 0] * 4
        hits += int(np.sum(np.abs(made.value[:, 0] - goal) < 1.98 * made.se[:, 0]))
        raw_hits += int(np.sum(np.abs(means(every)[:, 0] - goal) < 1.98 * np.sqrt(base[:, 0])))
        total += len(truth)
    assert 0.93 < hits / total < 0.97
    assert raw_hits / total < 0.90
