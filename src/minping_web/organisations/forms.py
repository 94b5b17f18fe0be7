"""Forms of organisations and contracts: codes typed by people become rows of the scope; drafts come out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.common.scope import Scope
from minping_web.organisations.models import Contract, Organisation
from minping_web.organisations.selectors import (
    EDIT,
    contracts_seen,
    organisation_by_code,
    places_of,
)
from minping_web.organisations.services import ContactDraft, ContractDraft, OrganisationDraft
from minping_web.places.models import Area
from minping_web.places.selectors.areas import area_by_code

Lookup = Callable[[str], Model | None]


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class CodeField(forms.CharField):
    """A code that must name a row; `lookup` is set by the form, since it depends on the scope."""

    lookup: Lookup
    default_error_messages = {"unknown": _("There is nothing with this code where you may work.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=100, **options)

    def prepare_value(self, value: Any) -> Any:
        """Rows are shown by their code."""
        return getattr(value, "code", value)

    def clean(self, value: Any) -> Any:
        """The row; None when nothing was typed."""
        code = super().clean(value)
        if not code:
            return None
        found = self.lookup(code)
        if found is None:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        return found


class ListedInput(forms.TextInput):
    """A text field with (code, words) to pick from; the rows are asked for when the field is shown."""

    def __init__(self, list_id: str, rows: Callable[[], Iterable[tuple[str, str]]]) -> None:
        super().__init__(attrs={"list": list_id})
        self.list_id, self.rows = list_id, rows

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The field and its list."""
        options = format_html_join("", '<option value="{}">{}</option>', self.rows())
        field = super().render(name, value, attrs, renderer)
        return format_html('{}<datalist id="{}">{}</datalist>', field, self.list_id, options)


class OrganisationForm(forms.Form):
    """All fields of an organisation."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Organisation.Kind.choices)
    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("Unique in the district."))
    name = forms.CharField(label=_("Name"), max_length=120)
    area = CodeField(
        label=_("Code or name of the area"),
        required=False,
        help_text=_("Empty: it belongs to the district as a whole."),
    )
    parent = CodeField(label=_("Code of the superior organisation"), required=False)
    public_phone = forms.CharField(
        label=_("Public phone"), max_length=40, required=False, help_text=_("A number that may be published.")
    )
    valid_from = DayField(label=_("Active since"), required=False)
    valid_to = DayField(label=_("Active until"), required=False, help_text=_("Empty while it is active."))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].lookup = lambda code: area_by_code(scope, EDIT, code)  # type: ignore[attr-defined]
        self.fields["parent"].lookup = lambda code: organisation_by_code(scope, code)  # type: ignore[attr-defined]

    def draft(self) -> OrganisationDraft:
        """What was typed."""
        return OrganisationDraft(**self.cleaned_data)


def initial_of(organisation: Organisation) -> dict[str, Any]:
    """Values of an organisation for its form."""
    return {name: getattr(organisation, name) for name in OrganisationForm.base_fields}


class EndForm(forms.Form):
    """A last day."""

    day = DayField(label=_("Last day"))


class ContactForm(forms.Form):
    """Somebody to talk to."""

    purpose = forms.CharField(label=_("For what"), max_length=60, help_text=_("E.g. contracts, complaints."))
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=100)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)

    def draft(self) -> ContactDraft:
        """What was typed."""
        return ContactDraft(**self.cleaned_data)


class PlacesField(forms.CharField):
    """Codes of several areas."""

    lookup: Callable[[str], Area | None]

    def prepare_value(self, value: Any) -> Any:
        """Areas are shown by their codes."""
        return value if isinstance(value, str) or value is None else " ".join(area.code for area in value)

    def clean(self, value: Any) -> Any:
        """The areas, each once."""
        typed = dict.fromkeys(re.split(r"[\s、，,;；]+", super().clean(value)))
        found = {code: self.lookup(code) for code in typed if code}
        unknown = [code for code, area in found.items() if area is None]
        if unknown:
            raise forms.ValidationError(
                _("Not known where you may work: %(codes)s"), params={"codes": " ".join(unknown)}
            )
        return tuple(area for area in found.values() if area)


class ContractForm(forms.Form):
    """All fields of a contract; the amount is typed in yuan and kept in fen."""

    code = forms.CharField(label=_("Contract number"), max_length=40)
    subject = forms.CharField(label=_("Subject"), max_length=200)
    principal = CodeField(label=_("Code of the principal"), help_text=_("Who buys."))
    contractor = CodeField(label=_("Code of the contractor"), help_text=_("Who delivers."))
    main = CodeField(
        label=_("Number of the main contract"),
        required=False,
        help_text=_("Only for a sub-contract: its principal is the contractor of the main contract."),
    )
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"))
    amount = forms.DecimalField(
        label=_("Amount in yuan"), min_value=Decimal(0), max_digits=14, decimal_places=2
    )
    places = PlacesField(
        label=_("Codes of the areas where it is carried out"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Separated by spaces. Empty: the whole district."),
    )

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("principal", "contractor"):
            self.fields[name].lookup = lambda code: organisation_by_code(scope, code)  # type: ignore[attr-defined]
        self.fields["main"].lookup = lambda code: contracts_seen(scope).filter(code=code).first()  # type: ignore[attr-defined]
        self.fields["places"].lookup = lambda code: area_by_code(scope, EDIT, code)  # type: ignore[attr-defined]

    def draft(self) -> ContractDraft:
        """What was typed."""
        values = dict(self.cleaned_data)
        amount: Decimal = values.pop("amount")
        return ContractDraft(**values, amount_fen=int(amount * 100))


def initial_of_contract(contract: Contract) -> dict[str, Any]:
    """Values of a contract for its form."""
    values: dict[str, Any] = {
        name: getattr(contract, name)
        for name in ("code", "subject", "principal", "contractor", "main", "starts_on", "ends_on")
    }
    return {**values, "amount": Decimal(contract.amount_fen) / 100, "places": places_of(contract)}


def initial_below(main: Contract) -> dict[str, Any]:
    """Proposed values of a sub-contract."""
    return {
        "principal": main.contractor,
        "main": main,
        "starts_on": main.starts_on,
        "ends_on": main.ends_on,
        "places": places_of(main),
    }
