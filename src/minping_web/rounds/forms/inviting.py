"""Forms of invitations and fieldwork: sendings, letters, one household, dispositions, areas."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minping_web.channels.models import Provider, TextVersion
from minping_web.common.scope import Scope
from minping_web.rounds.forms.fields import (
    MODES,
    any_place,
    places_to_choose,
    round_areas,
)
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.words import Found, Purpose

FOUND_CHOICES = [(one.value, one.label) for one in Found]


class SendingForm(forms.Form):
    """Messages to whom, in which words."""

    title = forms.CharField(label=_("Title of the sending"), max_length=80)
    purpose = forms.ChoiceField(
        label=_("Purpose of the sending"),
        choices=[(one.value, one.label) for one in (Purpose.INVITE, Purpose.REMIND)],
    )
    area = any_place(_("Place"), _("whole round"))
    modes = forms.MultipleChoiceField(
        label=_("Households whose first way of asking is"), required=False,
        choices=[(mode.value, mode.label) for mode in MODES], widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all."),
    )  # fmt: skip
    text_version = forms.ModelChoiceField(label=_("Approved text"), queryset=TextVersion.objects.none())
    provider = forms.ModelChoiceField(label=_("Provider"), queryset=Provider.objects.none())
    language = forms.ChoiceField(label=_("Language"), choices=[("zh", "中文"), ("en", "English")])
    budget = forms.DecimalField(label=_("Budget, yuan"), min_value=0, max_digits=10, decimal_places=2)

    def __init__(self, scope: Scope, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        fields: Any = self.fields
        fields["area"].queryset = places_to_choose(scope)
        approved = TextVersion.objects.filter(state="approved").select_related("text", "signature")
        fields["text_version"].queryset = approved
        fields["provider"].queryset = Provider.objects.filter(state=Provider.State.ACTIVE)

    @property
    def missing(self) -> str:
        """What has to be done first; empty when a text may be chosen."""
        fields: Any = self.fields
        if fields["text_version"].queryset.exists():
            return ""
        return str(_("No text is approved yet: write one under Text messages and have it approved."))

    @property
    def selection(self) -> dict[str, Any]:
        """As the batch keeps it."""
        told = self.cleaned_data
        area = {"area": told["area"].pk} if told.get("area") else {}
        return {**area, "modes": [int(mode) for mode in told["modes"]]}


class PrintForm(forms.Form):
    """Letters for whom, and who signs."""

    title = forms.CharField(label=_("Title of the print run"), max_length=80)
    area = any_place(_("Place"), _("whole round"))
    modes = forms.MultipleChoiceField(
        label=_("Households whose first way of asking is"), required=False,
        choices=[(mode.value, mode.label) for mode in MODES], widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all."),
    )  # fmt: skip
    office = forms.CharField(label=_("Office that signs"), max_length=60)
    telephone = forms.CharField(label=_("Telephone for questions"), max_length=30)

    def __init__(self, scope: Scope, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        fields: Any = self.fields
        fields["area"].queryset = places_to_choose(scope)

    @property
    def selection(self) -> dict[str, Any]:
        """As the batch keeps it."""
        told = self.cleaned_data
        area = {"area": told["area"].pk} if told.get("area") else {}
        return {**area, "modes": [int(mode) for mode in told["modes"]]}


class ReissueForm(forms.Form):
    """By which text and provider a household gets a new token."""

    text_version = forms.ModelChoiceField(label=_("Approved text"), queryset=TextVersion.objects.none())
    provider = forms.ModelChoiceField(label=_("Provider"), queryset=Provider.objects.none())

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        fields: Any = self.fields
        approved = TextVersion.objects.filter(state="approved", text__purpose="invite")
        fields["text_version"].queryset = approved.select_related("text", "signature")
        fields["provider"].queryset = Provider.objects.filter(state=Provider.State.ACTIVE)


class HouseForm(forms.Form):
    """One household by its house code, and why it is looked up."""

    house_code = forms.CharField(label=_("House code"), max_length=60)
    reason = forms.CharField(
        label=_("Reason"), max_length=150,
        help_text=_("Who asks and why; it is kept with your name in the log of accesses."),
    )  # fmt: skip


class DispositionsForm(forms.Form):
    """What fieldwork found, a line for each household."""

    text = forms.CharField(
        label=_("House code, disposition"), widget=forms.Textarea(attrs={"rows": 10}), max_length=60_000,
        help_text=_("One household a line, for example: A-0001,refused. Words or numbers as listed."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=200,
        help_text=_("Where this comes from, for example: visits of 12 November, lists of team 2."),
    )  # fmt: skip


class DispositionReasonForm(forms.Form):
    """Where a file comes from."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200,
        help_text=_("Where this comes from, for example: visits of 12 November, lists of team 2."),
    )  # fmt: skip


class ReservesForm(forms.Form):
    """Where replacements are released."""

    area = any_place(_("Area"), _("all areas"))

    def __init__(self, survey_round: SurveyRound, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        fields: Any = self.fields
        fields["area"].queryset = round_areas(survey_round)


class AreaSearchForm(forms.Form):
    """The list of areas."""

    search = forms.CharField(label=_("Area"), required=False, max_length=60)
    show = forms.ChoiceField(
        label=_("Which areas"), required=False,
        choices=[("", _("all areas")), ("behind", _("behind the target")), ("stopped", _("stopped"))],
    )  # fmt: skip
