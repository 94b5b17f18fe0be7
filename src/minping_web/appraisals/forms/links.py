"""Forms of links for raters without an account: how many, for whom; and a reason where a name leaves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minping_web.appraisals.forms.calls import OTHER
from minping_web.appraisals.forms.founding import PlaceField
from minping_web.appraisals.models import RaterCall
from minping_web.appraisals.rules.asked import AskedGroup
from minping_web.appraisals.rules.links import MOST_AT_ONCE
from minping_web.appraisals.services.links import LinkDraft
from minping_web.places.models import Area

SHEET, FILE = "sheet", "csv"
PLACES = ("street", "community", "grid")


class LinksForm(forms.Form):
    """Links for people without an account."""

    count = forms.IntegerField(
        label=_("How many links"), min_value=0, max_value=MOST_AT_ONCE, required=False,
        help_text=_("Without names: the sheets are handed out, and nobody writes down who got which."),
    )  # fmt: skip
    names = forms.CharField(
        label=_("Or a name for each, one a line"), required=False, max_length=9000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only if you must remind single people. Names lie sealed and need a reason."),
    )  # fmt: skip
    place = PlaceField(
        Area.objects.none(), label=_("speaks for"), required=False, empty_label=_("no place"),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("kind of rater"))
    reason = forms.CharField(label=_("reason"), max_length=200, required=False)
    given_as = forms.ChoiceField(
        label=_("Given as"), choices=((SHEET, _("sheet to print and cut")), (FILE, _("table (CSV)"))),
        initial=SHEET,
    )  # fmt: skip

    def __init__(self, *args: Any, call: RaterCall, group: AskedGroup, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["place"].queryset = Area.objects.filter(level__in=PLACES).order_by("path")
        fields["place"].required = call.own_place_only
        if group.shares:
            fields["kind"].choices = [(name, name) for name, _a, _b in group.shares] + [(OTHER, _("Other"))]
        else:
            del self.fields["kind"]

    @property
    def draft(self) -> LinkDraft:
        """What was written."""
        given = self.cleaned_data
        names = [" ".join(line.split()) for line in given["names"].splitlines() if line.strip()]
        return LinkDraft(
            given["count"] or 0, names, given["place"], given.get("kind", ""), given["reason"]
        )  # fmt: skip


class AnewForm(forms.Form):
    """Another link for one rater."""

    reason = forms.CharField(label=_("reason"), max_length=200, required=False)
    given_as = forms.ChoiceField(
        label=_("Given as"), choices=((SHEET, _("sheet to print and cut")), (FILE, _("table (CSV)"))),
        initial=SHEET,
    )  # fmt: skip
