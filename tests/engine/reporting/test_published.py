"""A published mean never gives a single person away, not by subtraction either."""

from __future__ import annotations

from typing import Any

import pytest

from minping_engine.reporting.published import released_counts, shown_siblings
from minping_engine.scheme import load_scheme

LIMITS = load_scheme("gulou-worker").disclosure


def place(area_id: str, people: int, ballots: int = 900, mean: float | None = 90.0) -> dict[str, Any]:
    return {"area_id": area_id, "n_assessees": people, "n_ballots": ballots, "mean": mean}


def test_large_places_are_all_shown() -> None:
    assert shown_siblings([place("a", 9), place("b", 3)], LIMITS) == {"a", "b"}


@pytest.mark.parametrize("small", [place("c", 2), place("c", 5, ballots=29)])
def test_a_hidden_place_hides_the_next_smallest_too(small: dict[str, Any]) -> None:
    assert shown_siblings([place("a", 9), place("b", 4), small], LIMITS) == {"a"}


def test_two_hidden_places_with_enough_people_protect_each_other() -> None:
    rows = [place("a", 9), place("b", 8), place("c", 2), place("d", 2)]
    assert shown_siblings(rows, LIMITS) == {"a", "b"}


def test_a_place_where_nobody_is_assessed_gives_nothing_away() -> None:
    assert shown_siblings([place("a", 9), place("b", 4), place("c", 0, mean=None)], LIMITS) == {"a", "b"}


def test_small_modes_are_put_together_until_they_are_enough() -> None:
    assert released_counts([(1, 8), (2, 3), (3, 4)], 5) == ([(1, 8)], 7)
    assert released_counts([(1, 80), (2, 30), (3, 2)], 5) == ([(1, 80)], 32)
    assert released_counts([(1, 80), (2, 30)], 5) == ([(1, 80), (2, 30)], 0)
