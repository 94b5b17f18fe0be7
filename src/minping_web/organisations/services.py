"""Writes of organisations, their contacts and contracts: one call, one transaction, one change set.

`write_*` works inside a recorder that somebody else opened (imports use them); the others open one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Recorder, Touched, recording
from minping_web.common.crypto import keyring
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.organisations.models import Contract, ContractPlace, Organisation, OrganisationContact
from minping_web.organisations.rules import Terms, faults_below, faults_of_chain, faults_of_terms
from minping_web.organisations.selectors import EDIT, may_edit
from minping_web.places.models import Area

HERE = Place()


@dataclass(frozen=True)
class OrganisationDraft:
    """The fields of an organisation as somebody wants them."""

    kind: str
    code: str
    name: str
    area: Area | None = None
    parent: Organisation | None = None
    public_phone: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


def save_organisation(
    scope: Scope, draft: OrganisationDraft, *, existing: Organisation | None = None
) -> Organisation:
    """Create or edit; raises `RefusedError` with all faults."""
    title = f"{draft.code} {draft.name}"
    with recording(scope, "organisations.edit", title) as recorder:
        return write_organisation(recorder, draft, existing=existing)


def write_organisation(
    recorder: Recorder, draft: OrganisationDraft, *, existing: Organisation | None = None, place: Place = HERE
) -> Organisation:
    """Create or edit within a recorder."""
    _require_edit(recorder.scope, existing, draft.area)
    problems = _faults_of_organisation(draft, existing, place)
    if problems:
        raise RefusedError(problems)
    values = dict(vars(draft))
    if existing:
        recorder.update(existing, **values)
        return existing
    made = Organisation(**values)
    recorder.create(made)
    return made


def _require_edit(scope: Scope, existing: Organisation | None, area: Area | None) -> None:
    for where in {existing.area if existing else area, area}:
        if not may_edit(scope, where):
            raise PermissionDenied(EDIT)


def _faults_of_organisation(
    draft: OrganisationDraft, existing: Organisation | None, place: Place
) -> list[Problem]:
    problems = []
    same_code = Organisation.objects.filter(code=draft.code).exclude(pk=existing.pk if existing else 0)
    if same_code.exists():
        problems.append(_at(place, "code", "organisation.code_taken", code=draft.code))
    if draft.valid_from and draft.valid_to and draft.valid_to < draft.valid_from:
        problems.append(_at(place, "valid_to", "organisation.ends_before_start", code=draft.code))
    above = draft.parent
    while above is not None and existing is not None:
        if above.pk == existing.pk:
            problems.append(_at(place, "parent", "organisation.circle", code=draft.code))
            break
        above = above.parent
    return problems


def end_organisation(scope: Scope, organisation: Organisation, day: date) -> None:
    """Its last day; refused while a contract of it runs longer."""
    _require_edit(scope, organisation, organisation.area)
    longer = (organisation.contracts_given.all() | organisation.contracts_taken.all()).filter(ends_on__gt=day)
    problems = [
        _at(HERE, "day", "organisation.contract_runs", code=contract.code, day=contract.ends_on)
        for contract in longer.order_by("code")
    ]
    if organisation.valid_from and day < organisation.valid_from:
        problems.append(_at(HERE, "day", "organisation.ends_before_start", code=organisation.code))
    if problems:
        raise RefusedError(problems)
    with recording(scope, "organisations.end", f"{organisation.code} {organisation.name}") as recorder:
        recorder.update(organisation, valid_to=day)


@dataclass(frozen=True)
class ContactDraft:
    """Somebody to talk to, in plain."""

    purpose: str
    name: str
    phone: str = ""
    email: str = ""


def add_contact(scope: Scope, organisation: Organisation, draft: ContactDraft) -> OrganisationContact:
    """Seal and keep a contact. No change set holds it: personal data must not outlive their erasure."""
    _require_edit(scope, organisation, organisation.area)
    contact = OrganisationContact(organisation=organisation, purpose=draft.purpose)
    plain = {"name": draft.name, "phone": draft.phone, "email": draft.email}
    contact.sealed = keyring().seal(json.dumps(plain, ensure_ascii=False), contact.about)
    contact.save(force_insert=True)
    return contact


def remove_contact(scope: Scope, contact: OrganisationContact) -> None:
    """Erase a contact for good; this cannot be undone."""
    _require_edit(scope, contact.organisation, contact.organisation.area)
    contact.delete()


@dataclass(frozen=True)
class ContractDraft:
    """The fields of a contract as somebody wants them."""

    code: str
    subject: str
    principal: Organisation
    contractor: Organisation
    main: Contract | None
    starts_on: date
    ends_on: date
    amount_fen: int
    places: tuple[Area, ...] = ()

    @property
    def terms(self) -> Terms:
        """What is compared."""
        return Terms(
            self.code, self.principal.pk, self.contractor.pk, self.starts_on, self.ends_on, self.amount_fen
        )


def save_contract(scope: Scope, draft: ContractDraft, *, existing: Contract | None = None) -> Contract:
    """Create or edit; raises `RefusedError` with all faults."""
    with recording(scope, "organisations.contract", f"{draft.code} {draft.subject}") as recorder:
        return write_contract(recorder, draft, existing=existing)


def write_contract(
    recorder: Recorder, draft: ContractDraft, *, existing: Contract | None = None, place: Place = HERE
) -> Contract:
    """Create or edit within a recorder."""
    _require_edit(recorder.scope, draft.principal, draft.principal.area)
    if existing:
        _require_edit(recorder.scope, existing.principal, existing.principal.area)
    problems = faults_of_contract(draft, existing, place)
    if problems:
        raise RefusedError(problems)
    values = {name: value for name, value in vars(draft).items() if name != "places"}
    if existing:
        recorder.update(existing, **values)
        contract = existing
    else:
        contract = Contract(**values)
        recorder.create(contract)
    _write_places(recorder, contract, draft.places)
    return contract


def faults_of_contract(draft: ContractDraft, existing: Contract | None, place: Place) -> list[Problem]:
    """Everything wrong with a contract by itself, under its main, and above its sub-contracts."""
    problems = faults_of_terms(draft.terms, place)
    same_code = Contract.objects.filter(code=draft.code).exclude(pk=existing.pk if existing else 0)
    if same_code.exists():
        problems.append(_at(place, "code", "contract.code_taken", code=draft.code))
    if draft.main:
        siblings = draft.main.subs.exclude(pk=existing.pk if existing else 0)
        problems += faults_below(
            draft.terms, terms_of(draft.main), [terms_of(sub) for sub in siblings], place
        )
    problems += _faults_of_links(draft, existing, place)
    if existing:
        problems += _faults_of_subs(draft, existing, place)
    return problems


def _faults_of_links(draft: ContractDraft, existing: Contract | None, place: Place) -> list[Problem]:
    """A contract must not hang below itself, nor too deep."""
    if draft.main is None:
        return []
    links = Contract.objects.exclude(pk=existing.pk if existing else 0).values_list("code", "main__code")
    mains: dict[str, str | None] = {
        code: draft.code if existing and main == existing.code else main for code, main in links
    }
    return faults_of_chain(draft.code, draft.main.code, mains, place)


def _faults_of_subs(draft: ContractDraft, existing: Contract, place: Place) -> list[Problem]:
    """An edited main contract must still hold its sub-contracts."""
    problems: list[Problem] = []
    subs = [terms_of(sub) for sub in existing.subs.all()]
    for number, sub in enumerate(subs):
        problems += faults_below(sub, draft.terms, subs[:number], place)
    return problems


def terms_of(contract: Contract) -> Terms:
    """A stored contract as the rules see it."""
    return Terms(
        contract.code,
        contract.principal_id,
        contract.contractor_id,
        contract.starts_on,
        contract.ends_on,
        contract.amount_fen,
    )


def _write_places(recorder: Recorder, contract: Contract, areas: Sequence[Area]) -> None:
    wanted = {area.pk: area for area in areas}
    for kept in contract.places.select_related("area"):
        if wanted.pop(kept.area_id, None) is None:
            recorder.delete(kept)
    for area in wanted.values():
        recorder.create(ContractPlace(contract=contract, area=area))


def delete_contract(scope: Scope, contract: Contract) -> None:
    """Remove a contract entered by mistake; refused while sub-contracts hang on it. Can be undone."""
    _require_edit(scope, contract.principal, contract.principal.area)
    with recording(scope, "organisations.contract", str(contract)) as recorder:
        for place in contract.places.all():
            recorder.delete(place)
        recorder.delete(contract)


def require_undo(scope: Scope, rows: Sequence[Touched]) -> None:
    """Raise `PermissionDenied` unless the scope might do each row's act itself, there and back."""
    for one in (one for row in rows for one in row.both):
        if isinstance(one, Organisation):
            _require_edit(scope, one, one.area)
        elif isinstance(one, Contract):
            _require_edit(scope, one.principal, one.principal.area)
        elif isinstance(one, ContractPlace):
            kept = Contract.objects.filter(pk=one.contract_id).first()
            if kept:  # else the contract comes back in the same act and is asked for itself
                _require_edit(scope, kept.principal, kept.principal.area)


def _at(place: Place, key: str, code: str, /, **params: object) -> Problem:
    return Problem(code, Place(place.file, place.sheet, place.row, place.column, place.key or key), params)
