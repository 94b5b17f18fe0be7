"""Stages of a result as its page names them, and periods in few signs."""

from __future__ import annotations

import re

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_HALF = re.compile(r"(\d{4})-?H([12])")
_YEAR = re.compile(r"\d{4}")


class Stage(TextChoices):
    """A result is shown first, then holds, and may be corrected by another one."""

    PREVIEW = "preview", gettext_lazy("preview, not final")
    HOLDS = "holds", gettext_lazy("published")
    CORRECTED = "corrected", gettext_lazy("was corrected later")


def period_name(period: str) -> str:
    """A period in words."""
    if found := _QUARTER.fullmatch(period):
        return _("quarter %(number)s of %(year)s") % {"year": found[1], "number": found[2]}
    if found := _HALF.fullmatch(period):
        first = found[2] == "1"
        name = _("first half of %(year)s") if first else _("second half of %(year)s")
        return name % {"year": found[1]}
    return _("year %(year)s") % {"year": period} if _YEAR.fullmatch(period) else period


def period_short(period: str) -> tuple[str, str]:
    """(year, short name) for an axis."""
    if found := _QUARTER.fullmatch(period):
        return found[1], _("Q%(number)s") % {"number": found[2]}
    if found := _HALF.fullmatch(period):
        return found[1], _("H%(number)s") % {"number": found[2]}
    return "", period
