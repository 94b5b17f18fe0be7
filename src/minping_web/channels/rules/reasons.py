"""Why a message did not go out or did not arrive: a closed list of our own, with its words."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Reason(TextChoices):
    """Words that `MessagesFailed` carries; a carrier's own code stands behind `carrier:`."""

    UNSUBSCRIBED = "unsubscribed", _("the number wants no messages")
    TOO_OFTEN = "too_often", _("the number has had its messages of this round")
    NO_NUMBER = "no_number", _("not a mobile number")
    REFUSED = "refused", _("refused by the carrier")
    NOT_DELIVERED = "not_delivered", _("not delivered")
    GIVEN_UP = "given_up", _("not known whether it left, given up")
    KEY_LOST = "key_lost", _("the key of the batch is lost")


CARRIER = "carrier:"
"""Before a carrier's own code."""


def reason_words(reason: str) -> str:
    """A reason for people."""
    known = dict(Reason.choices)
    return str(known.get(reason, reason.removeprefix(CARRIER)))
