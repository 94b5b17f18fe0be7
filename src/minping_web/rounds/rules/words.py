"""Closed lists of rounds. Channels are the engine's modes; states are small numbers to keep rows short."""

from __future__ import annotations

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(IntegerChoices):
    """How a token travels; the number is the mode's code in the snapshot (`minping_engine.terms.Mode`)."""

    VISIT = 1, _("Visit")
    PHONE = 2, _("Telephone")
    SMS = 3, _("Message link")
    QR = 4, _("Letter with QR code")
    PAPER = 5, _("Paper form")
    WEB = 6, _("Web link")


class TokenState(IntegerChoices):
    """Live until its household voted with it, or until it was revoked."""

    LIVE = 0, _("live")
    REVOKED = 1, pgettext_lazy("token", "revoked")
    USED = 2, _("used")


class Found(IntegerChoices):
    """What is known of an unspent invitation (`minping_engine.terms.Disposition`)."""

    NOTHING = 0, _("nothing yet")
    PARTIAL = 2, _("partial")
    REFUSAL = 3, _("refused to answer")
    NON_CONTACT = 4, _("not reached")
    OTHER_NONRESPONSE = 5, _("other nonresponse")
    UNKNOWN_ELIGIBILITY = 6, _("eligibility unknown")
    NOT_ELIGIBLE = 7, _("not eligible")


class AccidentKind(TextChoices):
    """What may be done to a round out of the ordinary; each takes a reason and leaves an entry."""

    POSTPONE = "postpone", _("postponed")
    EXTEND = "extend", _("extended")
    STOP = "stop", _("stopped")
    RESUME = "resume", _("resumed")
    CANCEL = "cancel", _("cancelled")
    REPRINT = "reprint", _("printed again")
    REVOKE = "revoke", _("batch revoked")
    RERUN = "rerun", _("area asked again")
    STOP_AREA = "stop_area", _("area stopped")


class Purpose(TextChoices):
    """Why a batch of tokens was made."""

    INVITE = "invite", _("Invitation")
    REMIND = "remind", _("Reminder")
    REISSUE = "reissue", _("New token for one household")


class Reserves(TextChoices):
    """Whether replacements may be asked, and when: in their order, one for each that is out for good."""

    NONE = "none", _("No replacements")
    BY_AREA = "by_area", _("One replacement, in order, for each unit that turned out not eligible")


TWO_PERSONS = frozenset({AccidentKind.CANCEL, AccidentKind.REPRINT, AccidentKind.RERUN, AccidentKind.EXTEND})
"""Accidents that cost money, discard votes or move the end: a second person approves."""
FINAL = frozenset({Found.NOT_ELIGIBLE})
"""After these a replacement may be asked: replacing those who refuse would choose the willing."""
