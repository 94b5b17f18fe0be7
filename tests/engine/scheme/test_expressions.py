"""Expressions mean what SQL says, exactly: held against Python's fractions, tables by hand and DuckDB."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from itertools import product

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.scheme.expressions import Unit, Value, compile_expression, expression_names

NUMBERS = {"x": Unit.NUMBER, "y": Unit.NUMBER}
CONDITIONS = {"p": Unit.TRUTH, "q": Unit.TRUTH}
NAMES = NUMBERS | CONDITIONS | {"t": Unit.TEXT}
WORDS = {True: "TRUE", False: "FALSE", None: "NULL"}


def worth(text: str, **values: Value) -> Value:
    return compile_expression(text, NAMES).evaluate(values)


# Arithmetic

OPERANDS = st.sampled_from(["x", "y", "0", "1", "2", "0.1", "0.9", "12.50"])
SUMS = st.recursive(
    OPERANDS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-({text})"),
        OPERANDS.map(lambda text: f"- {text}"),
    ),
    max_leaves=8,
)


def python_worth(text: str, values: Mapping[str, Fraction]) -> Fraction | None:
    """The same text as Python reads it, every number a fraction."""
    exact = re.sub(r"\d+(\.\d+)?", lambda match: f"F('{match.group()}')", text)
    try:
        result: Fraction = eval(exact, {"F": Fraction, **values})
    except ZeroDivisionError:
        return None
    return result


@settings(max_examples=300, deadline=None)
@given(SUMS, st.fractions(-3, 3, max_denominator=7), st.fractions(-3, 3, max_denominator=7))
def test_arithmetic_is_that_of_fractions_with_the_usual_precedence(
    text: str, x: Fraction, y: Fraction
) -> None:
    assert worth(text, x=x, y=y) == python_worth(text, {"x": x, "y": y})


@pytest.mark.parametrize("text", ["x / 0", "1 / (x - x)", "x / y * 0", "0 * (1 / 0)"])
def test_division_by_zero_is_unknown_never_nothing_or_everything(text: str) -> None:
    assert worth(text, x=Fraction(5), y=Fraction(0)) is None


def test_decimals_are_exact() -> None:
    assert worth("0.1 + 0.2 = 0.3") is True
    assert worth("0.9") == Fraction(9, 10)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("ROUND(2.5)", 3),
        ("ROUND(-2.5)", -3),
        ("ROUND(3.5)", 4),
        ("ROUND(2.4999)", 2),
        ("ROUND(-0.5)", -1),
        ("ROUND(0.125, 2)", Fraction(13, 100)),
        ("ROUND(1.005, 2)", Fraction(101, 100)),
        ("FLOOR(-1.5)", -2),
        ("CEIL(-1.5)", -1),
        ("ABS(-1.5)", Fraction(3, 2)),
        ("LEAST(3, 1, 2)", 1),
        ("GREATEST(3, 1, 2)", 3),
        ("COALESCE(NULL, 2, 3)", 2),
        ("NULLIF(2, 3)", 2),
        ("NULLIF(2, 2.0)", None),
        ("NULLIF(2, NULL)", 2),
        ("PERCENT(0.25)", 25),
        ("SHARE(25)", Fraction(1, 4)),
        ("YUAN(0.125)", Fraction(25, 2)),
        ("SHARE_OF(1, 0)", None),
    ],
)
def test_functions_by_hand(text: str, result: Fraction | None) -> None:
    assert worth(text) == result


@pytest.mark.parametrize(
    "text",
    [
        "x + 1",
        "-x",
        "x * 0",
        "x / 1",
        "x = x",
        "x < 1",
        "x BETWEEN 1 AND 2",
        "ROUND(x)",
        "ROUND(x, 1)",
        "FLOOR(x)",
        "CEIL(x)",
        "ABS(x)",
        "PERCENT(x)",
        "SHARE(x)",
        "YUAN(x)",
        "SHARE_OF(1, x)",
        "NULLIF(x, 1)",
        "LEAST(1, x)",
        "LEAST(1, 2, x)",
        "GREATEST(x, 1)",
        "COALESCE(x, NULL)",
        "CASE WHEN FALSE THEN 1 END",
    ],
)
def test_unknown_runs_through(text: str) -> None:
    assert worth(text, x=None) is None


# Three-valued logic

KLEENE_AND = {(True, True): True, (True, None): None, (None, True): None, (None, None): None}
KLEENE_OR = {(False, False): False, (False, None): None, (None, False): None, (None, None): None}
THREE = (True, False, None)


@pytest.mark.parametrize(("p", "q"), list(product(THREE, THREE)))
def test_and_and_or_follow_kleene(p: bool | None, q: bool | None) -> None:
    """What the tables leave out is decided by one False (AND), by one True (OR)."""
    assert worth("p AND q", p=p, q=q) is KLEENE_AND.get((p, q), False)
    assert worth("p OR q", p=p, q=q) is KLEENE_OR.get((p, q), True)


@pytest.mark.parametrize(("p", "result"), [(True, False), (False, True), (None, None)])
def test_not_of_unknown_is_unknown(p: bool | None, result: bool | None) -> None:
    assert worth("NOT p", p=p) is result


@pytest.mark.parametrize("p", THREE)
def test_is_null_is_never_unknown(p: bool | None) -> None:
    assert worth("p IS NULL", p=p) is (p is None)
    assert worth("p IS NOT NULL", p=p) is (p is not None)


@pytest.mark.parametrize(("p", "result"), [(True, 1), (False, 2), (None, 2)])
def test_an_unknown_condition_does_not_apply(p: bool | None, result: int) -> None:
    assert worth("CASE WHEN p THEN 1 ELSE 2 END", p=p) == result


def test_a_case_takes_the_first_that_is_met_and_compares_texts_whole() -> None:
    text = "CASE t WHEN '甲' THEN 1 WHEN NULL THEN 2 WHEN '甲' THEN 3 ELSE 4 END"
    assert [worth(text, t=grade) for grade in ("甲", "甲 ", None)] == [1, 4, 4]


COMPARED = st.sampled_from(["x", "y", "0", "1", "2", "x + 1", "y - x", "-y", "NULL"])
LISTS = st.lists(COMPARED, min_size=1, max_size=3).map(", ".join)
ATOMS = st.one_of(
    st.sampled_from(["p", "q", "TRUE", "FALSE", "x IS NULL", "p IS NOT NULL", "(x < y) IS NULL"]),
    st.tuples(COMPARED, st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="]), COMPARED).map(" ".join),
    st.tuples(COMPARED, st.sampled_from([" IN (", " NOT IN ("]), LISTS, st.just(")")).map("".join),
    st.tuples(COMPARED, st.sampled_from(["BETWEEN", "NOT BETWEEN"]), COMPARED, st.just("AND"), COMPARED).map(
        " ".join
    ),
    st.tuples(COMPARED, COMPARED).map(lambda two: f"CASE {two[0]} WHEN 1 THEN p WHEN {two[1]} THEN q END"),
)
LOGIC = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR", "AND NOT", "OR NOT"]), inner).map(" ".join),
        inner.map(lambda text: f"NOT {text}"),
        inner.map(lambda text: f"NOT ({text})"),
        inner.map(lambda text: f"({text})"),
        st.tuples(inner, inner).map(lambda two: f"CASE WHEN {two[0]} THEN p ELSE {two[1]} END"),
        st.tuples(inner, inner).map(lambda two: f"COALESCE({two[0]}, {two[1]})"),
    ),
    max_leaves=6,
)
ROWS = list(product(THREE, THREE, (0, 1, None), (0, 2, None)))


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    """All combinations of two conditions and two numbers, each also unknown."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE rows (id INTEGER, p BOOLEAN, q BOOLEAN, x INTEGER, y INTEGER)")
    connection.executemany(
        "INSERT INTO rows VALUES (?, ?, ?, ?, ?)", [(number, *row) for number, row in enumerate(ROWS)]
    )
    return connection


