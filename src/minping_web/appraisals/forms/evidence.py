"""Forms of single values, findings, workbooks, and a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from minping_web.appraisals.rules.asked import YUAN, Asked
from minping_web.appraisals.rules.conflicts import Assessee
from minping_web.appraisals.rules.words import UNITS, Heard, ValueTable
from minping_web.appraisals.services.findings import FindingDraft
from minping_web.appraisals.services.values import ValueDraft

CHOOSE = [("", "—")]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def what_choices(asked: Asked, *, costly: bool = False) -> list[tuple[str, str]]:
    """Facts (those that cost somebody something, or the others), costs and visits, with their unit."""
    made = [
        (f"{ValueTable.FACTS}:{one.id}", with_unit(one.title, UNITS.get(one.unit, one.unit)))
        for one in asked.facts
        if one.is_costly == costly
    ]
    if costly:
        return made
    made += [(f"{ValueTable.VISITS}:{window}", window_words(window)) for window in asked.windows]
    return [*made, (f"{ValueTable.COSTS}:{YUAN}", gettext("Cost in the period (yuan)"))]


def with_unit(title: str, unit: object) -> str:
    """A title with its unit behind it."""
    return gettext("%(title)s (%(unit)s)") % {"title": title, "unit": unit}


def window_words(window: str) -> str:
    """Visits in the period or in its year."""
    if window == "year":
        return gettext("Households visited in the year so far")
    return gettext("Households visited in the period")


def _named(people: Mapping[str, Assessee]) -> list[tuple[str, str]]:
    named = [(one.id, f"{one.name} · {one.area_name or one.area_code}") for one in people.values()]
    return [*CHOOSE, *named]


class ValueForm(forms.Form):
    """One value with its source."""

    assessee = forms.ChoiceField(label=_("who is assessed"))
    what = forms.ChoiceField(label=_("what"))
    value = forms.CharField(label=_("value"), max_length=100)
    spread = forms.CharField(
        label=_("standard error"), max_length=30, required=False,
        help_text=_("Only for costs that are an estimate."),
    )  # fmt: skip
    document = forms.CharField(label=_("source document"), max_length=200)
    link = forms.URLField(label=_("link"), max_length=300, required=False, assume_scheme="https")

    def __init__(self, *args: Any, asked: Asked, people: Mapping[str, Assessee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assessee"].choices = _named(people)  # type: ignore[attr-defined]
        self.fields["what"].choices = [*CHOOSE, *what_choices(asked)]  # type: ignore[attr-defined]

    @property
    def draft(self) -> ValueDraft:
        """What was written."""
        given = self.cleaned_data
        return ValueDraft(
            given["assessee"], given["what"], given["value"], given["document"], given["link"],
            given["spread"],
        )  # fmt: skip


class FindingForm(forms.Form):
    """Something verified that costs somebody something, with the hearing."""

    assessee = forms.ChoiceField(label=_("who is assessed"))
    fact = forms.ChoiceField(label=_("what"))
    amount = forms.IntegerField(label=_("how many"), min_value=1, max_value=1000, initial=1)
    happened_on = forms.DateField(label=_("day of the matter"), widget=_day())
    what = forms.CharField(
        label=_("What happened"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was verified and how. No names of residents."),
    )  # fmt: skip
    document = forms.CharField(label=_("source document"), max_length=200)
    link = forms.URLField(label=_("link"), max_length=300, required=False, assume_scheme="https")
    heard = forms.ChoiceField(label=_("hearing"), choices=Heard.choices)
    heard_on = forms.DateField(label=_("day of the hearing"), widget=_day())
    statement = forms.CharField(
        label=_("What the person says"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=_("In the person's own words."),
    )  # fmt: skip

    def __init__(self, *args: Any, asked: Asked, people: Mapping[str, Assessee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assessee"].choices = _named(people)  # type: ignore[attr-defined]
        self.fields["fact"].choices = [  # type: ignore[attr-defined]
            *CHOOSE,
            *((value.partition(":")[2], words) for value, words in what_choices(asked, costly=True)),
        ]

    @property
    def draft(self) -> FindingDraft:
        """What was written."""
        given = self.cleaned_data
        return FindingDraft(
            assessee_id=given["assessee"], fact=given["fact"], amount=given["amount"],
            happened_on=given["happened_on"], what=given["what"], document=given["document"],
            heard=given["heard"], heard_on=given["heard_on"], statement=given["statement"],
            link=given["link"],
        )  # fmt: skip


class BookForm(forms.Form):
    """A filled workbook."""

    file = forms.FileField(label=_("Filled workbook (XLSX)"))
    replaces = forms.CharField(
        label=_("Why it takes the place of marks that raters handed in"), max_length=200, required=False,
        help_text=_("Leave empty at first: you are told which rows repeat whom. Two persons decide."),
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("reason"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, is_needed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_needed
