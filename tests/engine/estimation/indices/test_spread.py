"""Discrimination and ceiling (D7): what may be ranked, what is at full marks."""

from __future__ import annotations

import numpy as np
import pytest

from minping_engine.errors import InputError
from minping_engine.estimation.indices import BallotSums, spread_report


def plenty(count: int, each: int = 300, full: int = 30) -> BallotSums:
    """Every assessee alike: mean 80, variance of answers 200."""
    n = np.full(count, each)
    return BallotSums(n, n * 80.0, n * 6400.0 + 200.0 * (n - 1), np.full(count, full))


def scores(seed: int, spread: float, error: float, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return 80 + spread * rng.normal(size=count) + error * rng.normal(size=count), np.full(count, error**2)


def test_scores_that_differ_may_be_ranked() -> None:
    made = spread_report(*scores(1, 3, 1), plenty(400))
    assert made.may_rank
    assert made.spread == pytest.approx(3, abs=0.3)
    assert made.error == pytest.approx(1.0)
    assert made.reliability == pytest.approx(0.9, abs=0.02)
    assert made.between_share == pytest.approx(9 / 209, abs=0.01)
    assert made.bands == pytest.approx(13 / 3, abs=0.4)
    assert made.full_share == pytest.approx(0.1)
    assert not made.ceiling


def test_a_spread_below_the_error_refuses_a_ranking() -> None:
    made = spread_report(*scores(2, 1, 2), plenty(400))
    assert made.verdict == "spread_below_error"
    assert not made.may_rank


def test_scores_without_any_differences_are_an_answer() -> None:
    made = spread_report(np.linspace(79.9, 80.1, 50), np.full(50, 4.0), plenty(50))
    assert made.verdict == "no_differences"
    assert made.reliability == 0.0
    assert made.between_share == 0.0
    assert made.bands == 1.0


def test_a_ceiling_is_seen_whatever_the_ranks() -> None:
    ballots = plenty(40, each=20, full=12)
    ballots.full[:5] = 20
    made = spread_report(*scores(3, 3, 1, 40), ballots)
    assert made.ceiling
    assert made.all_full == 5
    assert not spread_report(*scores(3, 3, 1, 40), ballots, ceiling_from=0.9).ceiling


def test_too_few_or_missing_assessees_are_a_state() -> None:
    estimate, variance = scores(4, 3, 1, 20)
    estimate[4:] = np.nan
    made = spread_report(estimate, variance, plenty(20))
    assert made.verdict == "too_few"
    assert made.assessees == 4
    assert not made.may_rank


def test_single_answers_have_no_between_share() -> None:
    made = spread_report(*scores(5, 3, 1, 20), plenty(20, each=1, full=0))
    assert np.isnan(made.between_share)


def test_a_limit_beyond_one_is_refused() -> None:
    with pytest.raises(InputError, match="share_out_of_range"):
        spread_report(*scores(6, 3, 1, 20), plenty(20), ceiling_from=50)
