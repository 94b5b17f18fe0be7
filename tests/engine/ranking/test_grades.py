"""Grades, quotas, awards and funnel plots: reference numbers, hand-made cases, simulation."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.ranking import (
    GradeRule,
    PosteriorGrade,
    award_values,
    funnel,
    grade_by_posterior,
    select_by_quota,
    top_chances,
)

PAGE = Path(__file__).parents[3] / "docs" / "method" / "grades.md"
VALUES, ERRORS = [90.0, 88.0, 84.0, 80.0], [1.0, 1.0, 1.0, 2.0]
RULE = GradeRule(excellent_from=88.5, support_below=83.0)


def _rows() -> dict[str, list[str]]:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


@pytest.mark.real_data
def test_the_funnel_is_that_of_the_reference(outside_data: Path) -> None:
    folder = outside_data.parent / "reference" / "stats" / "ranks_pisa2018_math"
    if not folder.is_dir():
        pytest.skip(f"no reference case at {folder}")
    with (folder / "data.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text())["funnel"]
    made = funnel(*([float(row[name]) for row in rows] for name in ("estimate", "se")))
    assert made.target == pytest.approx(expected["target"], rel=1e-12)
    assert made.z == pytest.approx(expected["z"], rel=1e-9)
    assert made.phi == pytest.approx(expected["phi_winsor10"], rel=1e-12)
    assert made.tau2 == pytest.approx(expected["tau2_DL"], rel=1e-12)
    plain, wide = made.outside(1.96, overdispersion=False), made.outside(3.09, overdispersion=False)
    assert (np.flatnonzero(plain) + 1).tolist() == expected["outside95"]
    assert (np.flatnonzero(wide) + 1).tolist() == expected["outside998"]
    by_phi = made.outside_multiplicative(3.09)
    assert (np.flatnonzero(by_phi) + 1).tolist() == expected["outside998_multiplicative"]


def test_the_worked_table_is_what_the_code_makes() -> None:
    rows, page = _rows(), PAGE.read_text("utf-8")
    grades, best = grade_by_posterior(VALUES, ERRORS, RULE), top_chances(VALUES, ERRORS, 0.5)
    chosen, plot = select_by_quota(best, 0.5), funnel(VALUES, ERRORS)
    assert rows["P(above 88.5)"] == [f"{chance:.6f}" for chance in grades.chance_excellent]
    assert rows["P(below 83)"] == [f"{chance:.6f}" for chance in grades.chance_support]
    assert rows["grade"] == grades.grade.tolist()
    assert rows["P(best half)"] == [f"{chance:.6f}" for chance in best]
    assert rows["by quota"] == ["yes" if one else "no" for one in chosen.selected]
    assert rows["z in the funnel"] == [f"{z:.4f}".replace("-", "−") for z in plot.z]
    assert f"**{chosen.expected_false_share:.6f}**" in page
    for figure in (plot.target, plot.phi, plot.tau2):
        assert f"**{figure:.4f}**" in page
    assert plot.outside(overdispersion=False).tolist() == [True, False, True, True]
    assert not plot.outside().any()


def test_who_is_not_assessed_has_no_grade_and_no_chance() -> None:
    made = grade_by_posterior([99.0, np.nan], [0.1, np.nan], RULE, assessed=[True, False])
    assert made.grade.tolist() == ["excellent", "not_assessed"]
    assert np.isnan(made.chance_excellent[1])
    assert not made.borderline[1]
    none = grade_by_posterior([np.nan], [np.nan], RULE, assessed=[False])
    assert none.grade.tolist() == ["not_assessed"]


def test_without_spread_a_value_on_the_cut_is_in_the_middle() -> None:
    made = grade_by_posterior([88.5, 88.6, 83.0, 82.9], [0.0] * 4, RULE)
    assert made.grade.tolist() == ["middle", "excellent", "middle", "needs_support"]


def test_a_chance_near_its_limit_is_listed() -> None:
    z90 = 1.2815515655446004
    made = grade_by_posterior([88.5 + z90, 88.5 + z90 + 1e-7, 88.5 + z90 + 0.01], [1.0] * 3, RULE)
    assert made.borderline.tolist() == [True, True, False]
    assert made.grade[0] == "excellent"


def test_expected_false_ones_are_the_mean_of_what_is_missing() -> None:
    made = grade_by_posterior(VALUES, ERRORS, RULE)
    assert made.expected_false(PosteriorGrade.EXCELLENT) == pytest.approx(1 - 0.9331928)
    assert made.expected_false(PosteriorGrade.NEEDS_SUPPORT) == 0.0


def test_a_tie_at_the_end_of_the_quota_leaves_both_out() -> None:
    made = select_by_quota([0.9, 0.5, 0.5, 0.1], 0.5)
    assert made.selected.tolist() == [True, False, False, False]
    assert (made.places, made.given) == (2, 1)
    assert made.borderline.tolist() == [False, True, True, False]


def test_a_clear_quota_has_nobody_at_the_border() -> None:
    made = select_by_quota([0.9, 0.8, 0.2, 0.1], 0.5)
    assert not made.borderline.any()
    assert made.expected_false_share == pytest.approx(0.15)


def test_a_limit_on_false_ones_leaves_places_empty() -> None:
    made = select_by_quota([0.95, 0.9, 0.6, 0.5, np.nan], 0.75, most_false_share=0.1)
    assert made.selected.tolist() == [True, True, False, False, False]
    assert (made.places, made.given) == (3, 2)


def test_a_quota_of_nobody_selects_nobody() -> None:
    for chances in ([], [np.nan], [0.9, 0.8]):
        made = select_by_quota(chances, 0.1)
        assert (made.given, made.expected_false_share) == (0, 0.0)


def test_wrong_settings_are_coded_errors() -> None:
    with pytest.raises(InputError, match="cut_points"):
        GradeRule(80.0, 90.0)
    with pytest.raises(InputError, match="chance_too_low"):
        GradeRule(90.0, 80.0, excellent_chance=0.5)
    with pytest.raises(InputError, match="not_a_share"):
        GradeRule(90.0, 80.0, support_chance=95)
    with pytest.raises(InputError, match="not_chances"):
        select_by_quota([1.2], 0.1)
    with pytest.raises(InputError, match="winsorised"):
        funnel(VALUES, ERRORS, winsorised=0.5)
    with pytest.raises(InputError, match="shapes"):
        award_values([1.0], [1.0, 2.0])
    with pytest.raises(InputError, match="shapes"):
        grade_by_posterior([1.0], [1.0, 2.0], RULE)


def test_an_award_shows_the_shrunken_value() -> None:
    made = award_values([95.0, 90.0], [92.0, 89.5])
    assert made.value.tolist() == [92.0, 89.5]
    assert made.optimism.tolist() == [3.0, 0.5]


def test_a_funnel_of_one_or_of_equals_has_no_overdispersion() -> None:
    for made in (funnel([80.0], [1.0]), funnel([80.0] * 6, [1.0] * 6)):
        assert (made.target, made.tau2, made.overdispersed) == (80.0, 0.0, False)
        assert not made.outside().any()
    low, high = funnel([80.0], [1.0]).limits(2.0)
    assert (low[0], high[0]) == (78.0, 82.0)
    assert funnel([80.0, 80.0], [1.0, 1.0]).borderline(0.0).all()


means = st.lists(st.floats(60, 100), min_size=1, max_size=20)


@settings(max_examples=50)
@given(means, st.floats(0.1, 5), st.floats(0, 10))
def test_a_higher_mean_never_worsens_the_grade(values: list[float], spread: float, more: float) -> None:
    order = {"needs_support": 0, "middle": 1, "excellent": 2}
    errors = [spread] * len(values)
    one = grade_by_posterior(values, errors, RULE)
    two = grade_by_posterior([value + more for value in values], errors, RULE)
    assert all(order[a] <= order[b] for a, b in zip(one.grade, two.grade, strict=True))


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.05, 0.95))
def test_a_quota_is_never_exceeded_and_never_skips_a_better_one(chances: list[float], quota: float) -> None:
    made, values = select_by_quota(chances, quota), np.array(chances)
    assert made.given <= made.places
    if made.selected.any() and not made.selected.all():
        assert values[made.selected].min() > values[~made.selected].max()


@pytest.mark.deep
@pytest.mark.parametrize("errors", ["like ballots", "equal"])
def test_false_grades_stay_below_their_nominal_share(errors: str) -> None:
    """Known truth, 200 workers a round, 300 rounds; a rule on direct scores fails the same test."""
    rng = np.random.default_rng(5)
    wrong = {"excellent": [0, 0], "needs_support": [0, 0], "direct": [0, 0]}
    flattery, honest = [], []
    for _ in range(300):
        truth = rng.normal(80, 3, 200)
        se = 14.2 / np.sqrt(rng.integers(20, 951, 200)) if errors == "like ballots" else np.full(200, 1.5)
        value = truth + se * rng.standard_normal(200)
        gamma = 9 / (9 + se**2)
        mean, deviation = 80 + gamma * (value - 80), np.sqrt(gamma) * se
        made = grade_by_posterior(mean, deviation, GradeRule(83.0, 77.0))
        for name, true in (("excellent", truth > 83), ("needs_support", truth < 77)):
            got = made.grade == name
            wrong[name][0] += int((got & ~true).sum())
            wrong[name][1] += int(got.sum())
        wrong["direct"][0] += int(((value > 83) & ~(truth > 83)).sum())
        wrong["direct"][1] += int((value > 83).sum())
        winner = int(np.argmax(mean))
        flattery.append(value[winner] - truth[winner])
        honest.append(award_values(value, mean).value[winner] - truth[winner])
    shares = {name: bad / given for name, (bad, given) in wrong.items()}
    assert shares["excellent"] <= 0.10
    assert shares["needs_support"] <= 0.05
    assert shares["direct"] > 0.10
    assert abs(np.mean(honest)) < 0.25 < np.mean(flattery)


@pytest.mark.deep
def test_the_expected_false_share_of_a_quota_is_what_happens() -> None:
    rng = np.random.default_rng(6)
    said, seen = [], []
    for _ in range(60):
        truth = rng.normal(80, 3, 60)
        value = truth + 1.5 * rng.standard_normal(60)
        gamma = 9 / (9 + 2.25)
        chances = top_chances(80 + gamma * (value - 80), np.full(60, np.sqrt(gamma) * 1.5), 0.2)
        made = select_by_quota(chances, 0.2)
        best = np.argsort(-truth)[:12]
        said.append(made.expected_false_share)
        seen.append(1 - np.isin(np.flatnonzero(made.selected), best).mean())
    assert np.mean(seen) == pytest.approx(np.mean(said), abs=0.05)
