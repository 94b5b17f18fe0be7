"""Forms of rewards: reasons, budgets, statements, signatures, exports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minping_web.common.clock import today


def _long(label: Any, help_text: Any = "", *, required: bool = True, most: int = 300) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, required=required, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why."""

    reason = _long(_("Reason"))


class SignForm(forms.Form):
    """A signature under what the page showed."""

    read = forms.BooleanField(label=_("I have read the lines, the rule and the total of this sheet."))
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = _long(
        _("Why the money is paid all the same"),
        _("For lines where the errors of the scores also allow a rank without this money."),
    )

    def __init__(self, *args: Any, unsure: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not unsure:
            del self.fields["reason"]


class BudgetForm(forms.Form):
    """An amount with its source."""

    yuan = forms.DecimalField(label=_("Budget (yuan)"), min_value=0, max_digits=14, decimal_places=2)
    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("The decision or document that grants it.")
    )


class StatementForm(forms.Form):
    """What was heard."""

    heard_on = forms.DateField(
        label=_("Heard on"), initial=today, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    text = _long(
        _("Statement"), _("In the person's own sense; no more than needed."), required=False, most=2000
    )
    declined = forms.BooleanField(label=_("Was invited, and did not wish to speak"), required=False)


class OwnStatementForm(forms.Form):
    """What the person says."""

    text = _long(_("What I say to this"), most=2000)


class ExportForm(forms.Form):
    """Why a file is taken."""

    reason = _long(_("Reason"), _("For example: payroll run of November."), most=200)
    form = forms.ChoiceField(label=_("Format"), choices=[("xlsx", "XLSX"), ("csv", "CSV")])
