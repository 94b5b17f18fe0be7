"""Forms of account administration."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.accounts.models import User


class NewUserForm(forms.Form):
    """A new account and the way its owner enters for the first time."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=60,
        validators=[UnicodeUsernameValidator()],
        help_text=_("Letters, digits and @ . + - _ only; a staff number is a good choice."),
    )
    display_name = forms.CharField(
        label=pgettext_lazy("person", "Name"), max_length=100, help_text=_("As colleagues know it.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=User.Language)
    first_way = forms.ChoiceField(
        label=_("First sign-in"),
        choices=[
            ("link", _("One-time link (three days)")),
            ("password", _("Initial password, to be changed at once")),
        ],
        widget=forms.RadioSelect,
        initial="link",
    )


class PasswordForm(forms.Form):
    """Choose a password by a one-time link."""

    password = forms.CharField(
        label=_("New password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters, not only digits."),
    )
    again = forms.CharField(
        label=_("The same again"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, object]:
        """Both must be the same."""
        found = super().clean() or {}
        if found.get("password") and found.get("again") and found["password"] != found["again"]:
            self.add_error("again", _("The two passwords differ."))
        return found


class SubjectForm(forms.Form):
    """Which subject of the single sign-on enters as this user."""

    subject = forms.CharField(
        label=_("Subject of the single sign-on"),
        max_length=190,
        required=False,
        help_text=_("The unchanging identifier (claim “sub”) that its operator tells; empty for none."),
    )


class UserFilterForm(forms.Form):
    """Search and state of the list of users."""

    q = forms.CharField(label=_("Name or sign-in name"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("all")),
            ("active", pgettext_lazy("account", "active")),
            ("disabled", _("disabled")),
            ("locked", _("locked")),
            ("no_factor", _("without second factor")),
            ("never", _("never signed in")),
        ],
    )


def _told_as_digits(field: forms.Field) -> None:
    """The library calls it a code, which is also what areas and people have."""
    field.label = _("Six digits from the app")
    field.widget.attrs.pop("placeholder", None)


class FirstCodeForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _told_as_digits(self.fields["code"])


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """The second factor when signing in."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _told_as_digits(self.fields["code"])


class FreshCodeForm(ReauthenticateForm):  # type: ignore[misc]
    """The second factor before a step that needs a fresh one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _told_as_digits(self.fields["code"])
