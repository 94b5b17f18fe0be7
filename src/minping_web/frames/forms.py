"""Forms of frames: what a page asks, checked before a service is called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.frames.models import ContactAccess, Frame, ResidentRequest
from minping_web.frames.rules import ExclusionReason, Instrument, Kind, Rater, normal_phone
from minping_web.frames.selectors.units import UnitFilters, areas_to_choose

ANY = [("", _("any"))]


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PhoneField(forms.CharField):
    """A telephone number as digits."""

    def clean(self, value: Any) -> str:
        """Digits; an error that does not repeat the number."""
        text = super().clean(value)
        phone = normal_phone(text)
        if text and not phone:
            raise forms.ValidationError(_("This is no telephone number."))
        return phone


class ImportForm(forms.Form):
    """A file becomes a frame."""

    name = forms.CharField(label=_("Name of the frame"), max_length=80)
    as_of = forms.DateField(label=_("As of"), widget=DayInput)
    needed_until = forms.DateField(
        label=_("Contacts needed until"),
        widget=DayInput,
        help_text=_("Phones and addresses are erased 30 days after this day."),
    )
    file = forms.FileField(label=_("File (CSV or XLSX)"))


class FrameForm(forms.Form):
    """Name and end of purpose."""

    name = forms.CharField(label=_("Name of the frame"), max_length=80)
    needed_until = forms.DateField(label=_("Contacts needed until"), widget=DayInput)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("It is kept in the log with your name.")
    )


class ConfirmForm(forms.Form):
    """Load a checked file."""

    replaces = forms.ModelChoiceField(
        label=_("Takes the place of the draft"), queryset=Frame.objects.none(), required=False,
        empty_label=_("none, it stands beside"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drafts = Frame.objects.filter(state=Frame.State.DRAFT)
        self.fields["replaces"].queryset = drafts  # type: ignore[attr-defined]


class ExcludeForm(forms.Form):
    """House codes, one a line."""

    houses = forms.CharField(label=_("House codes, one a line"), widget=forms.Textarea(attrs={"rows": 8}))
    reason = forms.ChoiceField(label=_("Excluded because"), choices=ExclusionReason.choices)
    note = forms.CharField(label=_("How do you know"), max_length=200)

    def house_codes(self) -> list[str]:
        """What was entered, each once."""
        return list(
            dict.fromkeys(line.strip() for line in self.cleaned_data["houses"].splitlines() if line.strip())
        )


class SpecialForm(ReasonForm):
    """Which special families to list."""

    area = forms.ChoiceField(label=_("Street or community"), required=False)

    def __init__(self, *args: Any, scope: Scope, permission: str = "frames.contacts", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = {str(area.pk): area for area in areas_to_choose(scope, permission)}
        self.fields["area"].choices = [  # type: ignore[attr-defined]
            *ANY, *((key, area.name) for key, area in self.areas.items())
        ]  # fmt: skip


class ExportForm(SpecialForm):
    """Which contacts to export."""

    instrument = forms.ChoiceField(
        label=_("Questionnaire"), choices=[*ANY, *Instrument.choices], required=False
    )


class RequestForm(forms.Form):
    """What a resident asks."""

    kind = forms.ChoiceField(label=_("Asks to"), choices=ResidentRequest.Kind.choices)
    phone = PhoneField(label=_("Phone of the household"), max_length=40)
    channel = forms.ChoiceField(label=_("Came"), choices=ResidentRequest.Channel.choices)
    identity_check = forms.ChoiceField(
        label=_("How did you make sure who asks"), choices=ResidentRequest.Check.choices
    )
    received_on = forms.DateField(label=_("Received on"), widget=DayInput, initial=today)


class ContactForm(forms.Form):
    """The right contact."""

    phone = PhoneField(label=_("Phone"), max_length=40, required=False)
    second_phone = PhoneField(label=_("Second phone"), max_length=40, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)


class HoldForm(ReasonForm):
    """Stop the clocks of a frame."""

    frame = forms.ModelChoiceField(label=_("Frame"), queryset=Frame.objects.none())
    until = forms.DateField(label=_("Until"), widget=DayInput, help_text=_("At most a year."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = Frame.objects.filter(contacts_erased_at__isnull=True)
        self.fields["frame"].queryset = waiting  # type: ignore[attr-defined]


class KeysForm(forms.Form):
    """Make new keys."""

    index_too = forms.BooleanField(
        label=_("Also a new key for finding phones"), required=False,
        help_text=_("Needed only when that key may have leaked."),
    )  # fmt: skip


class UnitFilterForm(forms.Form):
    """Narrow the list of units."""

    area = forms.ChoiceField(label=_("Street or community"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[*ANY, *Kind.choices], required=False)
    instrument = forms.ChoiceField(
        label=_("Questionnaire"), choices=[*ANY, *Instrument.choices], required=False
    )
    rater = forms.ChoiceField(label=_("Who rates"), choices=[*ANY, *Rater.choices], required=False)
    reach = forms.ChoiceField(
        label=_("Can be reached"), choices=[*ANY, ("yes", _("yes")), ("no", _("no"))], required=False
    )
    left_out = forms.ChoiceField(
        label=_("Excluded"), required=False,
        choices=[*ANY, ("no", _("no")), ("yes", _("yes")), *ExclusionReason.choices],
    )  # fmt: skip
    search = forms.CharField(label=_("House code begins with"), max_length=60, required=False)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = {str(area.pk): area for area in areas_to_choose(scope, "frames.view")}
        self.fields["area"].choices = [  # type: ignore[attr-defined]
            *ANY, *((key, area.name) for key, area in self.areas.items())
        ]  # fmt: skip

    def filters(self) -> UnitFilters:
        """What was chosen; a word outside the lists is left out."""
        self.full_clean()  # what is outside the lists is left out; the rest still counts
        chosen = self.cleaned_data if self.is_bound else {}
        names = ("kind", "instrument", "rater", "reach", "left_out", "search")
        found = {name: chosen.get(name, "") for name in names}
        area = self.areas.get(chosen.get("area", ""))
        return UnitFilters(area_path=area.path if area else "", **found)


class LogFilterForm(forms.Form):
    """Narrow the log."""

    act = forms.ChoiceField(
        label=_("What was done"), choices=[*ANY, *ContactAccess.Act.choices], required=False
    )
    search = forms.CharField(label=_("Who or why"), max_length=60, required=False)
    first = forms.DateField(label=_("From"), widget=DayInput, required=False)
    last = forms.DateField(label=_("Until"), widget=DayInput, required=False)


class RequestFilterForm(forms.Form):
    """Narrow the list of requests."""

    state = forms.ChoiceField(
        label=_("State"), choices=[*ANY, *ResidentRequest.State.choices], required=False
    )
    kind = forms.ChoiceField(
        label=_("Asks to"), choices=[*ANY, *ResidentRequest.Kind.choices], required=False
    )


class FrameFilterForm(forms.Form):
    """Narrow the list of frames."""

    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[*ANY, *(pair for pair in Frame.State.choices if pair[0] != Frame.State.LOADING)],
    )  # fmt: skip
    search = forms.CharField(label=_("Name"), max_length=60, required=False)
