"""Forms of role grants and keys; what they offer is narrowed to what the viewer may grant."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from minping_web.access.rules import API_PERMISSIONS, MEANING_OF, Role
from minping_web.access.selectors import grantable_areas
from minping_web.access.services import Wanted
from minping_web.accounts.models import User
from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.organisations.models import Organisation
from minping_web.places.models import Area

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AccountField(forms.CharField):
    """An account by its sign-in name: a list of a thousand names helps nobody."""

    def clean(self, value: Any) -> User | None:
        """The open account with this sign-in name."""
        name = super().clean(value)
        if not name:
            return None
        found = User.objects.filter(Q(username__iexact=name.strip()), is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("There is no open account with this sign-in name."))
        return found


class DeputyField(forms.CharField):
    """An account by its sign-in name, without telling here whether there is one: the service decides."""

    def clean(self, value: Any) -> int:
        """The id of the open account; 0 for none."""
        name = super().clean(value).strip()
        found = User.objects.filter(username__iexact=name, is_active=True).values_list("pk", flat=True)
        return found.first() or 0


class CodeField(forms.CharField):
    """A row by its code, inside what the viewer may name."""

    def __init__(self, queryset: Any = None, **options: Any) -> None:
        super().__init__(**options)
        self.queryset = queryset

    def clean(self, value: Any) -> Any:
        """The row; an unknown and a foreign code are the same fault."""
        code = super().clean(value)
        if not code:
            return None
        found = self.queryset.filter(code=code.strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is nothing with this code that you may choose."))
        return found


class GrantForm(forms.Form):
    """A new grant."""

    user = AccountField(label=_("Sign-in name"), help_text=_("Of the person who gets the role."))
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Choose a role")), *Role.choices])
    area = CodeField(
        label=_("Code of the area"), required=False, help_text=_("For roles that hold in an area.")
    )
    organisation = CodeField(
        label=_("Code of the organisation"),
        required=False,
        help_text=_("For roles that hold in an organisation."),
    )
    valid_from = forms.DateField(label=_("From"), widget=DAY, initial=today)
    valid_to = forms.DateField(
        label=_("Last day"), widget=DAY, required=False, help_text=_("Empty: until it is revoked.")
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Needed for roles with power over people, audits or households: a second person decides."
        ),
    )

    def __init__(self, scope: Scope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = grantable_areas(scope)  # type: ignore[attr-defined]
        self.fields["organisation"].queryset = Organisation.objects.all()  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """What is asked for."""
        data = self.cleaned_data
        return Wanted(
            data["user"].pk,
            Role(data["role"]),
            data["valid_from"],
            data["valid_to"],
            data["area"].pk if data["area"] else None,
            data["organisation"].pk if data["organisation"] else None,
        )


class DelegationForm(forms.Form):
    """A deputy for an own role."""

    deputy = DeputyField(label=_("Sign-in name of the deputy"))
    until = forms.DateField(label=_("Last day"), widget=DAY)
    reason = forms.CharField(label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 2}))


class HandOverForm(forms.Form):
    """Who leaves, who follows."""

    leaver = AccountField(label=_("Sign-in name of who leaves"))
    successor = AccountField(label=_("Sign-in name of who follows"))
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}))


class KeyForm(forms.Form):
    """A new key of the interface."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which system uses it, and for what."))
    permissions = forms.MultipleChoiceField(label=_("May"), widget=forms.CheckboxSelectMultiple)
    area = CodeField(label=_("Code of the area"), required=False, help_text=_("Empty: wherever you may."))
    expires_on = forms.DateField(label=_("Expires on"), widget=DAY, help_text=_("Within a year."))

    def __init__(self, scope: Scope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(name, MEANING_OF[name]) for name in sorted(API_PERMISSIONS) if scope.may(name)]
        self.fields["permissions"].choices = offered  # type: ignore[attr-defined]
        self.fields["area"].queryset = Area.objects.filter(valid_to__isnull=True)  # type: ignore[attr-defined]


class GrantFilterForm(forms.Form):
    """Search, role and state of the list of grants."""

    q = forms.CharField(label=_("Person or place"), required=False, max_length=60)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("all")), *Role.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("live", _("holds today")),
            ("", _("all")),
            ("over", _("over")),
            ("delegated", _("deputies")),
        ],
    )
    user = forms.IntegerField(required=False, widget=forms.HiddenInput)
