"""Rows of exports; they have the columns of the import, so that an exported file can be brought back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from django.db.models import QuerySet

from minping_web.common.scope import Scope
from minping_web.organisations.models import Contract, Organisation
from minping_web.organisations.rules import word_of_kind
from minping_web.organisations.selectors import places_listed


def organisation_rows(
    queryset: QuerySet[Organisation], *, english: bool = False
) -> Iterator[Mapping[str, object]]:
    """Without contacts: those are personal data."""
    for body in queryset:
        yield {
            "code": body.code,
            "kind": word_of_kind(body.kind, english=english),
            "name": body.name,
            "area": body.area.code if body.area else None,
            "parent": body.parent.code if body.parent else None,
            "public_phone": body.public_phone,
            "valid_from": body.valid_from,
            "valid_to": body.valid_to,
        }


def contract_rows(scope: Scope, queryset: QuerySet[Contract]) -> Iterator[Mapping[str, object]]:
    """Amounts in yuan; of the places those that the scope may see."""
    for contract in queryset.prefetch_related("places__area"):
        yield {
            "code": contract.code,
            "subject": contract.subject,
            "principal": contract.principal.code,
            "contractor": contract.contractor.code,
            "main": contract.main.code if contract.main else None,
            "starts_on": contract.starts_on,
            "ends_on": contract.ends_on,
            "amount": Decimal(contract.amount_fen) / 100,
            "places": " ".join(area.code for area in places_listed(scope, contract)),
        }
