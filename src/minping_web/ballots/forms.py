"""Forms of residents' reports and of paper work: what a page asks, checked before a service is called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from minping_web.ballots.rules.usual import fields
from minping_web.ballots.rules.words import Pressure
from minping_web.ballots.services.reports import LONGEST_CONTACT, LONGEST_TEXT

STATES = [
    ("", _("any")),
    ("new", _("not looked at")),
    ("seen", _("has been looked at")),
    ("passed", _("passed on")),
]


def field_choices() -> list[tuple[str, str]]:
    """The fourteen fields in the language of the page."""
    language = get_language() or "zh-hans"
    return [(code, words.said(language)) for code, words in fields()]


class PressureForm(forms.Form):
    """Someone is telling me what to answer."""

    kind = forms.ChoiceField(
        choices=Pressure.choices, error_messages={"required": _("Please choose one answer.")}
    )
    text = forms.CharField(required=False, max_length=LONGEST_TEXT)


class ProblemForm(forms.Form):
    """A problem that cannot wait."""

    field = forms.ChoiceField(
        choices=field_choices, error_messages={"required": _("Please choose one answer.")}
    )
    text = forms.CharField(
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Please say in a few words what is wrong and where.")},
    )
    contact = forms.CharField(required=False, max_length=LONGEST_CONTACT)
    urgent = forms.BooleanField(required=False)


class ReportFilterForm(forms.Form):
    """Narrows a list of reports."""

    q = forms.CharField(label=_("Area"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)

    def __init__(self, *args: Any, kinds: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("any")), *kinds]  # type: ignore[attr-defined]
