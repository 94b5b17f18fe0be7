"""What all parts of a scheme file are made of: frozen models, texts, ids, points, exact numbers."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from minping_engine.scheme.expressions.exact import has_an_end

MILLI = 1000
SHORT_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][-+]?\d{1,2})?(/\d{1,30})?")
"""What people write; longer ones are a fault or an attack."""
NUMBER = {"type": ["number", "string"], "description": "a decimal number"}


def _milli_from_points(value: object) -> int:
    """Points as written -> whole thousandths. Raises ValueError past three decimal places."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("points are a number")
    scaled = _exact(value) * MILLI
    if scaled.denominator != 1:
        raise ValueError("points have at most three decimal places")
    return scaled.numerator


def _exact(value: object) -> Fraction:
    """A number as written -> the exact fraction: 0.9 is nine tenths, "2/3" is two thirds."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("a number is needed")
    try:
        written = str(value)
        if not SHORT_NUMBER.fullmatch(written):
            raise ValueError("a decimal number or a fraction such as 2/3 is needed")
        return Fraction(written) if "/" in written else Fraction(Decimal(written))
    except (InvalidOperation, ValueError, ZeroDivisionError, OverflowError) as error:
        raise ValueError("a decimal number or a fraction such as 2/3 is needed") from error


def as_written(value: Fraction) -> int | float | str:
    """An exact number as people write it: whole, decimal, or a fraction where it has no end."""
    if value.denominator == 1:
        return value.numerator
    return float(value) if has_an_end(value) and value.denominator <= 10**9 else str(value)


MilliPoints = Annotated[
    int,
    BeforeValidator(_milli_from_points),
    PlainSerializer(lambda milli: float(Decimal(milli) / MILLI)),
    WithJsonSchema(NUMBER),
]
Exact = Annotated[
    Fraction, BeforeValidator(_exact), PlainSerializer(as_written, return_type=object), WithJsonSchema(NUMBER)
]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""An id that expressions may name."""
Condition = Annotated[str, Field(min_length=1, max_length=2000)]
"""An SQL expression over documented names (docs/method/expressions.md)."""


class Part(BaseModel):
    """Base of all parts: frozen, no unknown keys."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True
    )


class Bilingual(Part):
    """A text in Chinese and English."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def of(self, language: str) -> str:
        """The text in `language` (zh or en)."""
        return self.en if language == "en" else self.zh


class Titled(Part):
    """Something with an id that other parts may name, and a title."""

    id: Name
    title: Bilingual
