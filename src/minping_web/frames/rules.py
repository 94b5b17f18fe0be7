"""The words and numbers of frames: kinds of units, who may rate, reasons, limits, retention clocks.

Data and arithmetic only, no database. Sources stand beside each list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from minping_web.common.workdays import last_working_day


class Kind(TextChoices):
    """What a unit is."""

    HOUSEHOLD = "household", _("Household")
    ORGANISATION = "organisation", _("Resident unit")
    MEMBER = "member", _("Member")


class Instrument(TextChoices):
    """The three questionnaires (S21)."""

    ELDERLY = "elderly", _("Elderly residents")
    YOUNG_AND_MIDDLE_AGED = "young_and_middle_aged", _("Young and middle-aged residents")
    ORGANISATION = "organisation", _("Resident units")


class Rater(TextChoices):
    """Who may rate (S22): tenants count like owners."""

    OWNER = "owner", _("Resident owner")
    TENANT = "tenant", _("Tenant")
    PARTY_MEMBER = "party_member", _("Party member of the community")
    RESIDENT_ORGANISATION = "resident_organisation", _("Resident organisation")
    SOCIAL_ORGANISATION = "social_organisation", _("Social organisation")


class Special(TextChoices):
    """Families with a special need, sampled 4 ordinary to 1 special; seen only with `frames.contacts`."""

    NONE = "", _("Ordinary")
    MINIMUM_ALLOWANCE = "minimum_allowance", _("Minimum living allowance")
    ALLOWANCE_MARGIN = "allowance_margin", _("Just above the allowance")
    DISABLED = "disabled", _("Disabled member")
    BEREAVED_PARENTS = "bereaved_parents", _("Parents who lost their only child")
    LIVING_ALONE = "living_alone", _("Elderly person living alone")
    ENTITLED_GROUP = "entitled_group", _("Entitled group (veterans, families of martyrs)")
    OTHER = "other", _("Other special need")


class ExclusionReason(TextChoices):
    """Why a unit is not asked. "Would mark us badly" is not among them."""

    VACANT = "vacant", _("Vacant dwelling")
    DEMOLISHED = "demolished", _("Demolished")
    NOT_RESIDENTIAL = "not_residential", _("Not a dwelling")
    DUPLICATE = "duplicate", _("Listed twice")
    INSTITUTION = "institution", _("Collective household or institution")
    REFUSES_CONTACT = "refuses_contact", _("Asked not to be contacted")


ORGANISATION_RATERS = frozenset({Rater.RESIDENT_ORGANISATION, Rater.SOCIAL_ORGANISATION})
AREA_LEVELS = ("grid", "responsibility_area")
"""Units stand in the area of one worker, or in a grid where a district has no narrower level."""

# --- limits (data; a district may raise them after its impact assessment) -------------------------
MOST_HOUSEHOLDS_PER_PHONE = 3
"""More households behind one phone are flagged: a worker may have entered his own number."""
WANTED_PER_AREA = 300
"""Interviews per area that the report checks for (S1: some 300 answers per worker)."""
HOUSEHOLDS_LOW, HOUSEHOLDS_HIGH = 300, 500
"""The size of a grid (S53)."""
ORDINARY_TO_SPECIAL = 4
EXCLUDED_ALONE = 5
EXCLUDED_ALONE_SHARE = 0.02
"""One person may exclude so many units, and such a share, of one area; beyond it takes two."""
EXPORTED_ALONE = 50
"""Contacts that one person may export within a day without a second one."""
VIEWS_PER_HOUR = 60
"""Contacts that one person may open within an hour."""
EXPORT_LASTS = timedelta(hours=24)
EXPORT_DOWNLOADS = 3
REQUEST_WORKING_DAYS = 15
"""Working days to answer a resident's request (the usual limit; PIPL itself says "in time")."""


def due_on(received: date, working_days: int = REQUEST_WORKING_DAYS) -> date:
    """The last day of an answer; the day of receipt does not count."""
    return last_working_day(received, working_days)


