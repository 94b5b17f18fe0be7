"""Amounts in large type: yuan without the fen where there are none, so that they fit a phone."""

from __future__ import annotations

from django import template

from minping_web.organisations.rules import yuan

register = template.Library()


@register.filter
def short_yuan(fen: int) -> str:
    """Whole fen as yuan: 120000000 -> 1,200,000; 120050 -> 1,200.50."""
    return yuan(fen).removesuffix(".00")
