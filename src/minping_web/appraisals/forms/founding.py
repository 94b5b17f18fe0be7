"""The form of a round without a survey: scheme, period, and who of the registers is assessed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minping_web.appraisals.selectors.roster import schemes_without_survey
from minping_web.organisations.models import Organisation
from minping_web.people.models import Person
from minping_web.places.models import Area


class PlaceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Streets and communities by name and code."""

    def label_from_instance(self, obj: Area) -> str:
        """As lists name them."""
        return f"{obj.name} ({obj.code})"


class WithoutSurveyForm(forms.Form):
    """What a round without a survey needs."""

    scheme = forms.ChoiceField(label=_("frozen scheme"))
    name = forms.CharField(label=_("name"), max_length=80)
    period = forms.CharField(
        label=_("assessment period"), max_length=12, help_text=_("2026Q3, 2026-09, 2026H2 or 2026")
    )
    inside = PlaceField(
        Area.objects.filter(level__in=("street", "community")).order_by("path"), label=_("only inside"),
        required=False, empty_label=_("whole district"),
    )  # fmt: skip
    people = forms.MultipleChoiceField(
        label=_("Which people, if the scheme assesses people"), choices=Person.Kind.choices, required=False,
        widget=forms.CheckboxSelectMultiple, initial=[Person.Kind.COMMUNITY_WORKER],
    )  # fmt: skip
    bodies = forms.MultipleChoiceField(
        label=_("Which organisations, if the scheme assesses organisations"),
        choices=Organisation.Kind.choices, required=False, widget=forms.CheckboxSelectMultiple,
        initial=[Organisation.Kind.CONTRACTOR, Organisation.Kind.SOCIAL_ORGANISATION],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = {str(one.pk): one for one in schemes_without_survey()}
        choices = [(key, str(one)) for key, one in self.versions.items()]
        self.fields["scheme"].choices = choices  # type: ignore[attr-defined]
