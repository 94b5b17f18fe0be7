"""Closed lists of previews and objections: what is objected to, how it ended, what may be left out."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Subject(TextChoices):
    """What an objection is against. A single secret ballot is not among them, and never will be."""

    FACT = "fact", _("A fact: a figure, a cost, a verified complaint")
    APPRAISAL = "appraisal", _("Marks by supervisors, peers, experts or representatives")
    PLACE_DATA = "place_data", _("Figures that say how hard my place is")
    BATCH = "batch", _("A batch of interviews")
    ROUND = "round", _("The whole round of my area")
    AUTOMATED = "automated", _("The automated scoring: explain it and have a person look at it")
    OTHER = "other", _("Something else")


OF_PERSONS = tuple(Subject)
OF_PLACES = tuple(one for one in Subject if one != Subject.AUTOMATED)
"""Only a person may ask a person to look at an automated decision."""


class Outcome(TextChoices):
    """How an objection stands."""

    OPEN = "open", pgettext_lazy("objection", "under review")
    GRANTED = "granted", pgettext_lazy("objection", "granted")
    PARTLY = "partly", pgettext_lazy("objection", "granted in part")
    REFUSED = "refused", pgettext_lazy("objection", "refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("objection", "withdrawn")


DECIDED = (Outcome.GRANTED, Outcome.PARTLY, Outcome.REFUSED)
WON = (Outcome.GRANTED, Outcome.PARTLY)


class Left(TextChoices):
    """What an exclusion leaves out of the count."""

    BATCHES = "batches", _("Batches of interviews")
    AREA = "area", _("The whole round of an area")


class Cause(TextChoices):
    """Why something is left out: a closed list, so that leaving out can be counted and compared."""

    FABRICATED = "fabricated", _("Interviews were made up or answered by others")
    PRESSURE = "pressure", _("Residents were told what to answer")
    WRONG_PLACE = "wrong_place", _("Other households than the drawn ones were asked")
    THREAT = "threat", _("Threat or extortion by mass complaint")
    ACCIDENT = "accident", _("Accident or force majeure in the place")
    TECHNICAL = "technical", _("Technical fault of the survey")


class ExclusionState(TextChoices):
    """An exclusion holds only with two signatures."""

    WAITING = "waiting", _("waits for the second signature")
    HOLDS = "holds", _("holds")
    NOT_SIGNED = "not_signed", _("not signed")
    LIFTED = "lifted", _("lifted after an appeal")


class Side(TextChoices):
    """Who appeals: either side may."""

    CONCERNED = "concerned", _("Who is hit by the exclusion")
    ASKED = "asked", _("Who asked for the exclusion in vain")


class CorrectionState(TextChoices):
    """How far the carrying out of granted objections is."""

    WAITING = "waiting", _("waiting")
    MADE = "made", _("new version of the data sealed")
    FAILED = "failed", _("not possible")
