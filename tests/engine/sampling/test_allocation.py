"""`allocate`: whole numbers per stratum, worked by hand and against a slow exact rule."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.sampling import Stratum, allocate

FOUR_TO_ONE = (Stratum(id="ordinary", share=4), Stratum(id="special", share=1))
QUOTAS = (
    Stratum(id="elderly", quota=100),
    Stratum(id="organisation", quota=30),
    Stratum(id="young", quota=170),
)
MANY = 10_000


def shared(n: int | None, strata: tuple[Stratum, ...], *room: int) -> list[int]:
    """Numbers in the order of the strata."""
    rooms = dict(zip((stratum.id for stratum in strata), room, strict=True))
    given_out = allocate(n, strata, rooms)
    return [given_out[stratum.id] for stratum in strata]


@pytest.mark.parametrize(
    ("n", "room", "wanted"),
    [
        (300, (MANY, MANY), [240, 60]),
        (5, (MANY, MANY), [4, 1]),
        (7, (MANY, MANY), [6, 1]),  # 5.6 and 1.4
        (8, (MANY, MANY), [6, 2]),  # 6.4 and 1.6
        (300, (MANY, 45), [255, 45]),  # families that lack make room
        (300, (200, MANY), [200, 100]),
        (300, (200, 45), [200, 45]),  # 55 are short
        (300, (MANY, 0), [300, 0]),
        (0, (MANY, MANY), [0, 0]),
        (None, (945, 45), [945, 45]),
    ],
)
def test_four_ordinary_to_one_special(n: int | None, room: tuple[int, int], wanted: list[int]) -> None:
    assert shared(n, FOUR_TO_ONE, *room) == wanted


def test_quotas_come_first_and_shares_divide_the_rest() -> None:
    strata = (Stratum(id="a", share=2), Stratum(id="b", quota=50), Stratum(id="c", share=1))
    assert shared(110, strata, MANY, MANY, MANY) == [40, 50, 20]
    assert shared(110, strata, MANY, 20, MANY) == [60, 20, 30]


def test_what_a_quota_cannot_fill_goes_to_the_others_in_proportion() -> None:
    assert shared(300, QUOTAS, MANY, MANY, MANY) == [100, 30, 170]
    # 18 organisations lack; 282 and 6 more at 100 to 170 in units: 6.67 and 11.33
    assert shared(300, QUOTAS, MANY, 12, MANY) == [107, 12, 181]


def test_equals_are_served_by_id_whatever_their_order() -> None:
    one, two = Stratum(id="a", share=1), Stratum(id="b", share=1)
    assert allocate(3, (one, two), {"a": 9, "b": 9}) == {"a": 2, "b": 1}
    assert allocate(3, (two, one), {"a": 9, "b": 9}) == {"a": 2, "b": 1}


def test_largest_remainders_would_take_one_away_here_and_this_rule_does_not() -> None:
    """Shares 6, 6 and 2 of 14 ("Alabama"): remainders give 10 -> 4, 4, 2 and 11 -> 5, 5, 1."""
    strata = (Stratum(id="a", share=6), Stratum(id="b", share=6), Stratum(id="c", share=2))
    assert by_remainders(10, (6, 6, 2)) == [4, 4, 2]
    assert by_remainders(11, (6, 6, 2)) == [5, 5, 1]
    ten, eleven = (shared(n, strata, MANY, MANY, MANY) for n in (10, 11))
    assert all(more >= fewer for fewer, more in zip(ten, eleven, strict=True))


def by_remainders(n: int, shares: tuple[int, ...]) -> list[int]:
    exact = [Fraction(n * share, sum(shares)) for share in shares]
    order = sorted(range(len(shares)), key=lambda place: (-(exact[place] % 1), place))
    left = n - sum(int(one) for one in exact)
    return [int(one) + (place in order[:left]) for place, one in enumerate(exact)]


@st.composite
def designs(draw: st.DrawFn) -> tuple[tuple[Stratum, ...], dict[str, int]]:
    count = draw(st.integers(1, 5))
    strata = tuple(
        Stratum(id=f"s{number}", **{draw(st.sampled_from(["share", "quota"])): draw(st.integers(1, 12))})
        for number in range(count)
    )
    return strata, {stratum.id: draw(st.integers(0, 40)) for stratum in strata}


@given(designs(), st.integers(0, 120))
def test_all_of_n_is_given_and_one_more_goes_to_just_one(
    design: tuple[tuple[Stratum, ...], dict[str, int]], n: int
) -> None:
    strata, room = design
    fewer, more = allocate(n, strata, room), allocate(n + 1, strata, room)
    assert sum(fewer.values()) == min(n, sum(room.values()))
    assert all(0 <= fewer[name] <= room[name] for name in room)
    steps = sorted(more[name] - fewer[name] for name in room)
    assert steps == [0] * (len(room) - 1) + [int(n < sum(room.values()))]


@given(designs(), st.integers(0, 120))
def test_numbers_are_those_of_the_highest_averages_one_by_one(
    design: tuple[tuple[Stratum, ...], dict[str, int]], n: int
) -> None:
    """The slow rule in fractions, without a heap."""
    strata, room = design
    quotas, shares = ([one for one in strata if one.quota], [one for one in strata if one.share])
    made = dict.fromkeys(room, 0)
    phases = (
        (quotas, {one.id: min(one.quota, room[one.id]) for one in quotas}),
        (shares, room),
        (quotas, room),
    )
    for some, limit in phases:
        while sum(made.values()) < n:
            open_ones = [one for one in some if made[one.id] < limit[one.id]]
            if not open_ones:
                break
            best = min(
                open_ones,
                key=lambda one: (Fraction(2 * made[one.id] + 1, one.share or one.quota), one.id),
            )
            made[best.id] += 1
    assert allocate(n, strata, room) == made