@settings(max_examples=250, deadline=None)
@given(text=LOGIC)
def test_a_database_agrees_on_conditions_with_unknown_parts(
    database: duckdb.DuckDBPyConnection, text: str
) -> None:
    """The same text, brackets left out as they come: reading and logic are both under test."""
    theirs = database.execute(f"SELECT ({text})::BOOLEAN FROM rows ORDER BY id").fetchall()
    expression = compile_expression(text, NAMES, wants=Unit.TRUTH)
    ours = [
        expression.evaluate({"p": p, "q": q, "x": _exact(x), "y": _exact(y), "t": None})
        for p, q, x, y in ROWS
    ]
    assert ours == [truth for (truth,) in theirs]


def _exact(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value)


# The object


def test_an_expression_tells_its_text_names_and_unit() -> None:
    expression = compile_expression("X + y / 2", {"x": Unit.POINTS, "y": Unit.POINTS, "z": Unit.FEN})
    assert (expression.text, expression.unit) == ("X + y / 2", Unit.POINTS)
    assert expression.names == {"x", "y"}


def test_names_can_be_asked_for_without_knowing_them() -> None:
    text = "CASE WHEN Handled > 0 THEN share_of(on_time, handled) ELSE 'on_foot' = kind END"
    assert expression_names(text) == {"handled", "on_time", "kind"}


@pytest.mark.parametrize(
    "name",
    ["share", "date", "rank", "percent", "count", "filter_1", "next", "unknown", "symmetric", "if", "n_a"],
)
def test_words_of_other_dialects_are_plain_names(name: str) -> None:
    expression = compile_expression(f"{name} + 1 BETWEEN {name} AND {name} * 2", {name: Unit.NUMBER})
    assert expression.evaluate({name: Fraction(3)}) is True


@pytest.mark.parametrize("value", [0.5, 1, True, "1"])
def test_a_value_that_is_no_fraction_is_an_error_of_the_caller(value: object) -> None:
    with pytest.raises(TypeError, match="x must be Fraction"):
        compile_expression("x", NUMBERS).evaluate({"x": value})  # type: ignore[dict-item]


def test_a_name_without_a_value_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        compile_expression("x", NUMBERS).evaluate({})
