"""Forms of a call for marks: the call itself, its last day, who is called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minping_web.accounts.models import User
from minping_web.appraisals.rules.asked import AskedGroup
from minping_web.appraisals.selectors.raters import candidates
from minping_web.appraisals.services.calls import CallDraft
from minping_web.common.clock import today

OTHER = "other"


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CallForm(forms.Form):
    """From when to when one group marks."""

    opens_on = forms.DateField(label=_("marks from"), widget=_day())
    ends_on = forms.DateField(label=_("marks until"), widget=_day())
    own_place_only = forms.BooleanField(
        label=_("everybody marks the own place only"), required=False,
        help_text=_("For representatives who speak for one community or grid."),
    )  # fmt: skip
    note = forms.CharField(
        label=_("note for raters"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opens_on"].initial = today

    def draft(self, group: str) -> CallDraft:
        """What was written."""
        given = self.cleaned_data
        return CallDraft(group, given["opens_on"], given["ends_on"], given["own_place_only"], given["note"])


class DaysForm(forms.Form):
    """Another last day."""

    ends_on = forms.DateField(label=_("marks until"), widget=_day())
    note = forms.CharField(
        label=_("note for raters"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class RatersForm(forms.Form):
    """Who is called, of those whose role fits the group."""

    kind = forms.ChoiceField(label=_("kind of rater"))
    users = forms.MultipleChoiceField(label=_("Who is called"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, group: AskedGroup, called: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [one for one in candidates(group.source) if one[0].pk not in called]
        self.people: dict[int, User] = {user.pk: user for user, _role, _place in found}
        choices = [(str(user.pk), " · ".join(filter(None, (str(user), role, place))))
                   for user, role, place in found]  # fmt: skip
        users = self.fields["users"]
        assert isinstance(users, forms.MultipleChoiceField)
        users.choices = choices
        kinds = self.fields["kind"]
        assert isinstance(kinds, forms.ChoiceField)
        if group.shares:
            kinds.choices = [(name, name) for name, _least, _most in group.shares] + [(OTHER, _("Other"))]
        else:
            del self.fields["kind"]

    @property
    def chosen(self) -> list[User]:
        """The users that were ticked."""
        return [self.people[int(pk)] for pk in self.cleaned_data["users"]]
