"""Raking: hand numbers, what always holds, and what it says when it cannot be done."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError, RefusedError
from minping_engine.weighting import (
    Margin,
    WeightState,
    calibrate,
    diagnose,
    merge_thin_levels,
    post_stratify,
    rake,
)
from tests.engine.weighting.factory import AGE, TENURE, Population, population, sums

SEX, OWNED = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
N = np.array([[30.0, 10.0, 20.0, 40.0]])
seeds = st.integers(0, 2**32 - 1)


def two_by_two(sex: list[float], tenure: list[float]) -> tuple[Margin, ...]:
    return Margin("sex", SEX, np.array([sex])), Margin("tenure", OWNED, np.array([tenure]))


def worst(made: np.ndarray, people: Population) -> float:
    return max(
        float(np.abs(sums(made, level) / sums(people.people, level) - 1).max()) for level in (AGE, TENURE)
    )


def test_the_worked_table_of_the_page() -> None:
    made = rake(N, two_by_two([200.0, 200.0], [240.0, 160.0]))
    assert made.required()[0] == pytest.approx([160, 40, 80, 120], rel=1e-12)
    seen = diagnose(made, N)
    assert seen.design_effect[0] == pytest.approx(1.0583, abs=5e-5)
    assert seen.moved_share[0] == pytest.approx(0.1)
    assert (seen.smallest_g[0], seen.largest_g[0]) == pytest.approx((0.75, 4 / 3))
    assert (seen.moved_cells[0], seen.negative_cells[0]) == (2, 0)


def test_the_figures_of_the_page_are_those_of_the_code(root: Path) -> None:
    page = (root / "docs" / "method" / "weighting.md").read_text("utf-8")
    margins = two_by_two([200.0, 200.0], [240.0, 160.0])
    after_sex = post_stratify(N, margins[0])
    after_both = post_stratify(after_sex.total, margins[1])
    for name, made in (("after sex", after_sex), ("after tenure", after_both)):
        assert f"| {name}, first sweep | {' | '.join(f'{value:.2f}' for value in made.total[0])} |" in page
    made = rake(N, margins)
    assert f"| raked | {' | '.join(f'{value:.0f}' for value in made.total[0])} |" in page
    seen = diagnose(made, N)
    assert f"**{seen.design_effect[0]:.4f}**" in page
    assert f"**{seen.moved_share[0]:.4f}**" in page


def test_one_margin_is_post_stratification() -> None:
    made = post_stratify(N, Margin("sex", SEX, np.array([[300.0, 120.0]])))
    assert made.total[0] == pytest.approx([225, 75, 40, 80], rel=1e-15)


@settings(max_examples=40)
@given(seeds)
def test_weights_meet_their_totals(seed: int) -> None:
    people = population(np.random.default_rng(seed))
    made = rake(people.base, people.margins)
    assert (made.state == WeightState.MET).all()
    assert worst(made.required(), people) <= 1e-12


@settings(max_examples=25)
@given(seeds)
def test_other_assessees_change_no_bit(seed: int) -> None:
    """Alone, among others, in any order: the same bytes."""
    people = population(np.random.default_rng(seed), 6)
    order = np.random.default_rng(seed + 1).permutation(6)
    made = rake(people.base, people.margins).total
    turned = tuple(Margin(one.name, one.level, one.totals[order]) for one in people.margins)
    assert (rake(people.base[order], turned).total == made[order]).all()
    alone = tuple(Margin(one.name, one.level, one.totals[:1]) for one in people.margins)
    assert (rake(people.base[:1], alone).total == made[:1]).all()


@settings(max_examples=25)
@given(seeds)
def test_relabelling_cells_and_levels_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = population(rng)
    made = rake(people.base, people.margins).total
    order, ages = rng.permutation(6), rng.permutation(3)
    margins = (
        Margin("tenure", TENURE[order], people.margins[1].totals),
        Margin("age", np.argsort(ages)[AGE[order]], people.margins[0].totals[:, ages]),
    )
    assert rake(people.base[:, order], margins).total == pytest.approx(made[:, order], rel=1e-10)


@settings(max_examples=25)
@given(seeds, st.floats(0.01, 100))
def test_the_size_of_base_weights_does_not_matter_and_raking_twice_is_raking_once(
    seed: int, times: float
) -> None:
    people = population(np.random.default_rng(seed))
    made = rake(people.base, people.margins).total
    assert rake(people.base * times, people.margins).total == pytest.approx(made, rel=1e-10)
    again = rake(made, people.margins)
    assert again.total == pytest.approx(made, rel=1e-11)
    assert (again.iterations <= 2).all()


@settings(max_examples=25)
@given(seeds)
def test_newton_steps_and_sweeps_agree_with_and_without_merging(seed: int) -> None:
    people = population(np.random.default_rng(seed), 4, fewest=3)
    margins = merge_thin_levels(people.margins, people.n, minimum=60)
    raked = rake(people.base, margins).required()
    for one in range(4):
        groups = [margin.group[one][margin.level] for margin in margins if margin.group is not None]
        columns, totals = [], []
        for margin, group in zip(margins, groups, strict=True):
            assert margin.group is not None
            for level in np.unique(group):
                columns.append((group == level).astype(float))
                totals.append(margin.totals[one][margin.group[one] == level].sum())
        made = calibrate(people.base[one : one + 1], np.column_stack(columns), np.array([totals]))
        assert made.required()[0] == pytest.approx(raked[one], rel=1e-9)


@pytest.mark.parametrize(
    ("base", "sex", "tenure", "state"),
    [
        ([0, 0, 0, 0], [200, 200], [240, 160], WeightState.NO_SAMPLE),
        ([30, 10, 0, 0], [200, 200], [240, 160], WeightState.EMPTY_LEVEL),
        ([30, 10, 20, 40], [400, 0], [240, 160], WeightState.EMPTY_POPULATION),
        ([30, 10, 20, 40], [200, 200], [240, 161], WeightState.TOTALS_DISAGREE),
        ([30, 10, 20, 40], [200, -1], [240, 160], WeightState.UNKNOWN_TOTAL),
        ([30, 0, 0, 40], [200, 200], [240, 160], WeightState.NOT_CONVERGED),
    ],
)
def test_what_cannot_be_raked_has_a_state_and_no_weights(
    base: list[float], sex: list[float], tenure: list[float], state: WeightState
) -> None:
    """The last one: men all own and women all rent, so no weights can meet both margins."""
    made = rake(np.array([base], dtype=float), two_by_two(sex, tenure))
    assert made.state.tolist() == [state]
    assert np.isnan(made.total).all()
    assert (made.or_base() == made.base).all()
    with pytest.raises(RefusedError, match=r"weighting\.not_met"):
        made.required()


def test_a_failure_leaves_the_others_alone() -> None:
    base = np.array([[30.0, 0, 0, 40], [30, 10, 20, 40]])
    margins = tuple(
        Margin(one.name, one.level, np.repeat(one.totals, 2, axis=0))
        for one in two_by_two([200.0, 200.0], [240.0, 160.0])
    )
    made = rake(base, margins)
    assert made.state.tolist() == [WeightState.NOT_CONVERGED, WeightState.MET]
    assert made.total[1] == pytest.approx([160, 40, 80, 120], rel=1e-12)
    assert made.iterations[0] == 1000


def test_too_few_sweeps_are_never_silent() -> None:
    made = rake(N, two_by_two([200.0, 200.0], [240.0, 160.0]), max_sweeps=2)
    assert made.state.tolist() == [WeightState.NOT_CONVERGED]


def test_a_level_without_people_and_without_ballots_does_no_harm() -> None:
    margin = Margin("age", np.array([0, 1, 2]), np.array([[100.0, 0.0, 300.0]]))
    assert post_stratify(np.array([[10.0, 0.0, 10.0]]), margin).total.tolist() == [[100.0, 0.0, 300.0]]


@pytest.mark.parametrize(
    ("base", "margins", "code"),
    [
        ([[1.0, -1.0]], (Margin("a", np.array([0, 1]), np.array([[1.0, 1.0]])),), "not_a_number"),
        ([[1.0, np.nan]], (Margin("a", np.array([0, 1]), np.array([[1.0, 1.0]])),), "not_a_number"),
        ([[1.0, 1.0]], (), "no_margin"),
        ([[1.0, 1.0]], (Margin("a", np.array([0, 2]), np.array([[1.0, 1.0]])),), "level_out_of_range"),
        ([[1.0, 1.0]], (Margin("a", np.array([0]), np.array([[1.0, 1.0]])),), "shape"),
        ([[1.0, 1.0]], (Margin("a", np.array([0, 1]), np.array([[1.0, 1.0], [1.0, 1.0]])),), "shape"),
        ([1.0, 1.0], (Margin("a", np.array([0, 1]), np.array([[1.0, 1.0]])),), "shape"),
    ],
)
def test_wrong_input_is_refused_with_a_code(base: object, margins: tuple[Margin, ...], code: str) -> None:
    with pytest.raises(InputError, match=rf"\[weighting\.{code}\]"):
        rake(np.array(base), margins)


def test_a_tolerance_that_arithmetic_cannot_keep_is_refused() -> None:
    with pytest.raises(InputError, match=r"weighting\.parameter_range"):
        rake(N, two_by_two([200.0, 200.0], [240.0, 160.0]), tolerance=0.0)


def answers(rng: np.random.Generator) -> tuple[float, float, float]:
    """(truth, raked mean, plain mean) ; the old and owners answer more and are happier."""
    people = rng.integers(200, 600, 6).astype(float)
    happiness = 70 + 8 * AGE - 6 * TENURE
    n = rng.binomial(people.astype(int), 0.05 + 0.1 * AGE + 0.05 * (1 - TENURE)).astype(float)
    scores = np.array([rng.normal(mean, 12, int(k)).mean() for mean, k in zip(happiness, n, strict=True)])
    made = rake(n[None], Population(people[None], n[None], n[None]).margins).required()[0]
    truth = float((people * happiness).sum() / people.sum())
    return truth, float((made * scores).sum() / made.sum()), float((n * scores).sum() / n.sum())


@pytest.mark.deep
def test_raking_removes_the_bias_of_response_that_margins_explain() -> None:
    """Known truth, 2,000 populations: the raked mean is unbiased, the plain mean is too high by points."""
    rng = np.random.default_rng(11)
    made = np.array([answers(rng) for _ in range(2000)])
    raked, plain = made[:, 1] - made[:, 0], made[:, 2] - made[:, 0]
    assert abs(raked.mean()) < 4 * raked.std() / np.sqrt(2000)
    assert abs(raked.mean()) < 0.06
    assert plain.mean() > 2.0


def test_one_ballot_stands_for_everybody_after_merging() -> None:
    n = np.array([[0.0, 1.0, 0.0, 0.0]])
    margins = merge_thin_levels(two_by_two([200.0, 200.0], [240.0, 160.0]), n)
    assert rake(n, margins).required().tolist() == [[0.0, 400.0, 0.0, 0.0]]
