"""What several forms of rounds share: calendars, counts, a reason, places to choose."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minping_web.common.scope import Scope, within
from minping_web.places.models import Area
from minping_web.rounds.models import RoundArea, SurveyRound
from minping_web.rounds.rules.words import Channel

MODES = (Channel.SMS, Channel.QR, Channel.PHONE, Channel.VISIT, Channel.PAPER, Channel.WEB)
ANY = [("", _("any"))]


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """The browser's own calendar with a clock."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


def count(title: Any, low: int, high: int, **named: Any) -> forms.IntegerField:
    return forms.IntegerField(label=title, min_value=low, max_value=high, **named)


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


def places_to_choose(scope: Scope) -> Any:
    """Streets and communities, for choosing a part of a round."""
    levels = (Area.Level.STREET, Area.Level.COMMUNITY)
    return within(Area.objects.all(), scope, "places.view").filter(level__in=levels).order_by("path")


def round_areas(survey_round: SurveyRound) -> Any:
    """Areas of a round."""
    ids = RoundArea.objects.filter(round=survey_round).values("area_id")
    return Area.objects.filter(pk__in=ids).order_by("path")
