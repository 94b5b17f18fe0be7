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


class WitnessForm(forms.Form):
    """A body that signs checkpoints."""

    key = forms.CharField(
        label=_("Verifier key"),
        max_length=400,
        help_text=_("The line of the witness's file “witness-key.pub”. Compare it with its print by eye."),
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=300,
        required=False,
        help_text=_(
            "Where the witness answers, such as https://witness.example.cn. Empty: by a memory stick."
        ),
    )
    quorum = forms.IntegerField(
        label=_("How many witnesses must have signed"),
        min_value=1,
        help_text=_("Of all witnesses, this one included. Everybody can read this rule."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class RemovalForm(forms.Form):
    """What holds without the witness."""

    quorum = forms.IntegerField(label=_("How many witnesses must have signed"), min_value=0)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class BroughtFileForm(forms.Form):
    """A file that came on a stick: a cosignature, or an authority's answer."""

    file = forms.FileField(label=_("File"))
