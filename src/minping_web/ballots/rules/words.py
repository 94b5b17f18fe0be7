"""Closed lists of ballots: states of a closing, of sheets and of reports."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ClosingState(TextChoices):
    """The states of a closing, in order (vote.md)."""

    OPEN = "open", _("voting goes on")
    CLOSING = "closing", _("being closed")
    WRITTEN = "written", _("written")
    LOGGED = "logged", _("logged")
    PURGED = "purged", _("purged")


class Body(TextChoices):
    """The three bodies that hold a key; any two open a round."""

    BUREAU = "bureau", _("District bureau")
    THIRD_PARTY = "third_party", _("Third party")
    AUDITOR = "auditor", _("Auditor")


class SheetState(TextChoices):
    """A paper sheet: keyed once, twice and different, agreed and waiting, counted, refused."""

    ONCE = "once", _("keyed once")
    DIFFERENT = "different", _("keyings differ")
    AGREED = "agreed", _("agreed, waiting to be counted")
    CAST = "cast", _("counted")
    REFUSED = "refused", _("not counted")


class SheetReason(TextChoices):
    """Why a sheet was not counted."""

    VOTED = "voted", _("household had voted")
    PARTIAL = "partial", _("too few answers")
    UNKNOWN = "unknown", _("code not valid any more")
    ENDED = "ended", _("round or area had ended")


class Pressure(TextChoices):
    """How somebody is pressed to answer."""

    TOLD = "told", _("I was told which answers to give")
    WATCHED = "watched", _("Somebody watched while I answered")
    FILLED_IN = "filled_in", _("Somebody filled it in for me against my will")
    THREATENED = "threatened", _("I was threatened with disadvantages")
    REWARDED = "rewarded", _("I was promised something for good answers")
    TAKEN = "taken", _("Somebody took my letter or code")
    OTHER = "other", _("Something else")


class Reading(TextChoices):
    """What a member of staff did with a report."""

    READ = "read", _("read")
    SEEN = "seen", _("marked as looked at")
    PASSED = "passed", _("marked as passed on")
    EXPORT = "export", _("counts exported")
