"""Marks that came by workbook: which raters of a call they stand for, so that nobody counts twice.

A call is the list of its raters, each with a number; a workbook repeats the number. What two persons brought
in takes the place of what the rater handed in, until another workbook counts.
"""

from __future__ import annotations

from minping_web.appraisals.models import CalledRater, RaterCall
from minping_web.appraisals.selectors.evidence import counting_book
from minping_web.common.crypto import keyring
from minping_web.rounds.models import SurveyRound


def on_paper(call: RaterCall) -> frozenset[int]:
    """Numbers of raters whose marks the counting workbook brings."""
    book = counting_book(call.round)
    numbers: dict[str, list[int]] = book.rows.get("numbers", {}) if book else {}
    return frozenset(numbers.get(call.group, ()))


def groups_on_paper(found: SurveyRound) -> frozenset[str]:
    """Rater groups of which the counting workbook brings marks."""
    book = counting_book(found)
    return frozenset(book.rows.get("raters", {})) if book else frozenset()


def about_name(rater: object) -> str:
    """What a sealed name belongs to (`common.crypto`)."""
    return f"appraisals_calledrater.name|{rater}"


def name_of(rater: CalledRater) -> str:
    """As far as one is known: of the account, or as somebody wrote it for the link."""
    if rater.user is not None:
        return str(rater.user)
    return keyring().open(rater.name, about_name(rater.pk)) if rater.name else ""


def told_rater(rater: CalledRater) -> str:
    """Name and number, for the office."""
    return f"{name_of(rater)} {rater.number}".strip()
