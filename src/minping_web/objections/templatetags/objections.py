"""Small words for pages of differences: a grade's name, a range of ranks, money in yuan."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from minping_web.assessments.models import AssessedResult

register = template.Library()


@register.filter
def at(names: Mapping[str, str], key: str | None) -> str:
    """The name of a key; the key itself where it has none."""
    return names.get(key or "", key or "")


@register.simple_tag
def ranks(one: AssessedResult | None) -> str:
    """A range of ranks with how many were ranked."""
    if one is None or one.rank_low is None:
        return "—"
    low, high = one.rank_low, one.rank_high
    return f"{low if low == high else f'{low}–{high}'} / {one.ranked_of}"


@register.simple_tag
def yuan(fen: int) -> str:
    """Fen as yuan with a sign."""
    sign = "-" if fen < 0 else "+"
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
