"""Which numbers of votes are shown: no hidden one follows from its line and the sum beside it."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_web.rounds.rules.showing import Mark, in_steps, marks

SMALL, BESIDE, OPEN = Mark.SMALL, Mark.BESIDE, Mark.OPEN


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((4, 40), (SMALL, BESIDE)),  # 44 - 40
        ((0, 6, 8), (OPEN, OPEN, OPEN)),
        ((3, 30, 9, 50), (SMALL, OPEN, BESIDE, OPEN)),
        ((3, 2, 50), (SMALL, SMALL, OPEN)),
        ((1, 1, 50, 60), (SMALL, SMALL, BESIDE, OPEN)),  # two that give 2 are 1 and 1
        ((4, 4, 50, 60), (SMALL, SMALL, BESIDE, OPEN)),  # two that give 8 are 4 and 4
        ((4, 7, 7, 40), (SMALL, BESIDE, BESIDE, OPEN)),  # the next smallest is 7 at most, so the other is 4
        ((1, 5, 30), (SMALL, BESIDE, BESIDE)),  # six are 1 and 5, if not hidden with a third
        ((3, 0, 0), (SMALL, OPEN, OPEN)),  # the sum is hidden itself
        ((4, 4), (BESIDE, BESIDE)),  # with "<5" twice, 8 would say it
        ((), ()),
    ],
)
def test_a_second_number_is_hidden_beside_a_small_one(
    counts: tuple[int, ...], expected: tuple[Mark, ...]
) -> None:
    assert tuple(marks(counts)) == expected


@given(st.lists(st.integers(0, 12), min_size=2, max_size=5))
def test_no_hidden_number_follows_from_its_line_and_the_sum(counts: list[int]) -> None:
    """By trying every line that shows the same: each hidden place must leave two possibilities."""
    found, total = marks(counts), sum(counts)
    if total < 5:
        return
    assert all(mark is not OPEN for count, mark in zip(counts, found, strict=True) if 0 < count < 5)
    places = [at for at, mark in enumerate(found) if mark is not OPEN]
    rest = sum(counts[at] for at in places)
    ranges = [range(1, 5) if found[at] is SMALL else range(total + 1) for at in places]
    alike = [one for one in product(*ranges) if sum(one) == rest]
    for number, _at in enumerate(places):
        assert len({one[number] for one in alike}) > 1


def test_without_the_second_number_the_first_is_found_by_subtraction() -> None:
    """The control of the property above: the same attack finds 4 of 44 when only "<5" is hidden."""
    alike = [one for one in product(range(1, 5), [40]) if sum(one) == 44]
    assert alike == [(4, 40)]


def test_numbers_go_in_steps_of_five() -> None:
    assert [in_steps(count) for count in (0, 4, 5, 9, 10, 322_804)] == [0, 0, 5, 5, 10, 322_800]
