"""Closed lists of coaching in the words of pages.

States of a plan are entered once, but for a step back that the worker asks for: help is no punishment, so
declining is an answer like any other and ends the matter without a mark (S9, D14).
"""

from __future__ import annotations

from datetime import time
from typing import Literal

from django.db.models import TextChoices
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class PlanState(TextChoices):
    """From the proposal of a rule or of an office to the end."""

    PROPOSED = "proposed", pgettext_lazy("coaching plan", "proposed")
    AGREED = "agreed", pgettext_lazy("coaching plan", "agreed")
    RUNNING = "running", pgettext_lazy("coaching plan", "running")
    ENDED = "ended", pgettext_lazy("coaching plan", "ended")
    DECLINED = "declined", pgettext_lazy("coaching plan", "declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("coaching plan", "withdrawn")


OPEN = (PlanState.PROPOSED, PlanState.AGREED, PlanState.RUNNING)
HELPED = (PlanState.RUNNING, PlanState.ENDED)
"""States in which help has begun."""


class Level(TextChoices):
    """Who helps: the steps of the ladder (S9)."""

    COMMUNITY = "community", pgettext_lazy("coaching", "community")
    STREET = "street", pgettext_lazy("coaching", "street")
    DISTRICT = "district", pgettext_lazy("coaching", "district")


class Side(TextChoices):
    """Where a period's result stands, as the ladder counts it."""

    BEHIND = "behind", pgettext_lazy("coaching", "behind")
    BETWEEN = "between", pgettext_lazy("coaching", "between")
    AHEAD = "ahead", pgettext_lazy("coaching", "ahead")
    NOT_ASSESSED = "not_assessed", pgettext_lazy("coaching", "not assessed")


class Known(TextChoices):
    """Answers to the three questions of the secretary's talk."""

    YES = "yes", pgettext_lazy("coaching talk", "yes")
    PARTLY = "partly", pgettext_lazy("coaching talk", "partly")
    NO = "no", pgettext_lazy("coaching talk", "no")


class PartnerState(TextChoices):
    """Whoever is asked to help may say no."""

    ASKED = "asked", pgettext_lazy("coaching partner", "asked")
    ACCEPTED = "accepted", pgettext_lazy("coaching partner", "accepted")
    DECLINED = "declined", pgettext_lazy("coaching partner", "declined")


class StepKind(TextChoices):
    """What helps (S9, S13, S70)."""

    TALK = "talk", _("Talk with the secretary")
    PAIRING = "pairing", _("Meeting with the experienced colleague")
    VISIT = "visit", _("Accompanied visits")
    REVIEW = "review", _("Review after the visits")
    COURSE = "course", pgettext_lazy("coaching", "Course")
    CONTACT_CARD = "contact_card", _("Contact cards handed out")
    EVENING_HOURS = "evening_hours", _("Evening hours for residents")
    COUNTER = "counter", _("Days at the counter with the stand-in")
    RELIEF = "relief", _("Forms taken off the desk")
    OTHER = "other", pgettext_lazy("coaching step", "Something else")


class EndedAs(TextChoices):
    """What came of a plan, as the pair sees it; what it did to scores says the page of effects."""

    REACHED = "reached", _("goals reached")
    PARTLY = "partly", _("partly reached")
    NOT_REACHED = "not_reached", pgettext_lazy("coaching result", "not reached")
    BROKEN_OFF = "broken_off", _("broken off")


class CauseState(TextChoices):
    """What is not the worker's goes to whom it belongs (S12, D2)."""

    OPEN = "open", pgettext_lazy("cause", "open")
    PASSED_ON = "passed_on", pgettext_lazy("cause", "passed on")
    SOLVED = "solved", pgettext_lazy("cause", "solved")


class CourseLevel(TextChoices):
    """Whom a course is for; the engine's words."""

    FOUNDATION = "foundation", pgettext_lazy("course", "foundation")
    REFRESHER = "refresher", pgettext_lazy("course", "refresher")
    TEACHING = "teaching", pgettext_lazy("course", "teaching")


class EnrolmentState(TextChoices):
    """A seat in a course."""

    ENROLLED = "enrolled", pgettext_lazy("course", "enrolled")
    ATTENDED = "attended", pgettext_lazy("course", "attended")
    ABSENT = "absent", pgettext_lazy("course", "did not come")
    CANCELLED = "cancelled", pgettext_lazy("course", "cancelled")


class StoryState(TextChoices):
    """A story is shown when its worker and the office said yes."""

    OFFERED = "offered", pgettext_lazy("story", "offered")
    SHOWN = "shown", pgettext_lazy("story", "shown")
    REFUSED = "refused", pgettext_lazy("story", "not shown")
    WITHDRAWN = "withdrawn", pgettext_lazy("story", "withdrawn")


LATEST_EVENING = time(20, 30)
"""Evening hours end by then: visits in the evening, but not too late (S13)."""
MOST_MINUTES = 8 * 60
"""Of one step; a longer one is several steps."""
LONGEST_REMARK = 60
"""Characters when a step is ticked off: a few words and no report (G2)."""

PLEDGE = (
    _("Invited, I come."),
    _("Where something is to be done, I do it."),
    _("Where somebody asks, I answer."),
    _("Where somebody is in need, I help."),
)
"""有请必到、有事必办、有求必应、有难必帮: offered as a beginning, to be put in own words (S87)."""


def page_language() -> Literal["zh", "en"]:
    """`zh` or `en`, as the engine knows languages."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"


def of_language(texts: dict[str, str]) -> str:
    """One of two stored texts."""
    return texts.get(page_language()) or texts.get("zh", "")
