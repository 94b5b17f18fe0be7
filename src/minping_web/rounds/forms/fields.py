"""What several forms of rounds share: calendars, counts, a reason, places to choose."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from minping_web.common.scope import Scope, within
from minping_web.frames.models import Frame
from minping_web.places.models import Area
from minping_web.rounds.models import RoundArea, SurveyRound
from minping_web.rounds.rules.words import Channel

MODES = (Channel.SMS, Channel.QR, Channel.PHONE, Channel.VISIT, Channel.PAPER, Channel.WEB)
ANY = [("", _("any"))]


def any_place(title: Any, whole: Any) -> Any:
    """A place that may be left open; `whole` says what that means, in the language of the page."""
    return forms.ModelChoiceField(
        label=title, queryset=Area.objects.none(), required=False, empty_label=whole
    )  # fmt: skip


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


class FrameSelect(forms.Select):
    """Frames that are not sealed stand in the list, so that nobody looks for them, and cannot be chosen."""

    def create_option(self, name: str, value: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        """One frame."""
        option: dict[str, Any] = super().create_option(name, value, *arguments, **named)
        frame = getattr(value, "instance", None)
        if frame is not None and frame.state != Frame.State.SEALED:
            option["attrs"]["disabled"] = True
        return option


class FrameField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Sealed frames with their size; of the others, why not."""

    widget = FrameSelect
    default_error_messages = {
        "not_sealed": _("This frame is not sealed yet. Have it sealed on its page, then choose it here.")
    }

    def label_from_instance(self, obj: Frame) -> str:
        """As the list shows it."""
        if obj.state == Frame.State.SEALED and obj.sealed_at:
            told = {"name": obj.name, "n": localize(obj.units), "day": f"{localtime(obj.sealed_at):%Y-%m-%d}"}
            return _("%(name)s (sealed %(day)s, %(n)s units)") % told
        state = obj.get_state_display()
        return _("%(name)s – cannot be chosen yet: %(state)s") % {"name": obj.name, "state": state}

    def clean(self, value: Any) -> Frame | None:
        """A draft could still be made to please when the seed is known."""
        found: Frame | None = super().clean(value)
        if found is not None and found.state != Frame.State.SEALED:
            raise forms.ValidationError(self.error_messages["not_sealed"], code="not_sealed")
        return found


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
