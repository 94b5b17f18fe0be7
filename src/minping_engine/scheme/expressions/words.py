"""The closed list of what an expression may hold: words, signs, functions, limits.

Out: constants for the reader (`tokens`, `parse`) and the check. Whatever is not listed here is refused;
the catalogue's text of `expression.forbidden` tells the same list to people, and a test holds both together.
"""

from __future__ import annotations

MOST_CHARACTERS = 2000
MOST_BRACKETS = 16
"""Open at once, with signs and NOTs before them. The parser needs some 25 calls for each."""
MOST_STEPS = 80
"""Longest way from the whole to a part; a chain a + b + c counts its signs."""
MOST_DIGITS = 30
MOST_DECIMALS = 12
"""For ROUND."""

# fmt: off
KEYWORDS = frozenset({
    "AND", "OR", "NOT", "IN", "IS", "NULL", "TRUE", "FALSE",
    "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END",
})
SIGNS = frozenset({"(", ")", ",", "+", "-", "*", "/", "=", "<>", "!=", "<", "<=", ">", ">="})
REFUSED_WORDS = frozenset({
    "SELECT", "FROM", "WHERE", "HAVING", "GROUP", "ORDER", "BY", "LIMIT", "OFFSET", "UNION",
    "INTERSECT", "EXCEPT", "JOIN", "WITH", "AS", "ON", "USING", "VALUES", "INSERT", "UPDATE",
    "DELETE", "DROP", "CREATE", "ALTER", "SET", "LIKE", "ILIKE", "SIMILAR", "RLIKE", "REGEXP",
    "GLOB", "ESCAPE", "COLLATE", "OVER", "WINDOW", "PARTITION", "FILTER", "QUALIFY", "DISTINCT", "EXISTS",
    "ANY", "ALL", "SOME", "INTERVAL", "ISNULL", "NOTNULL", "DIV", "XOR",
})
# fmt: on
"""Words of SQL that are refused as such; any other word is a name."""

FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "ROUND": (1, 2),
    "FLOOR": (1, 1),
    "CEIL": (1, 1),
    "ABS": (1, 1),
    "LEAST": (2, None),
    "GREATEST": (2, None),
    "COALESCE": (2, None),
    "NULLIF": (2, 2),
    "PERCENT": (1, 1),
    "SHARE": (1, 1),
    "YUAN": (1, 1),
    "SHARE_OF": (2, 2),
}
"""Name -> least and most arguments (None: any number)."""
