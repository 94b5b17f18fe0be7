"""`draw_sample`: who stands where, with which chance; what a frame that is too small gives."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import chi2

from minping_engine.errors import InputError
from minping_engine.sampling import (
    Design,
    Draw,
    FrameList,
    FrameUnit,
    Role,
    Stratum,
    draw_sample,
    seed_of,
)
from minping_engine.terms import Mode
from tests.engine.sampling.frames import STRATA

SEED = seed_of(bytes(32), "07 11 15 22 28 31 09")
ALL = (Stratum(id="all", share=1),)


def seeds(count: int) -> list[bytes]:
    return [seed_of(bytes(32), f"{number:06}") for number in range(count)]


def area(count: int, name: str = "A", *, stratum: str = "all", resting: int = 0) -> list[FrameUnit]:
    """Units of one area and stratum; the first ones rest."""
    return [FrameUnit(f"{name}{stratum}{n}", name, stratum, n < resting) for n in range(count)]


def drawn(rows: list[FrameUnit], design: Design, seed: bytes = SEED) -> Draw:
    return draw_sample(FrameList.of(rows), design, seed)


def sample(draw: Draw) -> list[str]:
    return [unit.unit for unit in draw.units if unit.role is Role.SAMPLE]


def numbers(draw: Draw) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Eligible, drawn and short by area and stratum."""
    return {key: (one.eligible, one.drawn, one.short) for key, one in draw.by_group.items()}


def test_four_ordinary_to_one_special_in_each_area() -> None:
    """S4, special families: 300 households of a grid, 4 ordinary to 1 special."""
    rows = [row for name in "AB" for row in area(900, name, stratum="ordinary")]
    rows += area(120, "A", stratum="special") + area(45, "B", stratum="special")
    assert numbers(drawn(rows, Design(n=300, strata=STRATA))) == {
        ("A", "ordinary"): (900, 240, 0),
        ("A", "special"): (120, 60, 0),
        ("B", "ordinary"): (900, 255, 0),
        ("B", "special"): (45, 45, 15),
    }


def test_an_area_may_ask_all_another_number_or_nobody() -> None:
    design = Design(n=3, strata=ALL, n_by_area={"B": None, "C": 5, "D": 0})
    draw = drawn([row for name in "ABCD" for row in area(9, name)], design)
    assert {key[0]: made[1] for key, made in numbers(draw).items()} == {"A": 3, "B": 9, "C": 5}


def test_units_outside_the_population_are_never_drawn() -> None:
    rows = [*area(5), FrameUnit("excluded", "A", ""), FrameUnit("forgotten", "")]
    draw = drawn(rows, Design(n=None, strata=ALL))
    assert sorted(sample(draw)) == [row.unit for row in area(5)]
    assert draw.reserve_size == 0


def test_a_stratum_without_units_is_told() -> None:
    draw = drawn(area(9, stratum="ordinary"), Design(n=5, strata=STRATA))
    assert numbers(draw) == {("A", "ordinary"): (9, 5, 0), ("A", "special"): (0, 0, 1)}
    assert [group.stratum for group in draw.short] == ["special"]


def test_resting_units_stand_behind_all_others() -> None:
    draw = drawn(area(9, resting=4), Design(n=5, strata=ALL))
    places = [unit.unit for unit in draw.units]
    assert set(places[5:]) == {row.unit for row in area(4)}
    assert draw.rested == ()
    fresh, rests = draw.units[0], draw.units[-1]
    assert (draw.inclusion_probability(fresh), draw.inclusion_probability(rests)) == (1, 0)


def test_resting_units_are_asked_only_where_the_frame_is_too_small_and_that_is_said() -> None:
    draw = drawn([*area(9, resting=4), *area(9, "B")], Design(n=7, strata=ALL))
    (group,) = draw.rested
    assert (group.area, group.rested, group.resting) == ("A", 2, 4)
    assert [draw.inclusion_probability(unit) for unit in draw.units if unit.area == "A"] == [
        *[Fraction(1)] * 5,
        *[Fraction(1, 2)] * 4,
    ]
    assert group.sampling_fraction == Fraction(7, 9)


def test_who_rests_changes_nothing_in_the_order_of_the_others() -> None:
    rows = area(30)
    resting = [row._replace(resting=number % 3 == 0) for number, row in enumerate(rows)]
    design = Design(n=5, strata=ALL)
    rests = {row.unit for row in resting if row.resting}
    kept = [unit.unit for unit in drawn(rows, design).units if unit.unit not in rests]
    assert [unit.unit for unit in drawn(resting, design).units][: len(kept)] == kept


def test_a_larger_n_only_adds_units_and_replacing_goes_on_down_the_list() -> None:
    rows = [*area(40, stratum="ordinary", resting=7), *area(9, stratum="special")]
    samples = [set(sample(drawn(rows, Design(n=n, strata=STRATA)))) for n in range(1, 50)]
    assert all(len(more - fewer) == 1 and fewer < more for fewer, more in pairwise(samples))
    one, two = (drawn(rows, Design(n=n, strata=STRATA)) for n in (10, 30))
    assert [(unit.unit, unit.place) for unit in one.units] == [(unit.unit, unit.place) for unit in two.units]


def test_inclusion_probabilities_add_up_to_the_sample() -> None:
    rows = [*area(23, stratum="ordinary", resting=15), *area(4, stratum="special", resting=1)]
    draw = drawn(rows, Design(n=13, strata=STRATA))
    assert sum(map(draw.inclusion_probability, draw.units)) == draw.sample_size == 13


