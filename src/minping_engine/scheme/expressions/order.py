"""Which word may follow which: the parser forgives missing words, a rule about people must not.

In: the kinds of the words of an expression in order. Out: the first that cannot stand where it stands.
`a BETWEEN 1 2`, `a NOT NULL` and `ROUND(a,)` all pass the parser and mean what nobody wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

VALUE, FUNCTION, EDGE = "value", "function", ""
NOT_AFTER_VALUE = "NOT after a value"

ENDING = frozenset({VALUE, ")", "END"})
STARTING = frozenset({VALUE, FUNCTION, "(", "CASE", "NOT", "-"})
FOLLOWING = frozenset(
    {EDGE, ",", ")", "+", "-", "*", "/", "=", "<>", "!=", "<", "<=", ">", ">=", "AND", "OR", NOT_AFTER_VALUE}
    | {"IS", "IN", "BETWEEN", "WHEN", "THEN", "ELSE", "END"}
)
AFTER = {
    FUNCTION: frozenset({"("}),
    "IN": frozenset({"("}),
    "(": STARTING | {")"},
    "CASE": STARTING | {"WHEN"},
    NOT_AFTER_VALUE: frozenset({"IN", "BETWEEN"}),
}
"""After all other words and signs a value has to start."""


def first_misplaced(kinds: Sequence[str]) -> int | None:
    """Index of the first word that cannot follow its neighbour; the length if the end comes too early."""
    before = EDGE
    for number, kind in enumerate([*kinds, EDGE]):
        if kind == "NOT" and before in ENDING:
            kind = NOT_AFTER_VALUE
        if kind not in (FOLLOWING if before in ENDING else AFTER.get(before, STARTING)):
            return number
        before = kind
    return None


def ends_value(kind: str) -> bool:
    """A sign after this stands between two values."""
    return kind in ENDING


def unary_plus(kinds: Sequence[str]) -> bool:
    """Whether a + stands before a value: the parser drops it unseen."""
    return any(kind == "+" and not ends_value(before) for before, kind in pairwise([EDGE, *kinds]))
