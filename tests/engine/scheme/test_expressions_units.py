"""Units: which go together, worked out for every pair by hand."""

from __future__ import annotations

from itertools import product

import pytest

from minping_engine.errors import SchemeError
from minping_engine.scheme.expressions import Unit, compile_expression

COUNTED: list[Unit] = [unit for unit in Unit if unit not in {Unit.TEXT, Unit.TRUTH}]
ORDER = "points percent share count households persons times minutes hours days years fen number"
"""L: the left one's unit, R: the right one's, S: share, N: number, a point: refused."""
SUMS = """
L...........L
.L..........L
..L.........L
...L........L
....L.......L
.....L......L
......L.....L
.......L....L
........L...L
.........L..L
..........L.L
...........LL
RRRRRRRRRRRRN
"""
PRODUCTS = """
..L.........N
..L.........N
RRSRRRRRRRRRN
..L.........N
..L.........N
..L.........N
..L.........N
..L.........N
..L.........N
..L.........N
..L.........N
..L.........N
NNNNNNNNNNNNN
"""
QUOTIENTS = """
S.L.........N
.SL.........N
..S.........N
..LS........N
..L.S.......N
..L..S......N
..L...S.....N
..L....S....N
..L.....S...N
..L......S..N
..L.......S.N
..L........SN
NNNNNNNNNNNNN
"""


def unit_of(text: str, wants: Unit | None = None, **names: Unit) -> Unit | None:
    """The unit of the text, None where it is refused."""
    try:
        return compile_expression(text, names, wants=wants).unit
    except SchemeError:
        return None


def table(matrix: str, left: Unit, right: Unit) -> Unit | None:
    cell = matrix.split()[COUNTED.index(left)][COUNTED.index(right)]
    return {"L": left, "R": right, "S": Unit.SHARE, "N": Unit.NUMBER, ".": None}[cell]


def test_the_tables_are_in_the_order_of_the_units() -> None:
    assert [unit.value for unit in COUNTED] == ORDER.split()


@pytest.mark.parametrize(
    ("sign", "matrix"),
    [("+", SUMS), ("-", SUMS), ("*", PRODUCTS), ("/", QUOTIENTS)],
    ids=["+", "-", "*", "/"],
)
def test_arithmetic_of_every_pair_of_units(sign: str, matrix: str) -> None:
    pairs = list(product(COUNTED, COUNTED))
    found = {(left, right): unit_of(f"a {sign} b", a=left, b=right) for left, right in pairs}
    assert found == {(left, right): table(matrix, left, right) for left, right in pairs}


@pytest.mark.parametrize(
    "text",
    [
        "LEAST(a, b)",
        "GREATEST(b, a)",
        "NULLIF(a, b)",
        "COALESCE(a, b)",
        "CASE WHEN TRUE THEN a ELSE b END",
        "LEAST(NULL, a, b)",
        "COALESCE(a, NULL, b)",
        "CASE WHEN TRUE THEN a WHEN FALSE THEN b END",
    ],
)
def test_alternatives_of_every_pair_of_units_agree_as_in_sums(text: str) -> None:
    pairs = list(product(COUNTED, COUNTED))
    found = {(left, right): unit_of(text, a=left, b=right) for left, right in pairs}
    assert found == {(left, right): table(SUMS, left, right) for left, right in pairs}


@pytest.mark.parametrize(
    "text", ["a = b", "a <> b", "a < b", "a >= b", "a IN (1, b)", "a BETWEEN 0 AND b", "SHARE_OF(a, b) > 0"]
)
def test_comparisons_need_one_unit(text: str) -> None:
    pairs = list(product(COUNTED, COUNTED))
    found = {(left, right): unit_of(text, a=left, b=right) for left, right in pairs}
    assert found == {pair: Unit.TRUTH if table(SUMS, *pair) else None for pair in pairs}


