"""What is counted over periods: falls in a year, failures in a row (S94, S99).

In: earlier outcomes oldest first, and this period's. Out: the count, this period included. A period
without an assessment is passed over: it neither counts nor breaks a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from minping_engine.scheme import Expression, PeriodCount
from minping_engine.scoring.values import Earlier, Numbers
from minping_engine.terms import year_of


def names_of_periods(rows: Sequence[Earlier]) -> list[dict[str, Fraction | bool | str | None]]:
    """Names that a condition over periods may use, one mapping per period."""
    made: list[dict[str, Fraction | bool | str | None]] = []
    last: int | None = None
    for row in rows:
        change = None if row.grade_step is None or last is None else Fraction(last - row.grade_step)
        made.append(
            {
                "score": row.score,
                "grade": row.grade,
                "grade_step": None if row.grade_step is None else Fraction(row.grade_step),
                "grade_change": change,
                "assessed": row.assessed,
            }
        )
        last = row.grade_step if row.grade_step is not None else last
    return made


def count_periods(rule: PeriodCount, condition: Expression, rows: Sequence[Earlier], values: Numbers) -> int:
    """In how many periods of the window the condition holds; the last row is this period."""
    names = names_of_periods(rows)
    seen = [(row, known) for row, known in zip(rows, names, strict=True) if row.assessed]
    if rule.window == "periods":
        seen = seen[-(rule.periods or 1) :]
    elif rule.window == "year":
        seen = [(row, known) for row, known in seen if _same_year(row.period, rows[-1].period)]
    inside = [condition.evaluate({**values, **known}) is True for _, known in seen]
    if rule.count == "all":
        return sum(inside)
    run = 0
    for holds in reversed(inside):
        if not holds:
            break
        run += 1
    return run


def _same_year(one: str, other: str) -> bool:
    return (year_of(one) or one) == (year_of(other) or other)
