"""Units of values in expressions, and what becomes of them in sums, products and quotients.

In: the units of two operands, None where anything fits (NULL, or a part that is wrong already).
Out: the unit of the result, or `UnitClashError`. `number` adapts to every unit: literals and rates.
Rules: docs/method/expressions.md, units. What stands where is for `check`.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

Value = Fraction | bool | str | None
"""None is unknown (NULL)."""


class Unit(StrEnum):
    """What a value counts. A share is 0-1, a percent 0-100, money is in whole fen."""

    POINTS = "points"
    PERCENT = "percent"
    SHARE = "share"
    COUNT = "count"
    HOUSEHOLDS = "households"
    PERSONS = "persons"
    TIMES = "times"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    YEARS = "years"
    FEN = "fen"
    TEXT = "text"
    TRUTH = "truth"
    NUMBER = "number"


NUMERIC = frozenset(Unit) - {Unit.TEXT, Unit.TRUTH}
COMPARABLE = NUMERIC | {Unit.TEXT}


class UnitClashError(ValueError):
    """The units do not go together."""


def meet(left: Unit | None, right: Unit | None) -> Unit | None:
    """The unit that both are; a number takes the other's unit."""
    if left is None or right is None or left is right:
        return left or right
    if Unit.NUMBER in (left, right) and {left, right} <= NUMERIC:
        return right if left is Unit.NUMBER else left
    raise UnitClashError


def product(left: Unit | None, right: Unit | None) -> Unit | None:
    """The unit of left * right: a share takes a part, a number makes a rate that adapts."""
    if left is None or right is None:
        return None
    if Unit.NUMBER in (left, right):
        return Unit.NUMBER
    if left is Unit.SHARE:
        return right
    if right is Unit.SHARE:
        return left
    raise UnitClashError


def quotient(left: Unit | None, right: Unit | None, *, literal: bool) -> Unit | None:
    """The unit of left / right; `literal`: the divisor is made of literals only."""
    if left is None or right is None:
        return None
    if right is Unit.NUMBER:
        return left if literal else Unit.NUMBER
    if left is right:
        return Unit.SHARE
    if right is Unit.SHARE or left is Unit.NUMBER:
        return left
    raise UnitClashError
