"""Forms of what is done to a round out of the ordinary, each with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from minping_web.common.scope import Scope
from minping_web.places.models import Area
from minping_web.rounds.forms.fields import (
    MomentInput,
    ReasonForm,
    any_place,
    count,
    places_to_choose,
    round_areas,
)
from minping_web.rounds.models import SurveyRound


class PostponeForm(ReasonForm):
    """By how long."""

    days = count(_("Days later"), 1, 120)


class ExtendForm(ReasonForm):
    """Until when."""

    closes_at = forms.DateTimeField(label=_("New end"), widget=MomentInput)

    @property
    def moment(self) -> datetime:
        """With its time zone."""
        found: datetime = self.cleaned_data["closes_at"]
        return found if timezone.is_aware(found) else timezone.make_aware(found)


class AreaReasonForm(ReasonForm):
    """Which area, and why."""

    area = forms.ModelChoiceField(label=_("Area"), queryset=Area.objects.none())

    def __init__(self, survey_round: SurveyRound, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        fields: Any = self.fields
        fields["area"].queryset = round_areas(survey_round)


class ReprintForm(ReasonForm):
    """Where letters are printed again, and who signs."""

    area = any_place(_("Place"), _("whole round"))
    office = forms.CharField(label=_("Office that signs"), max_length=60)
    telephone = forms.CharField(label=_("Telephone for questions"), max_length=30)

    def __init__(self, scope: Scope, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        fields: Any = self.fields
        fields["area"].queryset = places_to_choose(scope)
