"""Numbers that nobody has published: they print as a line to fill in, never as the demo value.

In: a loaded scheme whose unfilled values hold demo values, so that it can be checked at all. Out: the same
scheme with blanks in these places. Blanks are still numbers, so that bands stay in order; whatever writes
them (`Wording`) knows them by their type.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from minping_engine.scheme.model import Bilingual, Part

Path = tuple[str | int, ...]
EXPRESSIONS = frozenset({"when", "value", "applies", "numerator", "denominator", "amount", "weights"})
"""Fields that hold an expression: its numbers would be demo values too."""


class BlankWhole(int):
    """A whole number to fill in."""


class BlankNumber(Fraction):
    """A fraction to fill in."""


class BlankText(str):
    """An expression to fill in."""

    __slots__ = ()


def is_blank(value: object) -> bool:
    """Whether a value waits to be filled in."""
    return isinstance(value, BlankWhole | BlankNumber | BlankText)


def with_blanks(part: Any, path: Path) -> Any:
    """`part` with blanks at the end of `path`, whose steps are keys and places of the file."""
    if not path:
        return BlankText(part) if isinstance(part, str) else _blank(part)
    step, rest = path[0], path[1:]
    if isinstance(part, tuple | list) and isinstance(step, int) and step < len(part):
        return tuple(with_blanks(one, rest) if place == step else one for place, one in enumerate(part))
    if isinstance(part, Mapping) and step in part:
        return {**part, step: with_blanks(part[step], rest)}
    if isinstance(part, Part) and (name := _field(part, step)):
        return part.model_copy(update={name: with_blanks(getattr(part, name), rest)})
    return _blank(part)  # written in a short form: all that it stands for


def _field(part: Part, key: str | int) -> str | None:
    """The field that a key of the file fills."""
    fields = type(part).model_fields.items()
    return next((name for name, field in fields if key in (name, field.alias)), None)


def _blank(value: Any) -> Any:
    """Numbers as blanks, at any depth; words stay, and so does what the file did not write."""
    if isinstance(value, Bilingual | bool):
        return value
    if isinstance(value, int):
        return BlankWhole(value)
    if isinstance(value, Fraction):
        return BlankNumber(value)
    if isinstance(value, Part):
        return value.model_copy(
            update={name: _inner(name, getattr(value, name)) for name in value.model_fields_set}
        )
    if isinstance(value, Mapping):
        return {key: _blank(one) for key, one in value.items()}
    return tuple(map(_blank, value)) if isinstance(value, tuple | list) else value


def _inner(name: str, value: Any) -> Any:
    if name in EXPRESSIONS and isinstance(value, str) and any(letter.isdigit() for letter in value):
        return BlankText(value)
    return _blank(value)
