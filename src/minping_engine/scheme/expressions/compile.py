"""The way in: a text becomes an `Expression`, or `SchemeError` names everything that is wrong with it.

In: the text, the names it may use with their units, the unit wanted. Out: `Expression`. Callers decide
what an unknown result means: a condition that is unknown does not apply, a figure becomes `no_sample`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, cast

from minping_engine.errors import Place, Problem, SchemeError
from minping_engine.scheme.expressions.check import UnitCheck
from minping_engine.scheme.expressions.evaluate import closure
from minping_engine.scheme.expressions.tree import LITERAL, NAME, Node
from minping_engine.scheme.expressions.units import NUMERIC, Unit, Value

if TYPE_CHECKING:
    from minping_engine.scheme.expressions.parse import Parsed

NOWHERE = Place()
MOST_KNOWN = 12
NEAR_FROM = 0.6


@dataclass(frozen=True, eq=False)
class Expression:
    """A checked text. `unit` is the unit wanted where the text itself is a plain number or NULL.

    >>> from fractions import Fraction
    >>> handled = {"handled": Unit.COUNT, "on_time": Unit.COUNT}
    >>> share = compile_expression("on_time / handled", handled)
    >>> share.evaluate({"on_time": Fraction(9), "handled": Fraction(12)})
    Fraction(3, 4)
    """

    text: str
    names: frozenset[str]
    unit: Unit
    _run: Callable[[Mapping[str, Value]], Value] = field(repr=False)

    def evaluate(self, values: Mapping[str, Value]) -> Value:
        """The exact value; None is unknown. `values` holds every name used, whole numbers as Fraction."""
        return self._run(values)


def compile_expression(
    text: str, names: Mapping[str, Unit], *, wants: Unit | None = None, place: Place = NOWHERE
) -> Expression:
    """Check a text against the names it may use and make it ready to be worked out.

    `names` are in lower case. `wants` is `Unit.TRUTH` for conditions. Raises `SchemeError` with all
    problems of the text.
    """
    parsed = _parsed(text, place)
    problems = [*parsed.problems, *_unknown_names(parsed.names, names, place)]
    if parsed.tree is None:
        raise SchemeError(problems)
    check = UnitCheck(names, place)
    found = check.unit_of(parsed.tree)
    problems += check.problems
    if not problems and not _satisfies(found, wants):
        problems.append(_wrong_result(cast(Unit, found), cast(Unit, wants), place))
    if problems:
        raise SchemeError(problems)
    return Expression(text, parsed.names, _result(found, wants), closure(parsed.tree, names))


def expression_names(text: str) -> frozenset[str]:
    """The names that a text uses. Raises `SchemeError` if it cannot be read or holds what is refused."""
    parsed = _parsed(text, NOWHERE)
    if parsed.problems:
        raise SchemeError(parsed.problems)
    return parsed.names


def names_under(text: str, operator: str) -> frozenset[str]:
    """Names that stand under an operator or function, e.g. `COALESCE` or `IS NULL`, in a readable text."""
    tree = _parsed(text, NOWHERE).tree
    return frozenset(_under(tree, operator, inside=False)) if tree else frozenset()


def comparisons(text: str) -> tuple[tuple[str, str, Value], ...]:
    """Comparisons of a name with a literal in a readable text: (name, sign, literal); IN counts as `=`."""
    tree = _parsed(text, NOWHERE).tree
    return tuple(_compared(tree)) if tree else ()


def _compared(node: Node) -> Iterator[tuple[str, str, Value]]:
    mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
    if node.op in {"=", "<>", "<", "<=", ">", ">="}:
        left, right = node.parts
        if left.op == NAME and right.op == LITERAL:
            yield str(left.value), node.op, right.value
        elif left.op == LITERAL and right.op == NAME:
            yield str(right.value), mirrored.get(node.op, node.op), left.value
    elif node.op == "IN" and node.parts[0].op == NAME:
        for part in node.parts[1:]:
            if part.op == LITERAL:
                yield str(node.parts[0].value), "=", part.value
    for part in node.parts:
        yield from _compared(part)


def _under(node: Node, operator: str, *, inside: bool) -> Iterator[str]:
    if node.op == NAME and inside:
        yield str(node.value)
    for part in node.parts:
        yield from _under(part, operator, inside=inside or node.op == operator)


def _parsed(text: str, place: Place) -> Parsed:
    """The parser loads here: most commands and schemes need none."""
    from minping_engine.scheme.expressions.parse import parse

    return parse(text, place)


def _satisfies(found: Unit | None, wants: Unit | None) -> bool:
    if wants is None or found is None or found is wants:
        return True
    return found is Unit.NUMBER and wants in NUMERIC


def _result(found: Unit | None, wants: Unit | None) -> Unit:
    """The unit of the whole; only a text that is unknown throughout has none of its own."""
    return wants or found or Unit.NUMBER


def _wrong_result(found: Unit, wants: Unit, place: Place) -> Problem:
    return Problem("expression.wrong_result", place, {"wanted": wants.value, "found": found.value})


def _unknown_names(used: frozenset[str], known: Mapping[str, Unit], place: Place) -> Iterator[Problem]:
    for name in sorted(used - known.keys()):
        likeness = {other: SequenceMatcher(None, name, other).ratio() for other in known}
        nearest = sorted(known, key=lambda other: (-likeness[other], other))
        near = nearest[0] if nearest and likeness[nearest[0]] >= NEAR_FROM else "-"
        listed = ", ".join(sorted(nearest[:MOST_KNOWN])) + (", …" if len(nearest) > MOST_KNOWN else "")
        yield Problem("expression.unknown_name", place, {"name": name, "near": near, "known": listed or "-"})