@pytest.mark.parametrize("unit", COUNTED)
def test_a_literal_adapts_in_sums_and_keeps_the_unit_as_a_divisor(unit: Unit) -> None:
    """Literals only, however they are put together."""
    for text in ("a + 1", "1 - a", "a / 2", "a / (1 + 2 * 0.5)", "-a", "a + NULL", "ROUND(a, 2)", "FLOOR(a)"):
        assert unit_of(text, a=unit) is unit, text
    assert unit_of("a / rate", a=unit, rate=Unit.NUMBER) is Unit.NUMBER
    assert unit_of("2 * a", a=unit) is Unit.NUMBER


@pytest.mark.parametrize("wants", list(Unit))
def test_a_plain_number_satisfies_every_counted_unit_and_nothing_else(wants: Unit) -> None:
    assert unit_of("0.2 * a", wants, a=Unit.COUNT) is (wants if wants in COUNTED else None)


@pytest.mark.parametrize(("wants", "found"), list(product(Unit, Unit)))
def test_any_other_unit_must_be_the_one_wanted(wants: Unit, found: Unit) -> None:
    fits = wants is found or (found is Unit.NUMBER and wants in COUNTED)
    assert unit_of("a", wants, a=found) is (wants if fits else None)


@pytest.mark.parametrize("unit", list(Unit))
def test_null_fits_everywhere(unit: Unit) -> None:
    assert unit_of("NULL", unit) is unit
    assert unit_of("CASE WHEN a IS NULL THEN NULL ELSE a END", a=unit) is unit


@pytest.mark.parametrize("function", ["PERCENT", "SHARE", "YUAN"])
@pytest.mark.parametrize("unit", list(Unit))
def test_functions_that_turn_units_take_one_unit_or_a_number(function: str, unit: Unit) -> None:
    turns = {
        "PERCENT": (Unit.SHARE, Unit.PERCENT),
        "SHARE": (Unit.PERCENT, Unit.SHARE),
        "YUAN": (None, Unit.FEN),
    }
    source, result = turns[function]
    assert unit_of(f"{function}(a)", a=unit) is (result if unit in {source, Unit.NUMBER} else None)


NUMBERS_ONLY = ["a + a", "a * 1", "a / 1", "-a", "a < a", "a BETWEEN a AND a", "LEAST(a, a)", "NULLIF(a, a)"]


@pytest.mark.parametrize("text", [*NUMBERS_ONLY, "ROUND(a)", "a AND TRUE", "NOT a", "CASE WHEN a THEN 1 END"])
def test_texts_are_compared_and_chosen_and_nothing_else(text: str) -> None:
    assert unit_of(text, a=Unit.TEXT) is None


@pytest.mark.parametrize(
    "text", ["a = 'x'", "a <> a", "a NOT IN ('x', a)", "a IS NULL", "CASE a WHEN 'x' THEN 1 END"]
)
def test_texts_stand_in_equality_lists_and_cases(text: str) -> None:
    assert unit_of(text, a=Unit.TEXT) is not None


@pytest.mark.parametrize("text", [*NUMBERS_ONLY, "a = TRUE", "a IN (TRUE)", "CASE a WHEN TRUE THEN 1 END"])
def test_conditions_stand_in_logic_only(text: str) -> None:
    assert unit_of(text, a=Unit.TRUTH) is None


@pytest.mark.parametrize(
    "text", ["a AND NOT a", "COALESCE(a, FALSE)", "a IS NULL", "CASE WHEN a THEN a ELSE FALSE END"]
)
def test_conditions_can_be_chosen(text: str) -> None:
    assert unit_of(text, a=Unit.TRUTH) is Unit.TRUTH


@pytest.mark.parametrize("text", ["a = 1", "a IN (1)", "COALESCE(a, 1)", "CASE WHEN TRUE THEN a ELSE 1 END"])
@pytest.mark.parametrize("unit", [Unit.TEXT, Unit.TRUTH])
def test_numbers_do_not_adapt_to_texts_or_conditions(text: str, unit: Unit) -> None:
    assert unit_of(text, a=unit) is None
