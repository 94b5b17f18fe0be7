"""An expression as a tree of our own: what is left when the parser's work is done.

In: nothing. Out: `Node`, made by `parse`, read by `check` and `evaluate`; `shown` writes a part back
as text for messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from minping_engine.scheme.expressions.exact import decimal_text
from minping_engine.scheme.expressions.units import Value

LITERAL, NAME, NEGATIVE = "literal", "name", "negative"
CASE, CASE_OF = "CASE", "CASE value"
LONGEST_SHOWN = 60


@dataclass(frozen=True, eq=False)
class Node:
    """An operator with its parts; a literal or a name with its value.

    `CASE` has condition, result, condition, result ..., result of ELSE; `CASE value` has the value before
    them. `NOT IN` and the like are written out. No part hangs in two places: walks stay short.
    """

    op: str
    parts: tuple[Node, ...] = ()
    value: Value = None


def is_literal(node: Node) -> bool:
    """Made of literals only."""
    return node.op == LITERAL or (bool(node.parts) and all(is_literal(part) for part in node.parts))


def shown(node: Node) -> str:
    """The part as text, shortened."""
    text = _text(node)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def _text(node: Node) -> str:
    parts = [_text(part) for part in node.parts]
    if node.op in {LITERAL, NAME}:
        return _value_text(node)
    if node.op in {NEGATIVE, "NOT"}:
        return f"{'-' if node.op == NEGATIVE else 'NOT '}{parts[0]}"
    if node.op == "IS NULL":
        return f"{parts[0]} IS NULL"
    if node.op in {"IN", "BETWEEN"}:
        return f"{parts[0]} IN ({', '.join(parts[1:])})" if node.op == "IN" else _between(parts)
    if node.op in {CASE, CASE_OF}:
        return _case("CASE", parts) if node.op == CASE else _case(f"CASE {parts[0]}", parts[1:])
    if node.op[0].isalpha() and node.op not in {"AND", "OR"}:
        return f"{node.op}({', '.join(parts)})"
    return f" {node.op} ".join(
        f"({text})" if len(part.parts) > 1 else text for text, part in zip(parts, node.parts, strict=True)
    )


def _value_text(node: Node) -> str:
    if isinstance(node.value, bool) or node.value is None:
        return "NULL" if node.value is None else str(node.value).upper()
    if isinstance(node.value, Fraction):
        return decimal_text(node.value)
    return node.value if node.op == NAME else f"'{node.value}'"


def _between(parts: list[str]) -> str:
    return f"{parts[0]} BETWEEN {parts[1]} AND {parts[2]}"


def _case(start: str, parts: list[str]) -> str:
    arms = [f"WHEN {when} THEN {then}" for when, then in zip(parts[:-1:2], parts[1:-1:2], strict=True)]
    return f"{start} {' '.join(arms)} ELSE {parts[-1]} END"