def test_each_unit_is_drawn_equally_often_over_many_seeds() -> None:
    """Chi-square over 20 units, n = 5, 4,000 seeds; a draw without replacement varies (N - n) / (N - 1) as
    much as throws that are independent. The seeds are fixed, so the test is, too."""
    rows, design, runs = area(20), Design(n=5, strata=ALL), 4000
    counts = Counter(unit for seed in seeds(runs) for unit in sample(drawn(rows, design, seed)))
    expected = runs * 5 / 20
    statistic = sum((counts[row.unit] - expected) ** 2 for row in rows) / expected / (15 / 20) * 19 / 20
    assert chi2.sf(statistic, 19) > 0.01
    assert chi2.cdf(statistic, 19) > 0.01


def test_each_pair_is_drawn_equally_often_over_many_seeds() -> None:
    """All 15 samples of 2 out of 6 are equally likely."""
    rows, design, runs = area(6), Design(n=2, strata=ALL), 4500
    counts = Counter(frozenset(sample(drawn(rows, design, seed))) for seed in seeds(runs))
    assert len(counts) == 15
    statistic = sum((count - runs / 15) ** 2 for count in counts.values()) / (runs / 15)
    assert 0.01 < chi2.sf(statistic, 14) < 0.99


def test_chance_decides_the_mode_of_the_stated_part_and_among_the_stated_modes_alike() -> None:
    design = Design(
        n=None, strata=ALL, modes=(Mode.SMS, Mode.VISIT), randomised_percent=30,
        randomised_modes=(Mode.SMS, Mode.PAPER, Mode.PHONE),
    )  # fmt: skip
    units = drawn(area(30_000), design).units
    chosen = Counter(unit.mode for unit in units if unit.randomised)
    total = sum(chosen.values())
    assert abs(total - 9000) < 3.3 * np.sqrt(30_000 * 0.3 * 0.7)
    assert set(chosen) == set(design.randomised_modes)
    statistic = sum((count - total / 3) ** 2 for count in chosen.values()) / (total / 3)
    assert 0.001 < chi2.sf(statistic, 2) < 0.999
    assert {unit.mode for unit in units if not unit.randomised} == {Mode.SMS}


def test_the_mode_hangs_neither_on_the_place_nor_on_n() -> None:
    design = Design(n=10, strata=ALL, modes=(Mode.SMS, Mode.VISIT), randomised_percent=50)
    some, all_of_them = (drawn(area(200), design.model_copy(update={"n": n})).units for n in (10, None))
    assert [unit.mode for unit in some] == [unit.mode for unit in all_of_them]
    early = sum(unit.randomised for unit in all_of_them[:100])
    assert 35 <= early <= 65  # 3 standard deviations of 100 coins


@pytest.mark.parametrize(
    ("design", "code"),
    [
        (Design(n=5, strata=()), "sampling.no_strata"),
        (Design(n=5, strata=(*ALL, *ALL)), "sampling.stratum_repeated"),
        (Design(n=5, strata=(Stratum(id="all"),)), "sampling.share_or_quota"),
        (Design(n=5, strata=(Stratum(id="all", share=1, quota=1),)), "sampling.share_or_quota"),
        (Design(n=5, strata=(Stratum(id="all", quota=6),)), "sampling.quotas_exceed"),
        (Design(n=9, n_by_area={"A": 5}, strata=(Stratum(id="all", quota=6),)), "sampling.quotas_exceed"),
        (Design(n=0, strata=ALL), "sampling.nothing_asked"),
        (Design(n=5, strata=ALL, modes=()), "sampling.no_modes"),
        (Design(n=5, strata=ALL, modes=(Mode.UNKNOWN,)), "sampling.no_modes"),
        (Design(n=5, strata=ALL, modes=(Mode.SMS, Mode.SMS)), "sampling.mode_repeated"),
        (Design(n=5, strata=ALL, randomised_percent=1), "sampling.one_mode"),
    ],
)
def test_a_design_that_contradicts_itself_is_refused(design: Design, code: str) -> None:
    with pytest.raises(InputError) as raised:
        drawn(area(9), design)
    assert code in [problem.code for problem in raised.value.problems]


def test_all_faults_of_a_list_are_told_at_once_with_their_rows() -> None:
    rows = [
        *area(2),
        FrameUnit("Aall0", "A", "all"),
        FrameUnit("a b", "A", "all"),
        FrameUnit("u5", "", "all"),
        FrameUnit("u6", 'A"', "all"),
        FrameUnit("u7", "A", "other"),
        FrameUnit("u8", ""),
    ]
    with pytest.raises(InputError) as raised:
        drawn(rows, Design(n=1, strata=ALL))
    assert sorted((one.place.row, one.code) for one in raised.value.problems) == [
        (4, "sampling.unit_repeated"),
        (5, "sampling.unit_malformed"),
        (6, "sampling.area_malformed"),
        (7, "sampling.area_malformed"),
        (8, "sampling.stratum_unknown"),
    ]


def test_one_other_bit_of_the_seed_is_another_sample() -> None:
    rows, design = area(400), Design(n=40, strata=ALL)
    other = bytes([SEED[0] ^ 1, *SEED[1:]])
    assert len({*sample(drawn(rows, design))} & {*sample(drawn(rows, design, other))}) < 20
