"""Words of rewards: families of uses, states of sheets and lines."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Family(TextChoices):
    """What kind of consequence a sheet holds."""

    PAY = "pay", _("Pay")
    FUND = "fund", _("Funds")
    HONOUR = "honour", _("Honours")
    CARD = "card", _("Cards")
    STANDING = "standing", _("Renewal, exit, promotion")
    CONVERSION = "conversion", _("Conversion")
    NOTICE = "notice", _("Notices")


FAMILY_OF: Mapping[str, Family] = {
    "performance_pay": Family.PAY,
    "pay": Family.PAY,
    "bonus": Family.PAY,
    "fund": Family.FUND,
    "budget_share": Family.FUND,
    "innovation_fund": Family.FUND,
    "honour": Family.HONOUR,
    "star": Family.HONOUR,
    "card": Family.CARD,
    "renewal": Family.STANDING,
    "exit": Family.STANDING,
    "promotion": Family.STANDING,
    "conversion": Family.CONVERSION,
    "notice": Family.NOTICE,
    "rectification": Family.NOTICE,
}
"""Family by the kind of a use; coaching and training are help (S9, D14), reports concern nobody alone."""


PAYING = frozenset({Family.PAY, Family.FUND, Family.HONOUR})
"""Families whose amounts are paid. A notice may name an amount, such as one that is held back (S48)."""


class SheetState(TextChoices):
    """A draft is prepared by one person and signed by others; `replaced`: a correction came before."""

    DRAFT = "draft", _("draft")
    PREPARED = "prepared", _("waits for signatures")
    SIGNED = "signed", _("signed")
    REPLACED = "replaced", _("replaced by a correction")


OPEN = (SheetState.DRAFT, SheetState.PREPARED)


class Origin(TextChoices):
    """Where a sheet comes from."""

    FIRST = "first", _("first sheet")
    DIFFERENCE = "difference", _("difference after a correction")
    SUPPLEMENT = "supplement", _("supplement")


class LineState(TextChoices):
    """A withheld line counts only when a supplement takes it up."""

    PROPOSED = "proposed", pgettext_lazy("line of a sheet", "proposed")
    WITHHELD = "withheld", _("withheld")
    MOVED = "moved", _("taken over by a later sheet")


class Change(TextChoices):
    """What a line of a difference sheet does to what was signed before."""

    NONE = "", _("no change")
    ADDED = "added", _("added")
    CHANGED = "changed", pgettext_lazy("line of a sheet", "changed")
    WITHDRAWN = "withdrawn", _("taken back")
