"""Closed lists of appraisals in words, and who may be called for which rater group."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from minping_web.access.rules import Role


class ValueTable(TextChoices):
    """Tables of the snapshot that single values go to."""

    FACTS = "facts", _("Fact")
    COSTS = "costs", _("Cost")
    VISITS = "visits", _("Households visited")


class Heard(TextChoices):
    """What the person concerned said before it is decided (D11)."""

    STATEMENT = "statement", _("made a statement")
    DECLINED = "declined", _("was asked and says nothing")
    UNREACHED = "unreached", _("could not be reached, twice")


class BookState(TextChoices):
    """A workbook counts once; the next one of the round takes its place."""

    PROPOSED = "proposed", _("waits for a second person")
    COUNTS = "counts", _("counts")
    REPLACED = "replaced", _("replaced")


class SealState(TextChoices):
    """A closing waits, runs, and ends with a snapshot or with what hindered it."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("not possible")


UNDER_WAY = (SealState.WAITING, SealState.RUNNING)

CALLABLE: dict[str, tuple[Role, ...]] = {
    "bureau": (Role.DISTRICT_BUREAU,),
    "experts": (Role.EXPERT,),
    "professional_association": (Role.EXPERT,),
    "peers": (Role.PEER,),
    "supervisors": (Role.STREET_STAFF, Role.COMMUNITY_STAFF, Role.DISTRICT_BUREAU),
    "leaders": (Role.STREET_STAFF, Role.DISTRICT_BUREAU),
    "representatives": (Role.REPRESENTATIVE, Role.RESIDENT_REPRESENTATIVE),
    "resident_representatives": (Role.RESIDENT_REPRESENTATIVE, Role.REPRESENTATIVE),
    "volunteers": (Role.REPRESENTATIVE,),
    "units": (Role.REPRESENTATIVE,),
    "social_organisations": (Role.REPRESENTATIVE,),
    "residents": (Role.RESIDENT_REPRESENTATIVE,),
    "service_users": (Role.RESIDENT_REPRESENTATIVE,),
}
"""Source of a rater group -> roles whose holders may be called. Who has no account comes by workbook."""

SOURCES: dict[str, str | Promise] = {
    "bureau": _("bureau"),
    "experts": _("experts"),
    "professional_association": _("professional association"),
    "peers": _("peers"),
    "supervisors": _("supervisors"),
    "leaders": _("leaders"),
    "representatives": _("representatives"),
    "resident_representatives": _("residents' representatives"),
    "volunteers": _("volunteers"),
    "units": _("units"),
    "social_organisations": _("social organisations"),
    "residents": _("residents"),
    "service_users": _("people who used the service"),
}

UNITS: dict[str, str | Promise] = {
    "points": _("points"),
    "percent": _("per cent"),
    "share": _("share (0 to 1)"),
    "count": _("how many"),
    "households": _("households"),
    "persons": _("people"),
    "times": _("times"),
    "minutes": _("minutes"),
    "hours": _("hours"),
    "days": _("days"),
    "years": _("years"),
    "fen": _("fen"),
    "yuan": _("yuan"),
    "text": _("a word"),
    "truth": _("1 = yes, 0 = no"),
    "number": _("a number"),
}


def page_language() -> str:
    """`zh` or `en`, as the engine knows languages."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"
