"""Money: budgets add up to the fen, equal ranks share, nobody's share depends on the order of rows."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from minping_engine.scheme import half_up
from minping_engine.scoring import divide_budget, pool_by_rank, whole_fen
from minping_engine.scoring.money import overlapping

WEIGHTS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=4),
    st.fractions(min_value=0, max_value=5, max_denominator=60),
    min_size=1,
)


@given(budget=st.integers(0, 10**12), weights=WEIGHTS)
def test_shares_of_a_budget_add_up_to_the_fen(budget: int, weights: dict[str, Fraction]) -> None:
    made = divide_budget(budget, weights)
    assert sum(made.values()) == (budget if any(weights.values()) else 0)
    whole = sum(weights.values(), Fraction(0))
    assert all(abs(made[name] - budget * weight / whole) < 1 for name, weight in weights.items() if whole)


@given(budget=st.integers(0, 10**6), weights=WEIGHTS)
def test_the_order_of_rows_changes_no_share(budget: int, weights: dict[str, Fraction]) -> None:
    assert divide_budget(budget, weights) == divide_budget(budget, dict(reversed(weights.items())))


def test_a_larger_weight_never_gets_less() -> None:
    made = divide_budget(1001, {"a": Fraction(1), "b": Fraction(2), "c": Fraction(2)})
    assert made == {"a": 200, "b": 401, "c": 400}


def test_the_first_three_streets_share_the_funds_of_the_places_they_cover() -> None:
    """S31: 50, 40 and 30 times 10,000 yuan; two streets on the second place share 40 and 30."""
    funds = [50_000_000, 40_000_000, 30_000_000]
    assert pool_by_rank(funds, {"a": 1, "b": 2, "c": 2, "d": 4}) == {
        "a": 50_000_000,
        "b": 35_000_000,
        "c": 35_000_000,
    }
    assert sum(pool_by_rank(funds, {"a": 3, "b": 3, "c": 1, "d": 2, "e": 3}).values()) == sum(funds)


@given(ranks=st.lists(st.integers(1, 5), min_size=1, max_size=8))
def test_pooled_amounts_never_exceed_the_money(ranks: list[int]) -> None:
    ordered = sorted(ranks)
    places = {f"x{number}": ordered.index(rank) + 1 for number, rank in enumerate(ordered)}
    made = pool_by_rank([100, 70, 31], places)
    assert sum(made.values()) == sum([100, 70, 31][: len(ranks)])


def test_halves_round_away_from_zero() -> None:
    assert [half_up(Fraction(value), 0) for value in ("2.5", "-2.5", "2.4999", "0.5")] == [3, -3, 2, 1]
    assert whole_fen(Fraction("1234.5")) == 1235


def test_places_that_errors_do_not_tell_apart_share_the_money() -> None:
    sets = {"a": (1, 3), "b": (1, 4), "c": (3, 5), "d": (6, 6), "e": (7, 8), "f": (7, 8)}
    places = overlapping(sets)
    assert places == {"a": 1, "b": 1, "c": 1, "d": 4, "e": 5, "f": 5}
    assert pool_by_rank([60, 30, 15, 8], places) == {"a": 35, "b": 35, "c": 35, "d": 8}


RANGES = st.tuples(st.integers(1, 9), st.integers(0, 4))


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), RANGES))
def test_everybody_whose_ranges_overlap_stands_on_one_place(rows: dict[str, tuple[int, int]]) -> None:
    sets = {name: (low, low + more) for name, (low, more) in rows.items()}
    places = overlapping(sets)
    for one, (low, high) in sets.items():
        for other, (lower, higher) in sets.items():
            if low <= higher and lower <= high:
                assert places[one] == places[other]
