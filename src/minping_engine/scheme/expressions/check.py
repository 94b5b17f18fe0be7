"""Units of an expression: what goes together, what the whole counts, every fault by name.

In: the tree and the units of its names. Out: the unit of the whole (None: anything, as NULL) and all
problems; a part that is wrong fits everywhere, so that one fault is told once. Which units meet is
in `units`; the rules are on docs/method/expressions.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from minping_engine.errors import Place, Problem
from minping_engine.scheme.expressions.tree import (
    CASE,
    CASE_OF,
    LITERAL,
    NAME,
    NEGATIVE,
    Node,
    is_literal,
    shown,
)
from minping_engine.scheme.expressions.units import (
    COMPARABLE,
    NUMERIC,
    Unit,
    UnitClashError,
    meet,
    product,
    quotient,
)
from minping_engine.scheme.expressions.words import FUNCTIONS, MOST_DECIMALS

ANY = frozenset(Unit)
TRUTH = frozenset({Unit.TRUTH})
NUMBERS_WANTED = "number"


class UnitCheck:
    """One walk over a tree; `problems` grows."""

    def __init__(self, names: Mapping[str, Unit], place: Place) -> None:
        self.names = names
        self.place = place
        self.problems: list[Problem] = []

    def unit_of(self, node: Node) -> Unit | None:
        """The unit of a part; its problems are noted."""
        if node.op in FUNCTIONS and not self._has_fitting_count(node):
            return None
        return RULES[node.op](self, node)

    def report(self, code: str, **params: object) -> None:
        """Note a problem once, however often the same words stand in the text."""
        problem = Problem(code, self.place, params)
        if problem not in self.problems:
            self.problems.append(problem)

    def units(self, node: Node, allowed: frozenset[Unit]) -> list[Unit | None]:
        """Units of the parts; what is not allowed here is told and fits everywhere."""
        return [self.operand(node, part, allowed) for part in node.parts]

    def operand(self, node: Node, part: Node, allowed: frozenset[Unit]) -> Unit | None:
        """The unit of one part of a node."""
        unit = self.unit_of(part)
        if unit is None or unit in allowed:
            return unit
        self.report(
            "expression.wrong_operand",
            operator=node.op if node.op != NEGATIVE else "-",
            operand=shown(part),
            unit=unit.value,
            wanted=_listed(allowed),
        )
        return None

    def agreed(self, node: Node, parts: tuple[Node, ...], units: list[Unit | None]) -> Unit | None:
        """The unit that all parts are; tells the first that differs."""
        unit, owner = units[0], parts[0]
        for part, other in zip(parts[1:], units[1:], strict=True):
            try:
                met = meet(unit, other)
            except UnitClashError:
                self.mismatch(node.op, (owner, unit), (part, other))
                return None
            unit, owner = met, owner if met is unit else part
        return unit

    def mismatch(
        self, operator: str, left: tuple[Node, Unit | None], right: tuple[Node, Unit | None]
    ) -> None:
        """Two units that do not go together."""
        self.report(
            "expression.unit_mismatch",
            operator=operator,
            left=shown(left[0]),
            left_unit=str(left[1]),
            right=shown(right[0]),
            right_unit=str(right[1]),
        )

    def _has_fitting_count(self, node: Node) -> bool:
        least, most = FUNCTIONS[node.op]
        given = len(node.parts)
        if least <= given <= (given if most is None else most):
            return True
        takes = str(least) if most == least else f"{least}-{'…' if most is None else most}"
        self.report("expression.wrong_arguments", function=node.op, takes=takes, given=given)
        return False


def _listed(allowed: frozenset[Unit]) -> str:
    """Units in words; all that are counted are told as one."""
    if allowed >= NUMERIC:
        return ", ".join([NUMBERS_WANTED, *sorted(unit.value for unit in allowed - NUMERIC)])
    return ", ".join(sorted(unit.value for unit in allowed))


def _literal(check: UnitCheck, node: Node) -> Unit | None:
    if node.value is None:
        return None
    if isinstance(node.value, bool):
        return Unit.TRUTH
    return Unit.NUMBER if isinstance(node.value, Fraction) else Unit.TEXT


def _name(check: UnitCheck, node: Node) -> Unit | None:
    """An unknown name is told by the caller and fits everywhere."""
    return check.names.get(str(node.value))


def _same(check: UnitCheck, node: Node) -> Unit | None:
    """All parts of one unit, which is the result's too."""
    return check.agreed(node, node.parts, check.units(node, NUMERIC))


