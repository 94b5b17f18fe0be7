"""Numbers as people read them: exact decimal rounding, signs, intervals, periods.

In: float64 points made by one correctly rounded division, so that the shortest decimal text is
the value itself. Out: text. Halves round up, as the scheme's readers expect; 85.205 is 85.21.
Leaves words to `texts` and layout to the templates.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

Z = {90: 1.6448536269514722, 95: 1.959963984540054, 99: 2.5758293035489004}
"""Normal quantiles of the three interval levels that a scheme may name."""
DASH = "–"
MINUS = "−"
_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_HALF = re.compile(r"(\d{4})H([12])")
_YEAR = re.compile(r"\d{4}")
_ENGLISH = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def rounded(value: float, places: int) -> Decimal:
    """`value` to `places` decimals, halves away from zero."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def points_text(value: float | None, places: int = 2) -> str:
    """Points for a reader; a dash where there is none."""
    return DASH if value is None else str(rounded(value, places)).replace("-", MINUS)


def plain_text(value: float) -> str:
    """Points without needless zeros: 20, 2.5."""
    text = f"{rounded(value, 3):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed_text(value: float | None, places: int = 1) -> str:
    """A difference with its sign, zero without one."""
    if value is None:
        return DASH
    size = rounded(abs(value), places)
    if size == 0:
        return str(size)
    return f"{'+' if value > 0 else MINUS}{size}"


def interval_text(low: float | None, high: float | None, places: int = 2) -> str:
    """Both ends of an interval."""
    if low is None or high is None:
        return DASH
    return f"{points_text(low, places)}{DASH}{points_text(high, places)}"


def percent_text(part: int, whole: int | None) -> str:
    """A share of a count as a whole percentage."""
    if not whole:
        return DASH
    return f"{(Decimal(100 * part) / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP)}%"


def count_text(value: int | None) -> str:
    """A count with thousands separated."""
    return DASH if value is None else f"{value:,}"


def period_text(period: str, language: str) -> str:
    """A quarter, month, half-year or year in words; any other period as it is written."""
    match = _QUARTER.fullmatch(period)
    if not match:
        return _other_period(period, language)
    year, quarter = match.groups()
    return f"{year}年第{'一二三四'[int(quarter) - 1]}季度" if language == "zh" else f"Q{quarter} {year}"


def _other_period(period: str, language: str) -> str:
    if found := _MONTH.fullmatch(period):
        year, month = found[1], int(found[2])
        return f"{year}年{month}月" if language == "zh" else f"{_ENGLISH[month]} {year}"
    if found := _HALF.fullmatch(period):
        year, is_first = found[1], found[2] == "1"
        if language == "zh":
            return f"{year}年{'上' if is_first else '下'}半年"
        return f"{'first' if is_first else 'second'} half of {year}"
    return f"{period}年" if language == "zh" and _YEAR.fullmatch(period) else period


def period_parts(period: str, language: str) -> tuple[str, str]:
    """(year, short label) of a period, for an axis."""
    if found := _MONTH.fullmatch(period):
        month = int(found[2])
        return found[1], f"{month}月" if language == "zh" else _ENGLISH[month]
    match = _QUARTER.fullmatch(period)
    if not match:
        return "", period
    year, quarter = match.groups()
    return year, f"{quarter}季" if language == "zh" else f"Q{quarter}"
