"""The method page of expressions is what the code does: both tables are worked out again."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from minping_engine.scheme.expressions import Unit, Value, compile_expression
from minping_engine.scheme.expressions.words import (
    FUNCTIONS,
    MOST_BRACKETS,
    MOST_CHARACTERS,
    MOST_DECIMALS,
    MOST_DIGITS,
    MOST_STEPS,
)

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "method" / "expressions.md").read_text("utf-8")
WORDS: dict[str, Value] = {"true": True, "false": False, "unknown": None}


def rows(heading: str) -> list[list[str]]:
    """Body rows of the table that starts with this line."""
    table = PAGE.split(heading)[1].split("\n\n")[0].strip().splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def units() -> dict[str, Unit]:
    """Names and units as the page gives them."""
    line = PAGE.split("Names: ")[1].split(" A name that")[0]
    groups = re.findall(r"((?:`\w+`,?\s*)+)\((\w+)\)", line)
    return {name: Unit(unit) for names, unit in groups for name in re.findall(r"`(\w+)`", names)}


def value(text: str, unit: Unit) -> Value:
    if text in WORDS:
        return WORDS[text]
    return text if unit is Unit.TEXT else Fraction(text)


WORKED = rows("| expression | values | result |")
LOGIC = rows("| p | q | p AND q | p OR q | NOT p |")


@pytest.mark.parametrize(("text", "given", "result"), WORKED, ids=range(len(WORKED)))
def test_the_worked_table_is_what_the_code_gives(text: str, given: str, result: str) -> None:
    values: dict[str, Value] = dict.fromkeys(units())
    for pair in given.split(", ") if given else []:
        name, _, part = pair.partition("=")
        values[name] = value(part, units()[name])
    expression = compile_expression(text.strip("`"), units())
    wanted, unit = result.rsplit(" ", 1)
    assert (expression.evaluate(values), expression.unit) == (value(wanted, Unit(unit)), unit)


@pytest.mark.parametrize("row", LOGIC, ids=" ".join)
def test_the_truth_table_is_what_the_code_gives(row: list[str]) -> None:
    p, q, *wanted = (WORDS[cell] for cell in row)
    names = {"p": Unit.TRUTH, "q": Unit.TRUTH}
    found = [
        compile_expression(text, names).evaluate({"p": p, "q": q}) for text in ("p AND q", "p OR q", "NOT p")
    ]
    assert found == wanted


def test_the_truth_table_is_complete() -> None:
    assert len({(p, q) for p, q, *_ in LOGIC}) == 9


def test_the_page_names_every_function_unit_and_limit() -> None:
    assert [name for name in FUNCTIONS if f"`{name}(" not in PAGE] == []
    assert [unit for unit in Unit if f"`{unit}`" not in PAGE] == []
    limits = f"{MOST_CHARACTERS} characters, {MOST_BRACKETS} brackets"
    assert limits in PAGE
    assert f"{MOST_STEPS} steps" in PAGE
    assert f"at most {MOST_DIGITS} characters" in PAGE
    assert f"0 to {MOST_DECIMALS} decimals" in PAGE
