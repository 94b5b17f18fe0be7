"""Periods as people say them: `2020Q4` is a name for files, nobody's word.

Any other period is shown as it is written. Files for machines keep the short name.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_HALF = re.compile(r"(\d{4})-?H([12])")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_YEAR = re.compile(r"\d{4}")


def period_name(period: str) -> str:
    """A period in words."""
    if found := _QUARTER.fullmatch(period):
        return _("quarter %(number)s of %(year)s") % {"year": found[1], "number": found[2]}
    if found := _HALF.fullmatch(period):
        first = found[2] == "1"
        name = _("first half of %(year)s") if first else _("second half of %(year)s")
        return name % {"year": found[1]}
    if found := _MONTH.fullmatch(period):
        return _("month %(number)s of %(year)s") % {"year": found[1], "number": int(found[2])}
    return _("year %(year)s") % {"year": period} if _YEAR.fullmatch(period) else period


def period_short(period: str) -> tuple[str, str]:
    """(year, short name) for an axis."""
    if found := _QUARTER.fullmatch(period):
        return found[1], _("Q%(number)s") % {"number": found[2]}
    if found := _HALF.fullmatch(period):
        return found[1], _("H%(number)s") % {"number": found[2]}
    if found := _MONTH.fullmatch(period):
        return found[1], _("M%(number)s") % {"number": int(found[2])}
    return "", period
