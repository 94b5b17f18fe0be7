"""`match_stably`: no pair would rather have each other, whatever the lists (S86)."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.matching import (
    Market,
    Pair,
    Person,
    Position,
    Side,
    TieOrder,
    find_blocking_pairs,
    match_stably,
    tiers,
)
from tests.engine.matching.markets import (
    SEED,
    _is_blocked,
    blocking,
    district,
    every_matching,
    every_stable_matching,
    market,
    markets,
)

TIES = TieOrder.by_seed(SEED)
sides = st.sampled_from(Side)


@given(markets(), sides, st.binary(min_size=32, max_size=32))
def test_nobody_and_no_position_would_rather_have_each_other(one: Market, side: Side, seed: bytes) -> None:
    """S86: lists with ties and gaps, several seats, either side first."""
    made = match_stably(one, TieOrder.by_seed(seed), proposing=side)
    assert find_blocking_pairs(one, made.pairs) == ()
    assert not _is_blocked(one, made.pairs)


@given(markets(), sides)
def test_seats_are_kept_and_only_those_who_chose_each_other_are_paired(one: Market, side: Side) -> None:
    made = match_stably(one, TIES, proposing=side)
    assert all(len(some) <= one.capacities[grid] for grid, some in made.people_of.items())
    assert len(made.position_of) == len(made.pairs)
    assert all(one.is_wanted_by_both(*pair) for pair in made.pairs)


@given(markets(most=4, strict=True))
def test_the_side_that_proposes_gets_the_best_of_all_stable_matchings(one: Market) -> None:
    """Strict lists: against all stable matchings found by trying everything."""
    stable = every_stable_matching(one)
    people, positions = (match_stably(one, TIES, proposing=side) for side in Side)
    assert people.pairs in [tuple(sorted(pairs, key=lambda pair: pair[::-1])) for pairs in stable]
    for person, ranks in one.ranks_of_people.items():
        got = [ranks.get(dict(pairs).get(person, ""), 99) for pairs in stable]
        assert ranks.get(people.position_of.get(person, ""), 99) == min(got)
        assert ranks.get(positions.position_of.get(person, ""), 99) == max(got)


@given(markets(strict=True))
def test_without_ties_the_same_people_are_placed_whoever_proposes(one: Market) -> None:
    """Roth 1986: and a position that is not full has the same people in every stable matching."""
    people, positions = (match_stably(one, TIES, proposing=side) for side in Side)
    assert people.position_of.keys() == positions.position_of.keys()
    for grid, some in people.people_of.items():
        assert len(some) == len(positions.people_of[grid])
        if len(some) < one.capacities[grid]:
            assert some == positions.people_of[grid]


@given(markets(), sides, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(one: Market, side: Side, shuffled: object) -> None:
    def mixed(some: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(shuffled.sample(some, len(some)))  # type: ignore[attr-defined]

    other = Market(
        mixed(tuple(replace(p, choices=tuple(map(mixed, p.choices))) for p in one.people)),  # type: ignore[arg-type]
        mixed(tuple(replace(g, choices=tuple(map(mixed, g.choices))) for g in one.positions)),  # type: ignore[arg-type]
    )
    first, second = (match_stably(some, TIES, proposing=side) for some in (one, other))
    assert first.pairs == second.pairs
    assert first.unmatched == second.unmatched
    assert first.vacancies == second.vacancies


@given(markets(most=4), st.data())
def test_the_checker_finds_what_the_definition_finds(one: Market, data: st.DataObject) -> None:
    """Any matching of those who chose each other, stable or not."""
    pairs = data.draw(st.sampled_from(list(every_matching(one))))
    assert bool(find_blocking_pairs(one, pairs)) == _is_blocked(one, pairs)


@given(markets())
def test_a_stable_matching_that_loses_a_pair_is_told(one: Market) -> None:
    """The checker is worth something: both would take each other back."""
    made = match_stably(one, TIES)
    assume(made.pairs)
    assert made.pairs[0] in blocking(one, made.pairs[1:])


@given(markets(), st.data())
def test_people_gain_nothing_by_a_list_that_is_not_true(one: Market, data: st.DataObject) -> None:
    """Dubins and Freedman 1981: people propose, one of them says something else; ties or not."""
    assume(one.people and one.positions)
    liar = data.draw(st.sampled_from(one.people))
    grids = [grid.position_id for grid in one.positions]
    said = data.draw(st.permutations(grids))[: data.draw(st.integers(0, len(grids)))]
    told = Market(
        tuple(replace(p, choices=tiers(*said)) if p is liar else p for p in one.people), one.positions
    )
    truth = one.ranks_of_people[liar.person_id]
    honest, lied = (match_stably(some, TIES).position_of.get(liar.person_id, "") for some in (one, told))
    assert truth.get(honest, 99) <= truth.get(lied, 99)


def test_a_stated_order_decides_ties_and_the_seed_another_way() -> None:
    one = market(
        {"an": tiers("east"), "bo": tiers("east"), "cy": tiers("east")},
        {"east": (1, tiers(("an", "bo", "cy")))},
    )
    assert match_stably(one, TieOrder.by_rule(people=("bo", "cy", "an"))).pairs == (Pair("bo", "east"),)
    by_chance = {
        match_stably(one, TieOrder.by_seed(bytes([number]) * 32)).pairs[0].person_id for number in range(20)
    }
    assert by_chance == {"an", "bo", "cy"}


def test_a_rule_that_does_not_name_the_tied_is_refused() -> None:
    one = market({"an": tiers("east"), "bo": tiers("east")}, {"east": (1, tiers(("an", "bo")))})
    with pytest.raises(InputError, match="rule_silent"):
        match_stably(one, TieOrder.by_rule(people=("an",)))
    with pytest.raises(InputError, match="rule_twice"):
        match_stably(one, TieOrder.by_rule(people=("an", "bo", "an")))


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(InputError, match="32 are needed"):
        TieOrder.by_seed(b"short")


def test_all_faults_of_the_lists_come_at_once() -> None:
    one = Market(
        (Person("an", (("east", "east"), ())), Person("an", (("west",),)), Person("bo", ())),
        (Position("east", -1, (("cy",),)),),
    )
    with pytest.raises(InputError) as caught:
        match_stably(one, TIES)
    assert sorted(problem.code for problem in caught.value.problems) == [
        "matching.capacity",
        "matching.empty_tier",
        "matching.id_twice",
        "matching.listed_twice",
        "matching.stranger",
        "matching.stranger",
    ]


def test_a_district_is_matched_in_seconds_and_stably() -> None:
    """1,076 people with 40 choices each (43,040 wishes of either side)."""
    for side in Side:
        one, start = district(), process_time()
        made = match_stably(one, TIES, proposing=side)
        assert find_blocking_pairs(one, made.pairs) == ()
        assert process_time() - start < 3, "0.2 s when nothing else runs"
        assert len(made.pairs) > 1000


def test_a_district_keeps_seats_and_lists_and_is_the_same_from_rows_in_any_order() -> None:
    """1,076 people, incomplete lists, threes tied: rows and ties turned round, the pairs are the same."""
    one = district(choices=12)
    other = Market(
        tuple(reversed(one.people)),
        tuple(
            replace(grid, choices=tuple(tuple(reversed(tier)) for tier in grid.choices))
            for grid in reversed(one.positions)
        ),
    )
    for side in Side:
        made = match_stably(one, TIES, proposing=side)
        assert match_stably(other, TIES, proposing=side).pairs == made.pairs
        assert find_blocking_pairs(one, made.pairs) == ()
        assert all(len(some) <= one.capacities[grid] for grid, some in made.people_of.items())
        assert all(one.is_wanted_by_both(*pair) for pair in made.pairs)
        assert len({pair.person_id for pair in made.pairs}) == len(made.pairs)
        assert made.unmatched, "short lists leave somebody out, so that this shows something"


@given(markets(seats=2), st.permutations([f"p{n}" for n in range(6)]), sides)
def test_any_stated_order_of_ties_gives_a_stable_matching(one: Market, order: list[str], side: Side) -> None:
    """Whoever goes first among equals: no blocking pair, and the order moves nobody whom lists decide."""
    rule = TieOrder.by_rule(people=order, positions=[f"g{n}" for n in range(6)])
    made = match_stably(one, rule, proposing=side)
    assert find_blocking_pairs(one, made.pairs) == ()
    strict = all(len(tier) == 1 for who in (*one.people, *one.positions) for tier in who.choices)
    if strict:
        assert made.pairs == match_stably(one, TIES, proposing=side).pairs