def _alternatives(check: UnitCheck, node: Node) -> Unit | None:
    return check.agreed(node, node.parts, check.units(node, ANY))


def _times(check: UnitCheck, node: Node) -> Unit | None:
    left, right = check.units(node, NUMERIC)
    try:
        return product(left, right)
    except UnitClashError:
        if Unit.PERCENT in (left, right):
            percent = node.parts[0] if left is Unit.PERCENT else node.parts[1]
            check.report("expression.percent_factor", factor=shown(percent))
        else:
            check.mismatch("*", (node.parts[0], left), (node.parts[1], right))
        return None


def _divided(check: UnitCheck, node: Node) -> Unit | None:
    left, right = check.units(node, NUMERIC)
    try:
        return quotient(left, right, literal=is_literal(node.parts[1]))
    except UnitClashError:
        check.mismatch("/", (node.parts[0], left), (node.parts[1], right))
        return None


def _equality(check: UnitCheck, node: Node) -> Unit:
    check.agreed(node, node.parts, check.units(node, COMPARABLE))
    return Unit.TRUTH


def _order(check: UnitCheck, node: Node) -> Unit:
    check.agreed(node, node.parts, check.units(node, NUMERIC))
    return Unit.TRUTH


def _logic(check: UnitCheck, node: Node) -> Unit:
    check.units(node, TRUTH)
    return Unit.TRUTH


def _is_null(check: UnitCheck, node: Node) -> Unit:
    check.units(node, ANY)
    return Unit.TRUTH


def _case(check: UnitCheck, node: Node) -> Unit | None:
    for when in node.parts[:-1:2]:
        check.operand(node, when, TRUTH)
    branches = (*node.parts[1:-1:2], node.parts[-1])
    return check.agreed(node, branches, [check.unit_of(branch) for branch in branches])


def _case_of(check: UnitCheck, node: Node) -> Unit | None:
    compared = (node.parts[0], *node.parts[1:-1:2])
    check.agreed(node, compared, [check.operand(node, part, COMPARABLE) for part in compared])
    branches = (*node.parts[2:-1:2], node.parts[-1])
    return check.agreed(node, branches, [check.unit_of(branch) for branch in branches])


def _round(check: UnitCheck, node: Node) -> Unit | None:
    if len(node.parts) == 2 and not _is_decimals(node.parts[1]):
        check.report("expression.wrong_digits", digits=shown(node.parts[1]), most=MOST_DECIMALS)
    return check.operand(node, node.parts[0], NUMERIC)


def _is_decimals(node: Node) -> bool:
    value = node.value
    if node.op != LITERAL or not isinstance(value, Fraction):
        return False
    return value.denominator == 1 and value <= MOST_DECIMALS


def _turned(source: Unit, result: Unit) -> Callable[[UnitCheck, Node], Unit]:
    """A function that turns one unit into another; a number adapts."""

    def rule(check: UnitCheck, node: Node) -> Unit:
        check.units(node, frozenset({source, Unit.NUMBER}))
        return result

    return rule


def _share_of(check: UnitCheck, node: Node) -> Unit:
    check.agreed(node, node.parts, check.units(node, NUMERIC))
    return Unit.SHARE


RULES: dict[str, Callable[[UnitCheck, Node], Unit | None]] = {
    LITERAL: _literal,
    NAME: _name,
    NEGATIVE: _same,
    "*": _times,
    "/": _divided,
    "IS NULL": _is_null,
    CASE: _case,
    CASE_OF: _case_of,
    "ROUND": _round,
    "COALESCE": _alternatives,
    "PERCENT": _turned(Unit.SHARE, Unit.PERCENT),
    "SHARE": _turned(Unit.PERCENT, Unit.SHARE),
    "YUAN": _turned(Unit.NUMBER, Unit.FEN),
    "SHARE_OF": _share_of,
    **dict.fromkeys(("+", "-", "FLOOR", "CEIL", "ABS", "LEAST", "GREATEST", "NULLIF"), _same),
    **dict.fromkeys(("=", "<>", "IN"), _equality),
    **dict.fromkeys(("<", "<=", ">", ">=", "BETWEEN"), _order),
    **dict.fromkeys(("AND", "OR", "NOT"), _logic),
}
