"""Forms of questionnaires; the editor's own form is read by `rules.editing`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minping_web.common.scope import Scope
from minping_web.instruments.rules.drafting import next_version
from minping_web.instruments.selectors.sources import scheme_questionnaires

ANY = [("", _("any"))]


class ListForm(forms.Form):
    """What the list is narrowed to."""

    search = forms.CharField(label=_("Title or code"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[*ANY, ("draft", _("with a draft")), ("frozen", _("with a frozen version"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["search"].widget.input_type = "search"


class NewForm(forms.Form):
    """A questionnaire of one's own."""

    code = forms.RegexField(
        r"^[a-z][a-z0-9_-]{0,39}$",
        label=_("Code"),
        help_text=_("Small letters, digits, hyphens; the scheme names the questionnaire by it."),
        error_messages={"invalid": _("A code begins with a letter and has small letters, digits, hyphens.")},
    )
    title = forms.CharField(label=_("Title in Chinese"), max_length=120)
    title_en = forms.CharField(label=_("Title in English"), max_length=160)


class SchemeForm(forms.Form):
    """A questionnaire of a frozen scheme."""

    source = forms.ChoiceField(label=_("Questionnaire of a scheme"))
    version = forms.CharField(
        label=_("Version"),
        required=False,
        max_length=20,
        help_text=_("Leave it empty for the scheme's own version: only its answers are counted."),
    )

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = scheme_questionnaires(scope)
        self.fields["source"].choices = [  # type: ignore[attr-defined]
            (f"{version.pk}:{form.id}", f"{title} · {form.key} · {version}")
            for version, form, title in self.found
        ]


class VersionForm(forms.Form):
    """The number of a copy."""

    version = forms.CharField(label=_("Version of the copy"), max_length=20)

    def __init__(self, *args: Any, known: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = next_version(known or [])


class UploadForm(forms.Form):
    """An XLSForm of the district."""

    file = forms.FileField(label=_("XLSForm workbook (XLSX)"))
    code = forms.RegexField(
        r"^[a-z][a-z0-9_-]{0,39}$",
        label=_("Code"),
        required=False,
        help_text=_("Leave it empty to take the form_id of the sheet “settings”."),
    )
    version = forms.CharField(
        label=_("Version"), required=False, max_length=20,
        help_text=_("Leave it empty to take the version of the sheet “settings”."),
    )  # fmt: skip
