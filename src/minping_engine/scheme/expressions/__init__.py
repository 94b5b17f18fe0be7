"""Expressions: conditions and formulas of schemes, checked before the round, worked out exactly.

In: a text such as `handled >= 10 AND on_time / handled >= 0.9` and the units of the names it may use.
Out: `Expression`, a pure function from values to an exact value, or all problems of the text at once.
Rules, truth tables and a worked table: docs/method/expressions.md.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.scheme.expressions.compile import (
        Expression,
        comparisons,
        compile_expression,
        expression_names,
        names_under,
    )
    from minping_engine.scheme.expressions.exact import decimal_text, half_up
    from minping_engine.scheme.expressions.units import Unit, Value

__all__ = [
    "Expression",
    "Unit",
    "Value",
    "comparisons",
    "compile_expression",
    "decimal_text",
    "expression_names",
    "half_up",
    "names_under",
]

__getattr__ = lazy_front(
    __name__,
    {
        "Expression": "compile",
        "Unit": "units",
        "Value": "units",
        "compile_expression": "compile",
        "comparisons": "compile",
        "decimal_text": "exact",
        "expression_names": "compile",
        "half_up": "exact",
        "names_under": "compile",
    },
)
