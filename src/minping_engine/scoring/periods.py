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
    inside = [
        condition.evaluate({**values, **known}) is True
        for row, known in zip(rows, names, strict=True)
        if row.assessed and _in_window(rule, row, rows)
    ]
    if rule.count == "all":
        return sum(inside)
    run = 0
    for holds in reversed(inside):
        if not holds:
            break
        run += 1
    return run


def _in_window(rule: PeriodCount, row: Earlier, rows: Sequence[Earlier]) -> bool:
    if rule.window == "ever":
        return True
    if rule.window == "year":
        now = rows[-1].period
        return (year_of(row.period) or row.period) == (year_of(now) or now)
    return row in rows[-(rule.periods or 1) :]
