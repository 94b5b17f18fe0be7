"""The retention clock of appraisals: names and links of raters who have no account.

The sealed marks stay with the evidence of their round; that somebody was called stays by number. Who it was
and the hash of the link go when nobody can dispute the assessments of that year any more.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from minping_web.appraisals.models import CalledRater
from minping_web.common.retention import Clock, register_clocks, years_ago
from minping_web.ledger.services.erasing import run_clocks

ENTRY = "evidence.erased"
KEPT_YEARS = 3


def erase_what_is_due() -> dict[str, int]:
    """All clocks; rows erased by clock."""
    return run_clocks("appraisals")


def _raters() -> int:
    ended = CalledRater.objects.filter(user=None, call__ends_on__lt=years_ago(KEPT_YEARS))
    return ended.exclude(name=None, link=None).update(name=None, link=None)


register_clocks(
    Clock("appraisals.raters", ENTRY, _("Names and links of raters without an account"),
          _("the last day of the call"), _("PIPL, articles 19 and 47"), _raters, years=KEPT_YEARS),
)  # fmt: skip
