"""Errors of scores: carried by slopes, added inside a questionnaire, squared between, never lost unsaid."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt
from typing import Any

import pytest

from minping_engine.scheme import LoadedScheme
from minping_engine.scoring import Candidate, MeasureValue, Outcome, score_all
from tests.engine.scoring.factory import TITLE, leaf, scheme


def of_ballots(name: str, a: float, b: float, se: float, sources: tuple[str, str] = ("f", "f")) -> Candidate:
    """Two measures with one error each, from these questionnaires."""
    values = {"ma": (a, sources[0]), "mb": (b, sources[1])}
    return Candidate(
        name,
        measures={
            key: MeasureValue(Fraction(str(value)), n=50, se=se, source=source)
            for key, (value, source) in values.items()
        },
    )


def two_measures(**criterion: Any) -> LoadedScheme:
    """60 points for `ma`, 40 for `mb`."""
    formulas = [
        {"id": name, "title": TITLE, "of": "formula", "value": fact, "unit": "points"}
        for name, fact in (("ma", "a"), ("mb", "b"))
    ]
    shape = {"criterion": criterion} if criterion else {}
    return scheme(
        measures=formulas, indicators=[leaf("pa", 60, "ma", **shape), leaf("pb", 40, "mb", **shape)]
    )


def scored(loaded: LoadedScheme, *people: Candidate) -> list[Outcome]:
    def wide(scores: Sequence[Fraction], errors: Sequence[float]) -> list[tuple[int, int]]:
        return [(1, len(scores))] * len(scores) if max(errors) > 1 else [(1, 1)] * len(scores)

    return score_all(loaded, "2020-06", people, rank_sets=wide)[0]


def test_errors_of_one_questionnaire_are_added_and_of_several_squared() -> None:
    (one,) = scored(two_measures(), of_ballots("x", 80, 70, 2.0))
    (two,) = scored(two_measures(), of_ballots("x", 80, 70, 2.0, ("f", "g")))
    assert one.se == pytest.approx(0.6 * 2 + 0.4 * 2)
    assert two.se == pytest.approx(sqrt(1.2**2 + 0.8**2))


def test_rounding_a_node_keeps_its_error() -> None:
    loaded = scheme(
        measures=[{"id": "ma", "title": TITLE, "of": "formula", "value": "a", "unit": "points"}],
        indicators=[leaf("pa", 100, "ma", round=0)],
    )
    (made,) = scored(loaded, of_ballots("x", 80.4, 0, 2.0))
    assert (made.score, made.se) == (80, 2.0)


def test_an_error_reaches_back_over_the_end_of_a_line() -> None:
    people = [of_ballots("x", 91, 91, 2.0), of_ballots("y", 99, 99, 2.0)]
    near, far = scored(two_measures(kind="linear", to=90), *people)
    assert (near.score, far.score) == (100, 100)
    assert near.se > 0
    assert far.se == 0


def test_one_sure_score_does_not_make_the_places_of_the_others_exact() -> None:
    people = [of_ballots("x", 99, 99, 2.0), of_ballots("y", 80, 80, 2.0), of_ballots("z", 79, 79, 2.0)]
    made = scored(two_measures(kind="linear", to=90), *people)
    assert [(one.rank_low, one.rank_high) for one in made] == [(1, 3)] * 3


def test_where_an_error_cannot_be_followed_no_range_of_places_is_given() -> None:
    bands = [{"from": 0, "points": 1}, {"from": 80, "points": 40}]
    people = [of_ballots("x", 81, 81, 2.0), of_ballots("y", 79, 79, 2.0)]
    made = scored(two_measures(kind="bands", steps=bands), *people)
    assert [(one.rank_low, one.rank_high) for one in made] == [(None, None)] * 2
    assert all(one.rank is not None for one in made)


def test_a_formula_carries_an_error_as_far_as_it_moves() -> None:
    (made,) = scored(two_measures(kind="formula", value="measure * 0.4"), of_ballots("x", 50, 50, 2.0))
    assert made.se == pytest.approx(0.4 * 2 + 0.4 * 2)
