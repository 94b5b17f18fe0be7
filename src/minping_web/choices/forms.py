"""Forms of two-way choice: dates and rules, posted grids with conditions, the drawn value, reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from minping_web.choices.models import PostedGrid, Proposing, TieRule, TwoWayChoice
from minping_web.choices.models.sides import MOST_SEATS
from minping_web.choices.selectors.choices import areas_to_hold
from minping_web.choices.services.extending import FIELDS, extendable
from minping_web.choices.services.preparing import ChoiceDraft
from minping_web.common.scope import Scope
from minping_web.people.models import Certificate, Skill
from minping_web.people.rules import SINGLE_ROLES, PostingRole
from minping_web.places.models import Area


class MomentInput(forms.DateTimeInput):
    """The browser's own calendar with a clock."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


if TYPE_CHECKING:
    AreaChoice = forms.ModelChoiceField[Area]
else:  # the class of Django takes no parameter
    AreaChoice = forms.ModelChoiceField


class AreaField(AreaChoice):
    """Areas by name with what is around."""

    def label_from_instance(self, obj: Area) -> str:
        """As lists name them."""
        return " · ".join([obj.name, *(area.name for area in reversed(obj.around))])


class ChoiceForm(forms.Form):
    """Dates and rules."""

    name = forms.CharField(label=_("Name"), max_length=80)
    area = AreaField(Area.objects.none(), label=_("Street or district"))
    choose_from = forms.DateTimeField(label=_("People choose from"), widget=MomentInput())
    choose_until = forms.DateTimeField(label=_("People choose until"), widget=MomentInput())
    choose_back_until = forms.DateTimeField(label=_("Communities choose back until"), widget=MomentInput())
    takes_effect_on = forms.DateField(
        label=_("New postings from"), widget=DayInput(),
        help_text=_("Leave some days for mediation and handover."),
    )  # fmt: skip
    proposing = forms.ChoiceField(label=_("Who proposes"), choices=Proposing.choices)
    ties = forms.ChoiceField(
        label=_("Who goes first among equals"), choices=TieRule.choices,
        help_text=_("One order for all lists, fixed before anybody chooses."),
    )  # fmt: skip
    seed_source = forms.CharField(
        label=_("Public draw"), max_length=200, required=False,
        help_text=_("Only for a draw: which one, after communities have chosen back."),
    )  # fmt: skip
    seed_on = forms.DateField(label=_("Day of the public draw"), widget=DayInput(), required=False)
    seed_form = forms.CharField(
        label=_("Spelling of the value"), max_length=60, required=False,
        help_text=_("# is one digit, for example ## ## ## ## ## ## ##"),
    )  # fmt: skip

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["area"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = areas_to_hold(scope).select_related("parent__parent")

    def draft(self) -> ChoiceDraft:
        """What was typed."""
        return ChoiceDraft(**self.cleaned_data)


def first_values(choice: TwoWayChoice) -> dict[str, Any]:
    """For editing."""
    return {name: getattr(choice, name) for name in ChoiceForm.base_fields}


class GridForm(forms.Form):
    """Seats and conditions of a posted grid."""

    role = forms.ChoiceField(label=_("Role"), choices=PostingRole.choices)
    seats = forms.IntegerField(
        label=_("Seats"), min_value=0, max_value=MOST_SEATS, initial=1,
        help_text=_("An owner or warden is one; other roles may have several seats."),
    )  # fmt: skip
    difficulties = forms.CharField(
        label=_("What is hard there"), max_length=300, required=False,
        help_text=_("For example old buildings without lifts, many living alone. No names."),
    )  # fmt: skip
    certificate = forms.ChoiceField(
        label=_("Certificate"), required=False, choices=[("", "—"), *Certificate.Kind.choices]
    )
    skill = forms.ModelChoiceField(
        Skill.objects.filter(ended_on=None), label=_("Skill"), required=False, empty_label="—"
    )
    talents = forms.CharField(
        label=_("Talents wanted"), max_length=100, required=False,
        help_text=_("For a specialist of an L1 or L2 grid: what for, such as law or counselling."),
    )  # fmt: skip
    party_member = forms.BooleanField(
        label=_("Party members only"), required=False,
        help_text=_("Membership is not kept here: whoever chooses the grid declares it."),
    )  # fmt: skip
    language = forms.CharField(label=_("Language of the place"), max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        """One owner for an area."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("role") in SINGLE_ROLES and (found.get("seats") or 0) > 1:
            self.add_error("seats", _("An owner or warden is one person: offer one seat."))
        if found.get("role") != PostingRole.SPECIALIST:
            found["talents"] = ""
        elif not found.get("talents", "").strip():
            self.add_error("talents", _("Name what the specialist is wanted for."))
        return found


def first_grid_values(grid: PostedGrid) -> dict[str, Any]:
    """For editing."""
    return {name: getattr(grid, name) for name in GridForm.base_fields}


class GridsForm(GridForm):
    """Many grids at once with the same conditions."""

    areas = forms.ModelMultipleChoiceField(Area.objects.none(), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, areas: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["areas"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = areas


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ExtensionForm(ReasonForm):
    """Which deadline, until when, why."""

    deadline = forms.ChoiceField(label=_("Deadline"))
    until = forms.DateTimeField(label=_("New moment"), widget=MomentInput())
    field_order = ("deadline", "until", "reason")

    def __init__(self, *args: Any, choice: TwoWayChoice, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["deadline"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (one.value, f"{one.label}: {localtime(getattr(choice, FIELDS[one])):%Y-%m-%d %H:%M}")
            for one in extendable(choice)
        ]


class ValueForm(forms.Form):
    """What was drawn."""

    value = forms.CharField(label=_("Drawn value"), max_length=60, strip=False)
