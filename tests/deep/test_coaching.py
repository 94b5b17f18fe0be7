"""500 districts of 1,076 workers with plans that do nothing or help (docs/method/coaching.md; S9)."""

from __future__ import annotations

import pytest

from tests.engine.coaching.districts import (
    Claims,
    Design,
    Own,
    claims,
    heavy,
    tail_above,
    tail_below,
    without_earlier,
)

pytestmark = [pytest.mark.deep, pytest.mark.long]
SEED, DISTRICTS, SHAPES = 500, 500, 200
USUAL, FEW = (40, 350), (15, 60)


@pytest.fixture(scope="module")
def without_effect() -> Claims:
    return claims(Design(), DISTRICTS, SEED)


def test_help_is_claimed_in_at_most_5_percent_of_500_districts_without_effect(without_effect: Claims) -> None:
    assert without_effect.overall <= 0.05
    assert without_effect.single <= 0.03, "53,500 plans; nominal 2.5 %"
    assert without_effect.covered >= 0.93
    assert 0.94 <= without_effect.covered_single <= 0.96


def test_the_naive_comparison_claims_help_nearly_always(without_effect: Claims) -> None:
    assert without_effect.naive >= 0.99


def test_three_points_are_seen_over_107_plans() -> None:
    found = claims(Design(effect=3.0), SHAPES, SEED)
    assert found.overall >= 0.99
    assert 0.2 <= found.single <= 0.35


@pytest.mark.parametrize(
    ("own", "ballots"),
    [(tail_below, USUAL), (tail_above, USUAL), (tail_above, FEW), (heavy, FEW)],
    ids=["below", "above", "above, few ballots", "heavy, few ballots"],
)
def test_the_shape_of_true_levels_does_not_pass_for_help(own: Own, ballots: tuple[int, int]) -> None:
    """7.5 %: 200 districts leave 3 points of doubt above 5 % (two standard errors)."""
    found = claims(Design(own=own, ballots=ballots), SHAPES, SEED)
    assert found.overall <= 0.075
    assert found.naive >= 0.99


def test_plans_for_whoever_fell_are_judged_by_the_earlier_round_as_well() -> None:
    """S9: "a low or falling score"; without the earlier round bad luck of the first one passes for help."""
    design = Design(fallen=True, ballots=(30, 100))
    assert claims(design, SHAPES, SEED).overall <= 0.075
    assert claims(design, 50, SEED, known=without_earlier).overall >= 0.5
