"""The steps of a two-way choice; which one it is follows from what was decided and from the clock.

In: the kept state, the three dates, this moment. Out: the phase. No job has to run for a deadline to
hold: whoever writes a list asks for the phase in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(TextChoices):
    """What was decided; each is entered once."""

    DRAFT = "draft", _("being prepared")
    POSTED = "posted", pgettext_lazy("choice", "posted")
    MATCHING = "matching", _("being matched")
    MATCHED = "matched", _("matched")
    AGREED = "agreed", pgettext_lazy("choice", "agreed")
    CARRYING = "carrying_out", _("postings are being written")
    CARRIED_OUT = "carried_out", pgettext_lazy("choice", "carried out")
    CALLED_OFF = "called_off", _("called off")


class Phase(TextChoices):
    """Where it stands now, as people see it."""

    DRAFT = "draft", _("being prepared")
    POSTED = "posted", pgettext_lazy("choice", "posted")
    CHOOSING = "choosing", _("people choose")
    CHOOSING_BACK = "choosing_back", _("communities choose back")
    LISTED = "listed", _("lists are closed")
    MATCHING = "matching", _("being matched")
    MATCHED = "matched", _("matched")
    MEDIATION = "mediation", _("mediation")
    AGREED = "agreed", pgettext_lazy("choice", "agreed")
    CARRYING = "carrying_out", _("postings are being written")
    CARRIED_OUT = "carried_out", pgettext_lazy("choice", "carried out")
    CALLED_OFF = "called_off", _("called off")


STEPS = tuple(phase for phase in Phase if phase not in {Phase.MATCHING, Phase.CARRYING, Phase.CALLED_OFF})
"""In order, for the line at the top of the page."""
SHOWING_LISTS = frozenset({State.MATCHED, State.AGREED, State.CARRYING, State.CARRIED_OUT})
"""States in which lists have become results."""


@dataclass(frozen=True)
class Dates:
    """When people choose, and until when communities choose back."""

    choose_from: datetime
    choose_until: datetime
    choose_back_until: datetime


def phase_of(state: str, dates: Dates, moment: datetime, *, mediating: bool = False) -> Phase:
    """Where it stands. The moment of a deadline itself is already too late."""
    if state == State.MATCHED and mediating:
        return Phase.MEDIATION
    if state != State.POSTED:
        return Phase(state)
    if moment < dates.choose_from:
        return Phase.POSTED
    if moment < dates.choose_until:
        return Phase.CHOOSING
    return Phase.CHOOSING_BACK if moment < dates.choose_back_until else Phase.LISTED


class Tone(TextChoices):
    """How a phase is coloured."""

    OFF = "off"
    INFO = "info"
    WARN = "warn"
    OK = "ok"


TONES = {
    Phase.DRAFT: Tone.OFF,
    Phase.CALLED_OFF: Tone.OFF,
    Phase.LISTED: Tone.WARN,
    Phase.MEDIATION: Tone.WARN,
    Phase.AGREED: Tone.OK,
    Phase.CARRIED_OUT: Tone.OK,
}


def tone_of(phase: Phase) -> str:
    """The class of its tag."""
    return TONES.get(phase, Tone.INFO).value
