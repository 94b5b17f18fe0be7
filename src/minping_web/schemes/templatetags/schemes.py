"""Look-ups that templates cannot do by themselves."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from minping_web.schemes.rules import shown_value

register = template.Library()


@register.filter
def value_for(found: Mapping[str, object], key: str) -> object:
    """The value of a mapping under a key that is a variable; nothing where there is none."""
    return found.get(key, "")


@register.filter
def as_typed(value: object) -> str:
    """A value as it would be typed."""
    return shown_value(value)


@register.filter
def state_class(state: str) -> str:
    """How a value's state is marked: what nobody published stands out."""
    return {"unfilled": "bad", "demo": "warn", "district": "info", "published": "ok", "copied": "ok"}.get(
        state, "off"
    )
