"""Everybody who is left out reads why, in words that are true (S86)."""

from __future__ import annotations

from hypothesis import given

from minping_engine.errors import Language
from minping_engine.matching import (
    Market,
    Refusal,
    Side,
    TieOrder,
    UnmatchedReason,
    VacancyReason,
    match_stably,
    refusal_in_words,
    tiers,
    unmatched_in_words,
    vacancy_in_words,
)
from tests.engine.matching.markets import SEED, market, markets

TIES = TieOrder.by_seed(SEED)
LANGUAGES: tuple[Language, ...] = ("zh", "en")
CASES = market(
    {
        "an": tiers("east"),
        "bo": tiers("east", "west"),
        "cy": tiers("west", "east", "shut"),
        "di": tiers("lone"),
        "el": (),
        "fu": tiers("east", "west"),
    },
    {
        "east": (1, tiers("an", "bo", ("cy", "fu"))),
        "west": (1, tiers(("bo", "fu", "cy"))),
        "shut": (0, tiers("cy")),
        "lone": (1, tiers("an")),
        "idle": (2, ()),
        "calm": (1, tiers("an")),
    },
)
RULE = TieOrder.by_rule(people=("fu", "bo", "cy"))


def test_reasons_of_a_case_worked_by_hand() -> None:
    """An gets east (its first); fu gets west before bo and cy by the stated order."""
    made = match_stably(CASES, RULE)
    assert [tuple(pair) for pair in made.pairs] == [("an", "east"), ("fu", "west")]
    found = {one.person_id: one for one in made.unmatched}
    assert {one: left.reason for one, left in found.items()} == {
        "bo": UnmatchedReason.FILLED,
        "cy": UnmatchedReason.FILLED,
        "di": UnmatchedReason.NOT_LISTED_BACK,
        "el": UnmatchedReason.LISTED_NOBODY,
    }
    told = [
        (one.position_id, one.refusal, one.own_rank, one.their_rank, one.last_rank)
        for one in found["cy"].refused
    ]
    assert told == [
        ("west", Refusal.TIE_DECIDED, 1, 1, 1),
        ("east", Refusal.FILLED_BY_PREFERRED, 2, 3, 1),
        ("shut", Refusal.NO_SEATS, 3, 1, 0),
    ]
    assert {one.position_id: one.reason for one in made.vacancies} == {
        "calm": VacancyReason.NOBODY_CHOSE_IT,
        "idle": VacancyReason.LISTED_NOBODY,
        "lone": VacancyReason.NO_COMMON_CHOICE,
    }


def test_a_position_whose_people_went_elsewhere_says_so() -> None:
    one = market({"an": tiers("east", "west")}, {"east": (1, tiers("an")), "west": (1, tiers("an"))})
    (west,) = match_stably(one, TIES).vacancies
    assert (west.position_id, west.reason, west.common, west.elsewhere) == (
        "west",
        VacancyReason.WENT_ELSEWHERE,
        1,
        1,
    )


def test_choices_met_are_counted_on_both_sides() -> None:
    made = match_stably(CASES, RULE)
    assert made.choices_met(Side.PEOPLE) == {1: 1, 2: 1}
    assert made.choices_met(Side.POSITIONS) == {1: 2}


@given(markets())
def test_reasons_of_a_stable_matching_are_true(one: Market) -> None:
    """Nobody is told that a position would take her, and every number stands as the lists say."""
    made = match_stably(one, TIES)
    assert {
        person.person_id for person in made.unmatched
    } == one.ranks_of_people.keys() - made.position_of.keys()
    for person in one.people:
        for refused in made.refused_choices(person.person_id):
            grid, theirs = refused.position_id, one.ranks_of_positions[refused.position_id]
            taken = [theirs[other] for other in made.people_of[grid]]
            assert refused.refusal is not Refusal.WOULD_TAKE
            assert (refused.refusal is Refusal.NOT_LISTED_BACK) == (person.person_id not in theirs)
            assert refused.last_rank == max(taken, default=0)
            if refused.refusal is Refusal.FILLED_BY_PREFERRED:
                assert max(taken) < theirs[person.person_id]
            if refused.refusal is Refusal.TIE_DECIDED:
                assert max(taken) == theirs[person.person_id]
    assert all(vacancy.reason is not VacancyReason.LEFT_OPEN for vacancy in made.vacancies)


@given(markets())
def test_seats_and_people_add_up(one: Market) -> None:
    made = match_stably(one, TIES)
    assert sum(vacancy.seats for vacancy in made.vacancies) + len(made.pairs) == sum(one.capacities.values())
    assert len(made.unmatched) + len(made.pairs) == len(one.people)


def test_words_name_position_and_ranks_in_both_languages() -> None:
    made = match_stably(CASES, RULE)
    cy = next(one for one in made.unmatched if one.person_id == "cy")
    assert refusal_in_words(cy.refused[1], "en") == (
        "Choice 2, east: filled by people it preferred; "
        "she was its choice 3, the last one taken its choice 1."
    )
    assert refusal_in_words(cy.refused[1], "zh") == (
        "第 2 志愿 east：名额已满，此人为该岗位第 3 选择，最后录用者为第 1 选择。"
    )
    assert len(unmatched_in_words(cy, "zh")) == 4


def test_a_person_is_spoken_to_on_the_own_page_without_her_place_on_the_list_of_a_position() -> None:
    """G1: where somebody stood among others is told to nobody: she reads that others were preferred."""
    made = match_stably(CASES, RULE)
    cy = next(one for one in made.unmatched if one.person_id == "cy")
    assert unmatched_in_words(cy, "zh", to_herself=True) == (
        "您所填的 3 个岗位均未能录用，逐项原因如下。",
        "第 1 志愿 west：名额已满，您与最后录用者并列，由事先公布的次序决定。",
        "第 2 志愿 east：名额已满，录用的都是该岗位更愿意选择的人。",
        "第 3 志愿 shut：该岗位本次没有名额。",
    )


def test_every_reason_has_words_in_both_languages() -> None:
    from minping_engine.matching.words import word

    blanks = dict.fromkeys(("n", "position", "own", "their", "last", "common", "elsewhere"), 1)
    for language in LANGUAGES:
        for reason in UnmatchedReason:
            assert word(reason.value, language, **blanks)
            assert word(f"{reason.value}_you", language, **blanks)
        for refusal in Refusal:
            assert word(f"refused_{refusal.value}", language, **blanks)
            assert word(f"refused_{refusal.value}_you", language, **blanks)
        for vacancy in VacancyReason:
            assert word(f"vacant_{vacancy.value}", language, **blanks)
    assert vacancy_in_words(match_stably(CASES, RULE).vacancies[0], "zh") == "无人填报该岗位。"
