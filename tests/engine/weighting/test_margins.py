"""Thin levels join their neighbours before raking, and each merge is listed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.weighting import Margin, Merge, WeightState, list_merges, merge_thin_levels, rake


def age(n: list[float], people: list[float], minimum: int = 15) -> tuple[Margin, ...]:
    cells = np.arange(len(n))
    return merge_thin_levels(
        (Margin("age", cells, np.array([people])),), np.array([n], dtype=float), minimum=minimum
    )


def groups(n: list[float], people: list[float]) -> list[int]:
    group = age(n, people)[0].group
    assert group is not None
    return [int(at) for at in group[0]]


@pytest.mark.parametrize(
    ("n", "people", "expected"),
    [
        ([40, 9, 12, 39], [100, 100, 100, 100], [0, 1, 1, 3]),
        ([40, 15, 15, 39], [100, 100, 100, 100], [0, 1, 2, 3]),
        ([0, 40, 40], [100, 100, 100], [0, 0, 2]),
        ([40, 40, 14], [100, 100, 100], [0, 1, 1]),
        ([20, 5, 20], [100, 100, 100], [0, 0, 2]),
        ([20, 16, 20], [100, 0, 100], [0, 0, 2]),
        ([20, 5, 0, 30], [100, 100, 0, 100], [0, 0, 2, 3]),
        ([3, 2, 4], [100, 100, 100], [0, 0, 0]),
        ([0, 0, 0], [100, 100, 100], [0, 0, 0]),
        ([5], [100], [0]),
    ],
)
def test_who_joins_whom(n: list[float], people: list[float], expected: list[int]) -> None:
    """The page's line; nothing thin; empty; last; ties; nobody lives there; a void is no neighbour; all."""
    assert groups(n, people) == expected


def test_merges_are_listed_by_name() -> None:
    assert list_merges(age([40, 9, 12, 39], [100, 100, 100, 100])) == [Merge(0, "age", 2, 1)]


def test_merging_makes_an_empty_level_rakeable() -> None:
    margin = Margin("age", np.arange(3), np.array([[100.0, 100.0, 100.0]]))
    n = np.array([[0.0, 40.0, 40.0]])
    assert rake(n, (margin,)).state.tolist() == [WeightState.EMPTY_LEVEL]
    made = rake(n, merge_thin_levels((margin,), n))
    assert made.required().tolist() == [[0.0, 200.0, 100.0]]


def test_each_assessee_has_merges_of_its_own() -> None:
    margin = Margin("age", np.arange(3), np.full((2, 3), 100.0))
    n = np.array([[20.0, 20.0, 20.0], [20.0, 20.0, 2.0]])
    made = merge_thin_levels((margin,), n)
    assert list_merges(made) == [Merge(1, "age", 2, 1)]
    assert rake(n, made).required() == pytest.approx(
        np.array([[100, 100, 100], [100, 200 * 20 / 22, 200 * 2 / 22]]), rel=1e-14
    )


counts = st.lists(st.tuples(st.integers(0, 40), st.sampled_from([0, 50, 200])), min_size=1, max_size=7)


@settings(max_examples=100)
@given(counts)
def test_after_merging_nothing_is_thin_unless_all_is_one_level(levels: list[tuple[int, int]]) -> None:
    n, people = (list(map(float, values)) for values in zip(*levels, strict=True))
    group = np.array(groups(n, people))
    alive = [
        at for at in np.unique(group) if sum(np.array(n)[group == at]) + sum(np.array(people)[group == at])
    ]
    for at in alive:
        ballots, living = np.array(n)[group == at].sum(), np.array(people)[group == at].sum()
        assert len(alive) == 1 or ((ballots >= 15 and living > 0) or ballots == living == 0)
    assert (group <= np.arange(len(n))).all()
    assert (group[group] == group).all()
