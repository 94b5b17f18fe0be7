"""The fixed order of scoring: tree, bonus, rounding, places, grades, periods, vetoes, cards, use."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.ranking import PosteriorGrade
from minping_engine.scheme import Grading, grade_names, load_scheme, scheme_from_data
from minping_engine.scoring import Given, score_all
from minping_engine.terms import MeasureState
from tests.engine.scoring.factory import TITLE, candidate, earlier, leaf, scheme, scored

MARKS = st.integers(0, 1000).map(lambda tenth: tenth / 10)


def test_points_add_up_exactly() -> None:
    made, _ = scored(scheme(), candidate("x", 90, 50))
    assert (made["x"].nodes["pa"].points, made["x"].nodes["pb"].points, made["x"].score) == (54, 20, 74)
    assert made["x"].grade == "C"


@given(a=MARKS, b=MARKS, better=MARKS)
def test_a_better_fact_never_lowers_score_or_grade(a: float, b: float, better: float) -> None:
    made, _ = scored(scheme(), candidate("x", a, b), candidate("y", max(a, better), b))
    assert made["y"].score >= made["x"].score  # type: ignore[operator]
    assert made["y"].step <= made["x"].step  # type: ignore[operator]


@given(
    rows=st.lists(st.tuples(MARKS, MARKS), min_size=1, max_size=12), seed=st.randoms(use_true_random=False)
)
def test_relabelling_and_order_change_nothing(rows: list[tuple[float, float]], seed: object) -> None:
    people = [candidate(f"p{number}", a, b) for number, (a, b) in enumerate(rows)]
    shuffled = list(people)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    one, _ = scored(scheme(), *people)
    other, _ = scored(scheme(), *shuffled)
    assert {name: (row.score, row.grade, row.rank) for name, row in one.items()} == {
        name: (row.score, row.grade, row.rank) for name, row in other.items()
    }
    renamed, _ = scored(scheme(), *(candidate(f"q{number}", a, b) for number, (a, b) in enumerate(rows)))
    assert [row.rank for row in one.values()] == [row.rank for row in renamed.values()]


def test_a_missing_part_leaves_no_score_and_names_its_state() -> None:
    made, _ = scored(scheme(), candidate("x", 90, None))
    assert (made["x"].score, made["x"].grade, made["x"].state) == (None, None, MeasureState.ABSENT)
    assert made["x"].rank is None


def test_a_missing_part_is_carried_by_the_others_if_enough_is_left() -> None:
    total = {"missing": "redistribute", "needs_percent": 60}
    made, _ = scored(scheme(total=total), candidate("x", 90, None), candidate("y", None, 90))
    assert (made["x"].score, made["y"].score) == (90, None)


def test_a_part_that_does_not_apply_is_carried_by_the_others() -> None:
    parts = [leaf("pa", 60, "a"), leaf("pb", 40, "b", applies="urban_rural = 'rural'")]
    people = [
        candidate("city", 50, 100, context={"urban_rural": "urban"}),
        candidate("land", 50, 100, context={"urban_rural": "rural"}),
    ]
    made, _ = scored(scheme(indicators=parts), *people)
    assert (made["city"].score, made["land"].score) == (50, 70)


def test_bonus_and_deductions_are_capped_and_see_the_same_state() -> None:
    changes = [
        {"id": "plus", "title": TITLE, "kind": "bonus", "points": "events * 2", "cap": 5},
        {"id": "minus", "title": TITLE, "kind": "deduction", "points": "10", "when": "pa < 30"},
    ]
    made, _ = scored(scheme(adjustments=changes), candidate("x", 40, 100, 3), candidate("y", 90, 90, 1))
    assert made["x"].adjustments == {"plus": 5, "minus": -10}
    assert (made["x"].raw, made["x"].score) == (64, 59)
    assert made["y"].adjustments == {"plus": 2}


def test_floor_and_cap_hold_before_rounding() -> None:
    changes = [{"id": "minus", "title": TITLE, "kind": "deduction", "points": "200"}]
    made, _ = scored(scheme(adjustments=changes, total={"floor": 20}), candidate("x", 100, 100))
    assert made["x"].score == 20
    changes = [{"id": "plus", "title": TITLE, "kind": "bonus", "points": "50"}]
    made, _ = scored(scheme(adjustments=changes, total={"cap": 105}), candidate("x", 100, 100))
    assert made["x"].score == 105


@pytest.mark.parametrize(("digits", "score"), [(0, 77), (1, Fraction("76.5")), (None, Fraction("76.5"))])
def test_the_total_rounds_half_up_where_the_scheme_says(digits: int | None, score: Fraction) -> None:
    made, _ = scored(scheme(total={"round": digits}), candidate("x", 77.5, 75))
    assert made["x"].score == score


def test_a_score_just_below_a_band_stays_below_it() -> None:
    made, _ = scored(scheme(total={"round": 3}), candidate("x", 89.999, 89.999), candidate("y", 90, 90))
    assert (made["x"].grade, made["y"].grade) == ("B", "A")


def test_equal_scores_share_a_place() -> None:
    people = [candidate("a", 90, 90), candidate("b", 80, 80), candidate("c", 80, 80), candidate("d", 70, 70)]
    made, _ = scored(scheme(), *people)
    assert [(made[name].rank, made[name].ranked_of) for name in "abcd"] == [(1, 4), (2, 4), (2, 4), (4, 4)]


@pytest.mark.parametrize(("ties", "grades"), [("none", "ABBBB"), ("all", "AAAAB")])
def test_a_limit_does_not_cut_through_equal_scores(ties: str, grades: str) -> None:
    grading = {
        "bands": scheme().scheme.model_dump(by_alias=True, mode="json")["grading"]["bands"],
        "limits": [{"grade": "A", "at_most_percent": 40, "ties": ties}],
    }
    people = [candidate(f"p{number}", mark, mark) for number, mark in enumerate((99, 95, 95, 95, 80))]
    made, _ = scored(scheme(grading=grading), *people)
    assert "".join(str(row.grade) for row in made.values()) == grades


def test_limits_count_each_group_by_itself() -> None:
    grading = {
        "bands": scheme().scheme.model_dump(by_alias=True, mode="json")["grading"]["bands"],
        "limits": [{"grade": "A", "at_most_percent": 50}],
    }
    people = [candidate(f"p{number}", 90 + number, 90 + number, group="甲") for number in range(2)]
    people += [candidate(f"q{number}", 95 + number, 95 + number, group="乙") for number in range(2)]
    made, _ = scored(scheme(grading=grading), *people)
    assert [row.grade for row in made.values()] == ["B", "A", "B", "A"]


def test_transitions_hold_a_grade_near_the_one_before() -> None:
    grading = {"bands": scheme().scheme.model_dump(by_alias=True, mode="json")["grading"]["bands"]}
    grading["transitions"] = {"up_at_most": 1, "down_at_most": 2}
    people = [
        candidate("up", 99, 99, earlier=earlier(4)),
        candidate("down", 10, 10, earlier=earlier(1)),
        candidate("new", 99, 99),
        candidate("gap", 99, 99, earlier=earlier(3, None)),
    ]
    made, _ = scored(scheme(grading=grading), *people)
    assert [row.grade for row in made.values()] == ["C", "C", "A", "B"]
    assert [row.change for row in made.values()] == [1, -2, None, 1]


FALLS = {"id": "falls", "title": TITLE, "when": "grade_change < 0", "window": "year"}
POOR = {"id": "poor", "title": TITLE, "when": "score < 75", "window": "ever", "count": "in_a_row"}


def test_falls_are_counted_within_the_year_this_period_included() -> None:
    """S94: three falls in a year; a fall of last year does not count, a gap does not hide one."""
    rows = (*earlier(1, 2, year=2019, first=11), *earlier(1, 2, None, 1))
    made, _ = scored(scheme(over_periods=[FALLS]), candidate("x", 80, 80, earlier=rows))
    assert made["x"].counts == {"falls": 2}


def test_a_row_is_broken_by_a_good_period_and_not_by_one_without_assessment() -> None:
    made, _ = scored(
        scheme(over_periods=[POOR]),
        candidate("broken", 70, 70, earlier=earlier(3, 2, 3)),
        candidate("held", 70, 70, earlier=earlier(2, 3, None, 3)),
        candidate("good", 90, 90, earlier=earlier(3, 3)),
    )
    assert [row.counts["poor"] for row in made.values()] == [2, 3, 0]


def test_a_veto_limits_the_grade_and_bars_a_use_and_an_unknown_condition_does_neither() -> None:
    veto = {"id": "v", "title": TITLE, "when": "events >= 1", "grade_at_most": "B", "bars": ["prize"]}
    uses = [
        {"id": "prize", "kind": "honour", "text": TITLE, "when": "score >= 90"},
        {"id": "help", "kind": "coaching", "text": TITLE, "when": "vetoed"},
    ]
    made, proposals = scored(
        scheme(vetoes=[veto], use=uses),
        candidate("x", 95, 95, 1),
        candidate("y", 95, 95),
        candidate("z", 50, 50, 1),
    )
    assert [(row.grade, row.vetoes) for row in made.values()] == [("B", ("v",)), ("A", ()), ("D", ("v",))]
    assert [(one.assessee_id, one.use) for one in proposals] == [("y", "prize"), ("x", "help"), ("z", "help")]
    unknown = scheme(vetoes=[veto | {"when": "previous_score < 60"}], use=uses)
    made, _ = scored(unknown, candidate("x", 95, 95))
    assert made["x"].vetoes == ()


def test_a_veto_that_limits_the_score_lowers_the_grade_with_it() -> None:
    veto = {"id": "v", "title": TITLE, "when": "events >= 1", "score_at_most": 59}
    made, _ = scored(scheme(vetoes=[veto]), candidate("x", 95, 95, 1), candidate("y", 30, 30, 1))
    assert [(row.score, row.grade) for row in made.values()] == [(59, "D"), (30, "D")]


def test_cards_may_name_vetoes_and_uses_may_name_cards() -> None:
    parts = {
        "over_periods": [POOR],
        "vetoes": [{"id": "v", "title": TITLE, "when": "events >= 1"}],
        "cards": [{"id": "red", "title": TITLE, "colour": "red", "when": "poor >= 2 AND NOT v"}],
        "use": [{"id": "ends", "kind": "exit", "text": TITLE, "when": "red"}],
    }
    made, proposals = scored(
        scheme(**parts),
        candidate("x", 70, 70, earlier=earlier(3)),
        candidate("y", 70, 70, 1, earlier=earlier(3)),
    )
    assert [row.cards for row in made.values()] == [("red",), ()]
    assert [one.assessee_id for one in proposals] == ["x"]


def test_a_proposal_tells_the_rule_and_the_numbers_it_rests_on() -> None:
    use = {"id": "pay", "kind": "pay", "text": TITLE}
    use["money"] = {"amount": "CASE WHEN score >= 75 THEN YUAN(score * 1) ELSE 0 END"}
    _, proposals = scored(scheme(use=[use]), candidate("x", 80.5, 80.5), candidate("y", None, 1))
    (one,) = proposals
    assert (one.assessee_id, one.fen, dict(one.basis)) == ("x", 8050, {"score": "80.5"})
    assert one.rule.startswith("assessed -> CASE")


def test_a_budget_is_divided_among_those_who_follow() -> None:
    use = {"id": "fund", "kind": "fund", "text": TITLE, "when": "grade_step <= 2"}
    use["money"] = {"budget": 1000, "weights": "score - 70"}
    _, proposals = scored(
        scheme(use=[use]), candidate("x", 90, 90), candidate("y", 80, 80), candidate("z", 10, 10)
    )
    assert {one.assessee_id: one.fen for one in proposals} == {"x": 667, "y": 333}


def test_grades_by_chance_bear_one_set_of_names() -> None:
    """What ranking gives, checks accept and vetoes limit."""
    by_chance = load_scheme("gulou-worker", demo=True).changed(
        grading=Grading.model_validate({"chances": {"excellent_from": 95, "support_below": 80}})
    )
    assert {*grade_names(by_chance.scheme), "not_assessed"} == {grade.value for grade in PosteriorGrade}


def test_a_veto_limits_a_grade_by_chance() -> None:
    base = load_scheme("gulou-worker", demo=True)
    raw = base.scheme.model_dump(mode="json", by_alias=True, exclude_unset=True)
    raw["grading"] = {"chances": {"excellent_from": 95, "support_below": 80}}
    raw["vetoes"] = [{"id": "v", "title": TITLE, "when": "score > 0", "grade_at_most": "needs_support"}]
    raw["use"] = []
    given = Given(Fraction(96), 1.0, assessed=True, grade="excellent", grade_step=1)
    outcomes, _ = score_all(scheme_from_data(raw, base), "2020Q4", [candidate("x", 1, 1)], {"x": given})
    assert (outcomes[0].grade, outcomes[0].step, outcomes[0].names["grade_steps"]) == ("needs_support", 3, 3)
