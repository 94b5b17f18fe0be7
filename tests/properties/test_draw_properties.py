"""What must hold for any draw: one seed, one sample, whatever the order of the list and the other areas."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from minping_engine.sampling import Design, Draw, FrameList, FrameUnit, Role, Stratum, draw_sample
from minping_engine.terms import Mode

STRATA = (Stratum(id="o", share=4), Stratum(id="q", quota=2), Stratum(id="s", share=1))
SEEDS = st.binary(min_size=32, max_size=32)


def drawn(rows: Iterable[FrameUnit], n: int | None, seed: bytes) -> Draw:
    design = Design(n=n, strata=STRATA, modes=(Mode.SMS, Mode.VISIT), randomised_percent=30)
    return draw_sample(FrameList.of(rows), design, seed)


def sample(draw: Draw) -> set[str]:
    return {unit.unit for unit in draw.units if unit.role is Role.SAMPLE}


@st.composite
def frames(draw: st.DrawFn) -> list[FrameUnit]:
    """Up to three areas; some units rest, some are outside the population."""
    ids = draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=60, unique=True))
    return [
        FrameUnit(
            f"u{number}",
            draw(st.sampled_from("ABC")),
            draw(st.sampled_from(["o", "o", "o", "q", "s", ""])),
            draw(st.booleans()),
        )
        for number in ids
    ]


@given(frames(), st.integers(2, 30), SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_the_list_changes_nothing(
    rows: list[FrameUnit], n: int, seed: bytes, shuffle: object
) -> None:
    shuffled = list(rows)
    shuffle.shuffle(shuffled)  # type: ignore[attr-defined]
    assert drawn(rows, n, seed).units == drawn(shuffled, n, seed).units


@given(frames(), st.integers(2, 30), SEEDS)
def test_a_larger_n_only_adds_units_and_leaves_every_place(
    rows: list[FrameUnit], n: int, seed: bytes
) -> None:
    fewer, more = drawn(rows, n, seed), drawn(rows, n + 1, seed)
    assert sample(fewer) <= sample(more)
    assert [unit[:4] for unit in fewer.units] == [unit[:4] for unit in more.units]


@given(frames(), st.integers(2, 30), SEEDS)
def test_an_area_is_drawn_alike_alone_and_among_others(rows: list[FrameUnit], n: int, seed: bytes) -> None:
    """So a single area can be redone, and looked into, without the others."""
    whole = drawn(rows, n, seed)
    for area in {row.area for row in rows}:
        alone = drawn([row for row in rows if row.area == area], n, seed)
        assert [unit for unit in whole.units if unit.area == area] == list(alone.units)


@given(frames(), st.integers(2, 30), SEEDS, st.data())
def test_without_a_unit_the_others_keep_their_order(
    rows: list[FrameUnit], n: int, seed: bytes, data: st.DataObject
) -> None:
    gone = data.draw(st.sampled_from(rows))
    kept = drawn([row for row in rows if row != gone], n, seed)
    order = [unit.unit for unit in drawn(rows, n, seed).units if unit.unit != gone.unit]
    assert [unit.unit for unit in kept.units] == order


@given(frames(), st.integers(2, 30) | st.none(), SEEDS)
def test_everybody_in_the_population_has_one_place_and_numbers_add_up(
    rows: list[FrameUnit], n: int | None, seed: bytes
) -> None:
    draw = drawn(rows, n, seed)
    assert sorted(unit.unit for unit in draw.units) == sorted(row.unit for row in rows if row.stratum)
    for area in {row.area for row in rows if row.stratum}:
        groups = [group for group in draw.groups if group.area == area]
        eligible = sum(group.eligible for group in groups)
        assert sum(group.drawn for group in groups) == (eligible if n is None else min(n, eligible))
    assert sum(map(draw.inclusion_probability, draw.units)) == draw.sample_size
    resting = {row.unit for row in rows if row.resting}
    assert len(sample(draw) & resting) == sum(group.rested for group in draw.rested)
