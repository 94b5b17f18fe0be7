"""Forms of the register of snapshots: why a copy is taken, what is brought, what is known of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.selectors.library import page_language


class CopyForm(forms.Form):
    """Why a copy is taken."""

    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class BringForm(forms.Form):
    """A sealed folder as ZIP."""

    file = forms.FileField(
        label=_("Sealed folder as ZIP"),
        help_text=_("At most 20 MB. Larger ones are brought on the server: “minping take-over FOLDER”."),
    )


class TakeOverForm(forms.Form):
    """What the folder does not say of the round."""

    name = forms.CharField(
        label=_("Name of the round"), max_length=120, help_text=_("Everybody reads it: no names of persons.")
    )
    scheme = forms.ModelChoiceField(
        label=_("Scheme"),
        queryset=SchemeVersion.objects.none(),
        help_text=_("The frozen version by which it is assessed here."),
    )
    opened_on = forms.DateField(
        label=_("First day of the survey"), widget=forms.DateInput(attrs={"type": "date"})
    )
    ended_on = forms.DateField(
        label=_("Last day of the survey"), widget=forms.DateInput(attrs={"type": "date"})
    )
    is_pilot = forms.BooleanField(label=_("It was a pilot"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found: Any = self.fields["scheme"]
        found.queryset = SchemeVersion.objects.defer("files")
        found.label_from_instance = _named


def _named(version: SchemeVersion) -> str:
    title = version.title_zh if page_language() == "zh" else version.title_en
    return f"{title} {version.label}"
