"""The form for opening records to an auditor."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class OpenRecordsForm(forms.Form):
    """Why, and which part of the log."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("One sentence. It is entered in the log together with your name's number."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    first = forms.IntegerField(label=_("From index"), min_value=0, required=False)
    last = forms.IntegerField(label=_("To index"), min_value=0, required=False)

    def __init__(self, *args: object, kinds: list[tuple[str, int]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [("", _("all kinds")), *((kind, f"{kind} ({count})") for kind, count in kinds)]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
