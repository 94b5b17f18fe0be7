"""From tree to function: exact values in three-valued logic.

In: a checked tree and the units of its names. Out: a function from values to a value, built once from
small closures so that a round of a thousand assessees costs a fraction of a second. Exact fractions
only; unknown (None) runs through as in SQL. Truth tables: docs/method/expressions.md.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Any

from minping_engine.scheme.expressions.exact import half_up
from minping_engine.scheme.expressions.tree import CASE, CASE_OF, LITERAL, NAME, NEGATIVE, Node
from minping_engine.scheme.expressions.units import Unit

Run = Callable[[Mapping[str, Any]], Any]
"""Inside, values are not told apart by type: the check of units has done so."""
HALF = Fraction(1, 2)
HUNDRED = Fraction(100)


def closure(node: Node, names: Mapping[str, Unit]) -> Run:
    """The function that works the tree out."""
    if node.op == NAME:
        return _name(str(node.value), names[str(node.value)])
    if node.op == LITERAL:
        value = node.value
        return lambda values: value
    return BUILDERS[node.op]([closure(part, names) for part in node.parts])


def _name(name: str, unit: Unit) -> Run:
    """Look a value up; anything but the exact kind would bring floats in by the back door."""
    kind = {Unit.TEXT: str, Unit.TRUTH: bool}.get(unit, Fraction)

    def run(values: Mapping[str, Any]) -> Any:
        value = values[name]
        if value is None or type(value) is kind:
            return value
        raise TypeError(f"{name} must be {kind.__name__} or None, is {type(value).__name__}")

    return run


def _strict(function: Callable[..., Any]) -> Callable[[list[Run]], Run]:
    """Unknown if any part is unknown."""

    def build(parts: list[Run]) -> Run:
        if len(parts) == 2:
            return _strict_pair(function, parts[0], parts[1])

        def run(values: Mapping[str, Any]) -> Any:
            found = [part(values) for part in parts]
            return None if None in found else function(*found)

        return run

    return build


def _strict_pair(function: Callable[..., Any], left: Run, right: Run) -> Run:
    """The common case, without lists."""

    def run(values: Mapping[str, Any]) -> Any:
        first = left(values)
        if first is None:
            return None
        second = right(values)
        return None if second is None else function(first, second)

    return run


def _divide(left: Fraction, right: Fraction) -> Fraction | None:
    """Nothing to divide by is unknown, neither nothing nor everything."""
    return left / right if right else None


def _rounded(value: Fraction, digits: Fraction = Fraction(0)) -> Fraction:
    return half_up(value, int(digits))


def _and(parts: list[Run]) -> Run:
    return _kleene(parts, decides=False)


def _or(parts: list[Run]) -> Run:
    return _kleene(parts, decides=True)


def _kleene(parts: list[Run], *, decides: bool) -> Run:
    """One part that decides is enough; otherwise unknown if any is."""

    def run(values: Mapping[str, Any]) -> Any:
        result: bool | None = not decides
        for part in parts:
            value = part(values)
            if value is decides:
                return decides
            if value is None:
                result = None
        return result

    return run


def _is_null(parts: list[Run]) -> Run:
    (part,) = parts
    return lambda values: part(values) is None


def _in(parts: list[Run]) -> Run:
    """Equal to one is true; otherwise unknown if it or one of the list is unknown."""
    subject, *rest = parts
    return _or([_strict_pair(operator.eq, subject, part) for part in rest])


def _between(parts: list[Run]) -> Run:
    subject, low, high = parts
    return _and([_strict_pair(operator.ge, subject, low), _strict_pair(operator.le, subject, high)])


def _case(parts: list[Run]) -> Run:
    """The first condition that is met decides; an unknown one is not met."""
    arms = list(zip(parts[:-1:2], parts[1:-1:2], strict=True))
    last = parts[-1]

    def run(values: Mapping[str, Any]) -> Any:
        for when, then in arms:
            if when(values) is True:
                return then(values)
        return last(values)

    return run


def _case_of(parts: list[Run]) -> Run:
    """The first that is equal decides; unknown is equal to nothing."""
    subject, *others = parts
    arms = list(zip(others[:-1:2], others[1:-1:2], strict=True))
    last = others[-1]

    def run(values: Mapping[str, Any]) -> Any:
        value = subject(values)
        for when, then in arms:
            if value is not None and value == when(values):
                return then(values)
        return last(values)

    return run


def _coalesce(parts: list[Run]) -> Run:
    def run(values: Mapping[str, Any]) -> Any:
        for part in parts:
            if (value := part(values)) is not None:
                return value
        return None

    return run


def _nullif(parts: list[Run]) -> Run:
    """Unknown if both are equal; an unknown second part is equal to nothing."""
    first, second = parts

    def run(values: Mapping[str, Any]) -> Any:
        value = first(values)
        return None if value == second(values) else value

    return run


MOST_BITS = 4096
"""Of a product: far beyond any amount of money or points; a chain of squares would never end."""


def _multiply(left: Fraction, right: Fraction) -> Fraction | None:
    bits = left.numerator.bit_length() + left.denominator.bit_length()
    bits += right.numerator.bit_length() + right.denominator.bit_length()
    return None if bits > MOST_BITS else left * right


BUILDERS: dict[str, Callable[[list[Run]], Run]] = {
    "+": _strict(operator.add),
    "-": _strict(operator.sub),
    "*": _strict(_multiply),
    "/": _strict(_divide),
    NEGATIVE: _strict(operator.neg),
    "=": _strict(operator.eq),
    "<>": _strict(operator.ne),
    "<": _strict(operator.lt),
    "<=": _strict(operator.le),
    ">": _strict(operator.gt),
    ">=": _strict(operator.ge),
    "AND": _and,
    "OR": _or,
    "NOT": _strict(operator.not_),
    "IN": _in,
    "BETWEEN": _between,
    "IS NULL": _is_null,
    CASE: _case,
    CASE_OF: _case_of,
    "ROUND": _strict(_rounded),
    "FLOOR": _strict(lambda value: Fraction(floor(value))),
    "CEIL": _strict(lambda value: Fraction(ceil(value))),
    "ABS": _strict(abs),
    "LEAST": _strict(min),
    "GREATEST": _strict(max),
    "COALESCE": _coalesce,
    "NULLIF": _nullif,
    "PERCENT": _strict(lambda share: share * HUNDRED),
    "SHARE": _strict(lambda percent: percent / HUNDRED),
    "YUAN": _strict(lambda number: number * HUNDRED),
    "SHARE_OF": _strict(_divide),
}
