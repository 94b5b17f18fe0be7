"""Amounts of money as pages show them: fen in, yuan out."""

from __future__ import annotations

from django import template

from minping_web.organisations.rules import yuan

register = template.Library()


@register.filter(name="yuan")
def shown_in_yuan(fen: int) -> str:
    """Whole fen as yuan."""
    return yuan(fen)
