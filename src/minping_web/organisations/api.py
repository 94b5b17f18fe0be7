"""Organisations and contracts for other systems: reads by the selectors of the pages."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from ninja import Path, Query

from minping_web.common.rest import Id, Operations, Reference, changed_keys, page_of
from minping_web.common.scope import Scope
from minping_web.organisations.imports import CONTRACT_IMPORT, ORGANISATION_IMPORT
from minping_web.organisations.models import Contract, Organisation
from minping_web.organisations.schemas import (
    ContractDetail,
    ContractFilters,
    ContractList,
    ContractOut,
    ContractReference,
    OrganisationFilters,
    OrganisationList,
    OrganisationOut,
)
from minping_web.organisations.selectors import (
    VIEW,
    OrganisationFilter,
    contracts_seen,
    filtered,
    filtered_contracts,
    organisations_seen,
    places_seen,
)

organisations = Operations("organisations")


@organisations.get("/organisations", VIEW, OrganisationList)
def list_organisations(scope: Scope, wanted: Query[OrganisationFilters]) -> OrganisationList:
    """Offices, departments, firms and other bodies, by id."""
    asked = OrganisationFilter(text=wanted.search, kind=wanted.kind or "", state=wanted.state)
    found = filtered(organisations_seen(scope), asked)
    if wanted.code is not None:
        found = found.filter(code=wanted.code)
    if wanted.changed_since:
        found = found.filter(pk__in=changed_keys(Organisation, wanted.changed_since))
    rows, after = page_of(found, wanted)
    return OrganisationList(items=[OrganisationOut.model_validate(row) for row in rows], next=after)


@organisations.get("/organisations/{int:organisation_id}", VIEW, OrganisationOut)
def get_organisation(scope: Scope, organisation_id: Path[Id]) -> OrganisationOut:
    """One organisation."""
    return OrganisationOut.model_validate(get_object_or_404(organisations_seen(scope), pk=organisation_id))


@organisations.get("/contracts", VIEW, ContractList)
def list_contracts(scope: Scope, wanted: Query[ContractFilters]) -> ContractList:
    """Contracts and sub-contracts, by id. One is seen where a side or a place of it lies."""
    found = filtered_contracts(contracts_seen(scope), wanted.search, wanted.state, main_only=wanted.main_only)
    if wanted.code is not None:
        found = found.filter(code=wanted.code)
    if wanted.changed_since:
        found = found.filter(pk__in=changed_keys(Contract, wanted.changed_since))
    rows, after = page_of(found, wanted)
    return ContractList(items=[ContractOut.model_validate(row) for row in rows], next=after)


@organisations.get("/contracts/{int:contract_id}", VIEW, ContractDetail)
def get_contract(scope: Scope, contract_id: Path[Id]) -> ContractDetail:
    """One contract with its places and the contracts that hang on it."""
    visible = contracts_seen(scope)
    contract = get_object_or_404(visible, pk=contract_id)
    places = [Reference.model_validate(area) for area in places_seen(scope, contract)]
    subs = [ContractReference.model_validate(sub) for sub in visible.filter(main=contract).order_by("pk")]
    return ContractDetail.of(contract, places, subs)


organisations.rows("/organisations/import", ORGANISATION_IMPORT)
organisations.rows("/contracts/import", CONTRACT_IMPORT)
