"""What leaders change afterwards: whom each change would part, and the protocol (S86)."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minping_engine.errors import InputError, Language
from minping_engine.matching import (
    BlockingPair,
    Market,
    MediatedChange,
    Mediation,
    Pair,
    Refusal,
    TieOrder,
    VacancyReason,
    apply_mediation,
    find_blocking_pairs,
    match_stably,
    protocol_of,
    tiers,
)
from tests.engine.matching.markets import SEED, blocking, market, markets

TIES = TieOrder.by_seed(SEED)
THREE = market(
    {"an": tiers("east", "west"), "bo": tiers("west", "east"), "cy": tiers("east")},
    {"east": (1, tiers("an", "cy", "bo")), "west": (1, tiers("bo", "an")), "far": (1, ())},
)
STABLE = match_stably(THREE, TIES)


def test_a_swap_is_two_changes_and_tells_whom_it_parts() -> None:
    """Both get their second choice. An and bo would rather be back, and cy would have come before bo."""
    done = apply_mediation(STABLE, (MediatedChange("an", "west"), MediatedChange("bo", "east")))
    assert done.after.pairs == (Pair("bo", "east"), Pair("an", "west"))
    assert [(new.pair, new.because_of) for new in done.made] == [
        (BlockingPair("an", "east", "bo"), (0, 1)),
        (BlockingPair("bo", "west", "an"), (0, 1)),
        (BlockingPair("cy", "east", "bo"), (0, 1)),
    ]
    assert done.ended == ()


def test_a_place_outside_all_lists_is_allowed_and_said() -> None:
    done = apply_mediation(STABLE, (MediatedChange("cy", "far"),))
    assert done.unlisted == (Pair("cy", "far"),)
    assert done.made == ()


def test_whoever_loses_her_place_reads_that_it_would_take_her() -> None:
    done = apply_mediation(STABLE, (MediatedChange("an"),))
    left = {one.person_id: one for one in done.after.unmatched}["an"]
    assert [choice.refusal for choice in left.refused] == [Refusal.WOULD_TAKE, Refusal.FILLED_BY_PREFERRED]
    assert {one.position_id: one.reason for one in done.after.vacancies}["east"] is VacancyReason.LEFT_OPEN


def test_taking_a_change_back_ends_what_it_made() -> None:
    there = apply_mediation(STABLE, (MediatedChange("an"),))
    back = apply_mediation(there.after, (MediatedChange("an", "east"),))
    assert back.after.pairs == STABLE.pairs
    assert {(one.person_id, one.position_id) for one in back.ended} == {("an", "east"), ("cy", "east")}
    assert back.made == ()


def test_all_faults_of_changes_come_at_once() -> None:
    changes = (
        MediatedChange("an", "east"),
        MediatedChange("bo", "moon"),
        MediatedChange("bo", "far"),
        MediatedChange("no", "far"),
    )
    with pytest.raises(InputError) as caught:
        apply_mediation(STABLE, changes)
    assert [problem.code for problem in caught.value.problems] == [
        "matching.no_change",
        "matching.unknown_position",
        "matching.changed_twice",
        "matching.unknown_person",
    ]


def test_more_people_than_seats_are_refused() -> None:
    with pytest.raises(InputError, match="over_capacity"):
        apply_mediation(STABLE, (MediatedChange("cy", "east"),))


def test_pairs_that_cannot_be_are_refused_by_the_checker() -> None:
    pairs = (Pair("an", "east"), Pair("an", "west"), Pair("bo", "west"), Pair("xi", "moon"))
    with pytest.raises(InputError) as caught:
        find_blocking_pairs(THREE, pairs)
    assert sorted(problem.code for problem in caught.value.problems) == [
        "matching.over_capacity",
        "matching.two_positions",
        "matching.unknown_person",
        "matching.unknown_position",
    ]


@st.composite
def mediated(draw: st.DrawFn) -> Mediation:
    """A stable matching and one or two changes that leave seats enough."""
    one: Market = draw(markets(most=5))
    made = match_stably(one, TIES)
    changes = []
    for person in draw(st.lists(st.sampled_from([*one.ranks_of_people, ""]), max_size=2, unique=True)):
        to = draw(st.sampled_from(["", *one.capacities]))
        if person and to != made.position_of.get(person, ""):
            changes.append(MediatedChange(person, to))
    after = {**made.position_of, **{change.person_id: change.position_id for change in changes}}
    assume(all(list(after.values()).count(grid) <= seats for grid, seats in one.capacities.items()))
    return apply_mediation(made, changes)


@given(mediated())
def test_what_changes_make_is_the_difference_and_each_has_a_cause(done: Mediation) -> None:
    """After a stable matching every blocking pair is new, and some change touches it."""
    one = done.after.market
    assert {(new.pair.person_id, new.pair.position_id) for new in done.made} == blocking(
        one, done.after.pairs
    )
    assert all(new.because_of for new in done.made)
    assert done.ended == ()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_protocol_holds_everybody_once(language: Language) -> None:
    done = apply_mediation(STABLE, (MediatedChange("an", "west"), MediatedChange("bo", "far")))
    tables = {table.table_id: table for table in protocol_of(done, language)}
    assert list(tables) == [
        "head", "pairs", "unmatched", "vacancies", "choices", "changes", "made", "ended",
    ]  # fmt: skip
    assert all(len(row) == len(table.columns) for table in tables.values() for row in table.rows)
    people = {row[1] for row in tables["pairs"].rows} | {row[0] for row in tables["unmatched"].rows}
    assert people == {"an", "bo", "cy"}
    assert [row[:4] for row in tables["changes"].rows] == [
        ("1", "an", "east", "west"),
        ("2", "bo", "west", "far"),
    ]


def test_the_protocol_of_the_matching_alone_says_that_nothing_blocks() -> None:
    head = {row[0]: row[1] for row in protocol_of(STABLE, "en")[0].rows}
    assert head["blocking pairs"] == "0"
    assert head["positions (seats)"] == "3 (3)"
    assert protocol_of(STABLE, "zh")[1].rows == (
        ("east", "an", "第 1", "第 1"),
        ("west", "bo", "第 1", "第 1"),
    )
