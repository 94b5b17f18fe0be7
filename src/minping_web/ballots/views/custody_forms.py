"""Forms of custodians: passphrases and key files. Nothing of them is kept, and no page shows a passphrase."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from minping_web.ballots.rules.custody import LARGEST_FILE, SHORTEST_PASSPHRASE
from minping_web.ballots.rules.words import Body
from minping_web.common.problems import ProblemLine, RefusedError, lines

_SECRET = {"autocomplete": "off", "spellcheck": "false"}


def _passphrase(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=400,
        strip=False,
        widget=forms.PasswordInput(attrs=_SECRET),
    )


class MakeKeyForm(forms.Form):
    """A body and a passphrase, typed twice."""

    body = forms.ChoiceField(label=_("Custodian for"), choices=Body.choices)
    passphrase = _passphrase(_("Passphrase"))
    again = _passphrase(_("Passphrase once more"))

    def __init__(self, *args: Any, bodies: list[Body], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        least = _("At least %(n)s characters: a sentence that only you know. Nobody can reset it.")
        self.fields["passphrase"].help_text = least % {"n": SHORTEST_PASSPHRASE}
        field: forms.ChoiceField = self.fields["body"]  # type: ignore[assignment]
        field.choices = [(body.value, body.label) for body in bodies]

    def clean_passphrase(self) -> str:
        """Long enough to withstand guessing of a lost file."""
        told = str(self.cleaned_data["passphrase"])
        if len(told) < SHORTEST_PASSPHRASE:
            raise forms.ValidationError(
                _("Too short: at least %(n)s characters."), params={"n": SHORTEST_PASSPHRASE}
            )
        return told

    def clean(self) -> dict[str, Any]:
        """Both must be the same: a slip of the finger would lock the key away."""
        told = super().clean() or {}
        if told.get("passphrase") and told.get("again") and told["passphrase"] != told["again"]:
            self.add_error("again", _("The two passphrases differ."))
        return told


class KeyFileForm(forms.Form):
    """A key file with its passphrase."""

    file = forms.FileField(
        label=_("Key file"), help_text=_("The file minping-key-….json that you downloaded.")
    )
    passphrase = _passphrase(_("Passphrase"))

    def clean_file(self) -> bytes:
        """The content; a larger file is none of ours."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        content: bytes = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise forms.ValidationError(_("This is not a key file: it is too large."))
        return content


class HandoverForm(KeyFileForm):
    """Why a key is handed over, beside the first custodian's file."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: left the office; lost the file. It enters the log."),
    )  # fmt: skip
    field_order = ("reason", "file", "passphrase")


def named(error: RefusedError, form: forms.Form | None) -> list[ProblemLine]:
    """What was refused, with the labels of the form's fields instead of their names."""
    labels = {name: str(field.label) for name, field in form.fields.items()} if form else {}
    return [replace(line, where=labels.get(line.where, line.where)) for line in lines(error.problems)]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
