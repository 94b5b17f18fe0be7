"""Forms of schemes: the filters of lists, and what freezing asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_engine.errors import Place, Problem
from minping_engine.scheme import UsedValue
from minping_engine.terms import AssesseeKind, label
from minping_web.common.problems import RefusedError
from minping_web.schemes.rules import LONGEST_VALUE, shown_value, value_of
from minping_web.schemes.selectors.library import Entry, page_language

ANY = [("", _("any"))]
STATES = (
    ("ready", _("ready")),
    ("unfilled", _("values missing")),
    ("questionnaire", _("with a questionnaire")),
    ("disabled", _("must not run")),
    ("broken", _("has faults")),
)


MOST_LINES = 16
"""A longer table scrolls inside its field, so that the button stays within reach."""
UNITS: dict[str, Any] = {
    "points": pgettext_lazy("unit", "points"),
    "percent": "%",
    "percent of ballots": pgettext_lazy("unit", "percent of ballots"),
    "share": pgettext_lazy("unit", "share, 0 to 1"),
    "number": pgettext_lazy("unit", "number"),
    "count": pgettext_lazy("unit", "number"),
    "persons": pgettext_lazy("unit", "persons"),
    "person": pgettext_lazy("unit", "persons"),
    "households": pgettext_lazy("unit", "households"),
    "household": pgettext_lazy("unit", "households"),
    "ballots": pgettext_lazy("unit", "ballots"),
    "times": pgettext_lazy("unit", "times"),
    "minutes": pgettext_lazy("unit", "minutes"),
    "hours": pgettext_lazy("unit", "hours"),
    "days": pgettext_lazy("unit", "days"),
    "years": pgettext_lazy("unit", "years"),
    "fen": pgettext_lazy("unit", "fen (1/100 yuan)"),
    "text": pgettext_lazy("unit", "in words"),
    "comments": pgettext_lazy("unit", "comments"),
    "assessees": pgettext_lazy("unit", "assessed ones"),
}
"""Units of the library's values in the language of the page."""


class LibraryForm(forms.Form):
    """What the library is narrowed to."""

    search = forms.CharField(label=_("Name or number"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("Who is assessed"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[*ANY, *STATES])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["search"].widget.input_type = "search"
        kinds = [(kind.value, label(kind, page_language())) for kind in AssesseeKind]
        self.fields["kind"].choices = [*ANY, *kinds]  # type: ignore[attr-defined]


class RegisterForm(forms.Form):
    """What the register of frozen versions is narrowed to."""

    search = forms.CharField(label=_("Name or number"), required=False, max_length=60)
    use = forms.ChoiceField(
        label=_("Use"),
        required=False,
        choices=[*ANY, ("pilot", _("pilot")), ("regular", _("in earnest"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["search"].widget.input_type = "search"


class FreezeForm(forms.Form):
    """The decision, whether it is a pilot, and the values that nobody published."""

    note = forms.CharField(
        label=_("Decision taken"),
        max_length=200,
        help_text=_("Who decided on this scheme, when, under which number."),
    )
    pilot = forms.BooleanField(
        label=_("Pilot"),
        required=False,
        help_text=_("Tried in some streets first; its results have no consequences until the pilot ends."),
    )

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert entry.loaded is not None
        self.open_values = [value for value in entry.loaded.values.values() if value.origin == "unfilled"]
        for value in self.open_values:
            self.fields[f"value_{value.id}"] = _field_of(value)

    def values(self) -> dict[str, Any]:
        """What was filled in, by id. Raises `RefusedError` with everything that cannot be read."""
        found, problems = {}, []
        for value in self.open_values:
            text = self.cleaned_data[f"value_{value.id}"].strip()
            try:
                if text:
                    found[value.id] = value_of(text)
            except ValueError:
                titles: dict[str, object] = {"title": value.title_zh, "title_en": value.title_en}
                problems.append(Problem("schemes.not_a_value", Place(key=value.id), titles))
        if problems:
            raise RefusedError(problems)
        return found


def _field_of(value: UsedValue) -> forms.Field:
    """A table is written in the form of the example, which stands grey in the field until one types."""
    title = value.title_en if page_language() == "en" else value.title_zh
    is_table = isinstance(value.value, dict | list)
    example = shown_value(value.value)
    rows = min(example.count("\n") + 2, MOST_LINES)
    attributes = {"rows": rows, "spellcheck": "false", "placeholder": example}
    help_text = _("Leave it empty if it is not decided yet. The grey text shows how to write it.")
    if not is_table:
        help_text = _("Leave it empty if it is not decided yet. Only as an example: %(example)s")
    return forms.CharField(
        label=title if is_table else f"{title} ({UNITS.get(value.unit, value.unit)})",
        required=False,
        max_length=LONGEST_VALUE,
        strip=False,
        widget=forms.Textarea(attrs=attributes) if is_table else forms.TextInput(),
        help_text=help_text % {"example": example[:40]},
    )