def needs_second_person(excluded_before: int, added: int, units: int) -> bool:
    """Whether excluding `added` units of an area with `units` is more than one person may do alone."""
    after = excluded_before + added
    return added > 0 and (after > EXCLUDED_ALONE or after > EXCLUDED_ALONE_SHARE * units)


# --- retention ------------------------------------------------------------------------------------
Since = Literal["needed_until", "superseded_at", "made_at", "at", "answered_at", "expires_at"]


@dataclass(frozen=True)
class Clock:
    """What is erased, how many days after which event. `personal` counts as personal data of residents."""

    key: str
    what: str | Promise
    days: int
    since: Since
    since_label: str | Promise
    source: str | Promise


CLOCKS = (
    Clock("contacts", _("Phones and addresses of a frame"), 30, "needed_until",
          _("the day until which they are needed"), _("PIPL, articles 19 and 47")),
    Clock("superseded", _("Phones and addresses of a superseded frame"), 30, "superseded_at",
          _("a newer frame took its place"), _("PIPL, articles 19 and 47")),
    Clock("uploads", _("Uploaded files that were not imported"), 1, "made_at", _("upload"),
          _("PIPL, article 19")),
    Clock("reports", _("Reports of imports"), 180, "made_at", _("upload"), _("PIPL, article 19")),
    Clock("exports", _("Permits to export contacts"), 180, "expires_at", _("the permit ended"),
          _("PIPL, article 19")),
    Clock("request_phones",
          _("Phone numbers in answered requests of residents; a deletion keeps its own, sealed, "
            "so that no later file brings the household back"),
          180, "answered_at",
          _("the answer"), _("PIPL, article 47")),
    Clock("access_log", _("Log of access to contacts"), 1095, "at", _("the access"), _("PIPL, article 56")),
)  # fmt: skip
"""Days are the district's to choose; the log must stay at least six months and three years are usual."""


def clock(key: str) -> Clock:
    """The clock with that key."""
    return next(found for found in CLOCKS if found.key == key)


# --- identity numbers (GB 11643) ------------------------------------------------------------------
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
ID_NUMBER = (
    r"(^|[^0-9])[1-9][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]($|[^0-9])"
)
"""Eighteen characters with a date in the middle; the check digit is asked by `is_id_number`."""


def is_id_number(text: str) -> bool:
    """Whether eighteen characters carry the right check digit.

    >>> is_id_number("11010519491231002X"), is_id_number("110105194912310021")
    (True, False)
    """
    if len(text) != 18 or not text[:17].isdecimal():
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text, strict=False))
    return _CHECKS[total % 11] == text[17].upper()


_PHONE = re.compile(r"1\d{10}|0\d{9,11}|400\d{7}", re.ASCII)


def normal_phone(text: str) -> str:
    """Digits of a telephone number, empty when it is none. The import does the same to whole columns.

    >>> normal_phone("+86 138-1234-5678"), normal_phone("025 8323 0000"), normal_phone("12345")
    ('13812345678', '02583230000', '')
    """
    plain = re.sub(r"[\s()./\u2010-\u2015\u2212-]", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"^(\+|00)?86(?=1\d{10}$|0\d{9,11}$)", "", plain)
    return plain if _PHONE.fullmatch(plain) else ""


def share(part: int, whole: int) -> float:
    """`part / whole`; 0 of nothing is 0."""
    return part / whole if whole else 0.0


def special_share(special: int, units: int, wanted: int = WANTED_PER_AREA) -> tuple[int, int]:
    """(ordinary, special) that can be drawn of `wanted` at four to one; families that lack make room."""
    want_special = min(special, wanted // (ORDINARY_TO_SPECIAL + 1))
    return min(units - special, wanted - want_special), want_special


def values(choices: Iterable[tuple[str, object]]) -> list[str]:
    """The stored values of a closed list."""
    return [value for value, _label in choices]
