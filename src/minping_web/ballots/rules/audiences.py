"""How the open link names the three kinds of people that have a questionnaire of their own (S21)."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, str | Promise] = {
    "elderly": _("I am 60 or older"),
    "young_and_middle_aged": _("I am younger than 60"),
    "organisation": _("I answer for a firm, shop, school or other organisation here"),
}


def audience_name(audience: str) -> str | Promise:
    """In the words of whoever answers."""
    return NAMES.get(audience, audience)
