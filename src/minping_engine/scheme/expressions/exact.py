"""Exact numbers: rounding as in commerce, and the text of a fraction."""

from __future__ import annotations

from fractions import Fraction
from math import floor

HALF = Fraction(1, 2)


def half_up(value: Fraction, digits: int) -> Fraction:
    """Rounded to `digits` decimal places, halves away from zero: 2.5 -> 3, -2.5 -> -3.

    >>> half_up(Fraction("0.125"), 2)
    Fraction(13, 100)
    """
    scale = 10**digits
    whole = floor(abs(value) * scale + HALF)
    return Fraction(whole if value >= 0 else -whole, scale)


def has_an_end(value: Fraction) -> bool:
    """Whether the number is a decimal that ends."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def decimal_text(value: Fraction) -> str:
    """The decimal in full, or the fraction where it has no end.

    >>> decimal_text(Fraction("-1234567.5")), decimal_text(Fraction(2, 3))
    ('-1234567.5', '2/3')
    """
    if not has_an_end(value):
        return str(value)
    places = 0
    while (value * 10**places).denominator > 1:
        places += 1
    digits = str(int(abs(value) * 10**places)).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
