"""From text to tree: SQLGlot parses, a whitelist takes over what it made.

In: the text. Out: `Parsed`: our own tree and the names used, with all problems of reading. The parser is
used for parsing only; every kind of part and every option of it must be on the list, so that a newer
version of the parser cannot let anything new in. Units are for `check`, values for `evaluate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from sqlglot import Token, exp
from sqlglot.errors import ErrorLevel, ParseError
from sqlglot.parser import Parser

from minping_engine.errors import Place, Problem
from minping_engine.scheme.expressions.tokens import (
    FUNCTION_PREFIX,
    NAME_PREFIX,
    forbidden,
    unreadable,
    words_of,
)
from minping_engine.scheme.expressions.tree import CASE, CASE_OF, LITERAL, NAME, NEGATIVE, Node
from minping_engine.scheme.expressions.words import MOST_STEPS

BINARY: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.And: "AND",
    exp.Or: "OR",
}

SHAPES: dict[type[exp.Expr], str] = {
    exp.Tuple: "( … , … )",
    exp.Concat: "'…' '…'",
    exp.In: "IN …",
    exp.Between: "BETWEEN …",
}


@dataclass(frozen=True)
class Parsed:
    """The tree (None where the text cannot be read), the names, the problems."""

    tree: Node | None
    names: frozenset[str]
    problems: tuple[Problem, ...]


class _RefusedError(Exception):
    """Something in the parser's tree is not on the list; its text says what."""


def parse(text: str, place: Place) -> Parsed:
    """The tree of a text, or everything that is wrong with its form."""
    words = words_of(text, place)
    if words.problems:
        return Parsed(None, words.names, words.problems)
    try:
        return Parsed(_tree(_parsed(words.tokens, text)), words.names, ())
    except ParseError as error:
        problem = unreadable(_near(error, text), place)
    except _RefusedError as error:
        problem = forbidden(str(error), place)
    except RecursionError:
        problem = Problem("expression.too_deep", place)
    return Parsed(None, words.names, (problem,))


def _parsed(tokens: list[Token], text: str) -> exp.Expr:
    """What the parser makes of the tokens: one expression, never a statement."""
    parser = Parser(error_level=ErrorLevel.IMMEDIATE)
    found = [part for part in parser.parse_into(exp.Condition, tokens, text) if part is not None]
    if len(found) != 1:
        raise ParseError("no expression")
    if _steps(found[0]) > MOST_STEPS:
        raise RecursionError
    return found[0]


def _near(error: ParseError, text: str) -> str:
    """The text up to where the parser stopped."""
    first = error.errors[0] if error.errors else {}
    return f"{first.get('start_context') or ''}{first.get('highlight') or ''}" or text


def _steps(root: exp.Expr) -> int:
    """Longest way down, walked without recursion."""
    deepest, level = 0, [root]
    while level:
        deepest += 1
        level = [child for node in level for child in node.iter_expressions()]
    return deepest


def _tree(node: exp.Expr | None) -> Node:
    """Our tree of a part; the parser leaves out what it could not find."""
    if node is None:
        raise ParseError("a part is missing")
    kind = type(node)
    if kind in BINARY:
        _only(node, "this", "expression")
        return Node(BINARY[kind], (_tree(node.this), _tree(node.expression)))
    if kind not in READERS:
        raise _RefusedError(_shape(node))
    return READERS[kind](node)


def _only(node: exp.Expr, *options: str) -> None:
    """Refuse options that the list does not know, e.g. BETWEEN SYMMETRIC."""
    given = {name for name, value in node.args.items() if value not in (None, False, [])}
    if given - set(options):
        raise _RefusedError(_shape(node))


def _shape(node: exp.Expr) -> str:
    """What people see where a form is refused that has no word of its own."""
    return SHAPES.get(type(node)) or type(node).__name__


def _paren(node: exp.Expr) -> Node:
    _only(node, "this")
    return _tree(node.this)


def _negative(node: exp.Expr) -> Node:
    _only(node, "this")
    return Node(NEGATIVE, (_tree(node.this),))


def _not(node: exp.Expr) -> Node:
    _only(node, "this")
    return Node("NOT", (_tree(node.this),))


def _literal(node: exp.Expr) -> Node:
    _only(node, "this", "is_string")
    return Node(LITERAL, value=str(node.this) if node.args.get("is_string") else Fraction(node.this))


def _boolean(node: exp.Expr) -> Node:
    return Node(LITERAL, value=bool(node.this))


def _null(node: exp.Expr) -> Node:
    _only(node)
    return Node(LITERAL)


def _name(node: exp.Expr) -> Node:
    _only(node, "this")
    name = str(node.this.this)
    if not name.startswith(NAME_PREFIX):
        raise _RefusedError(name)
    return Node(NAME, value=name.removeprefix(NAME_PREFIX))


def _is_null(node: exp.Expr) -> Node:
    _only(node, "this", "expression")
    if not isinstance(node.expression, exp.Null):
        what = str(node.expression.this).upper() if isinstance(node.expression, exp.Boolean) else "…"
        raise _RefusedError(f"IS {what}")
    return Node("IS NULL", (_tree(node.this),))


def _in(node: exp.Expr) -> Node:
    _only(node, "this", "expressions")
    if not node.expressions:
        raise _RefusedError("IN ()")
    return Node("IN", (_tree(node.this), *(_tree(part) for part in node.expressions)))


def _between(node: exp.Expr) -> Node:
    _only(node, "this", "low", "high")
    return Node("BETWEEN", tuple(_tree(node.args.get(name)) for name in ("this", "low", "high")))


def _case(node: exp.Expr) -> Node:
    """Both forms; without ELSE the rest is unknown."""
    _only(node, "this", "ifs", "default")
    default = node.args.get("default")
    if not node.args.get("ifs"):
        raise ParseError("CASE without WHEN")
    last = _tree(default) if default is not None else Node(LITERAL)
    arms = _arms(node.args["ifs"])
    return Node(CASE, (*arms, last)) if node.this is None else Node(CASE_OF, (_tree(node.this), *arms, last))


def _arms(arms: list[exp.Expr]) -> Iterator[Node]:
    for arm in arms:
        _only(arm, "this", "true")
        yield _tree(arm.this)
        yield _tree(arm.args.get("true"))


def _function(node: exp.Expr) -> Node:
    _only(node, "this", "expressions")
    name = str(node.this)
    if not name.startswith(FUNCTION_PREFIX):
        raise _RefusedError(f"{name}()")
    return Node(name.removeprefix(FUNCTION_PREFIX), tuple(_tree(part) for part in node.expressions))


READERS: dict[type[exp.Expr], Callable[[exp.Expr], Node]] = {
    exp.Paren: _paren,
    exp.Neg: _negative,
    exp.Not: _not,
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Null: _null,
    exp.Column: _name,
    exp.Is: _is_null,
    exp.In: _in,
    exp.Between: _between,
    exp.Case: _case,
    exp.Anonymous: _function,
}
