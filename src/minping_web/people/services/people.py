"""People: who they are and by whom they are employed; the work phone is sealed apart from the record."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Recorder, recording
from minping_web.common.crypto import keyring
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.organisations.models import Organisation
from minping_web.people.models import Person, PersonContact, Position, Rank
from minping_web.people.selectors import EDIT, people_now

HERE = Place()
LINK = "accounts.edit"


@dataclass(frozen=True)
class PersonDraft:
    """The fields of a person as somebody wants them."""

    code: str
    name: str
    kind: str = Person.Kind.COMMUNITY_WORKER
    employer: Organisation | None = None
    position: Position | None = None
    profession_rank: Rank | None = None
    leadership_rank: Rank | None = None
    office_phone: str = ""
    started_on: date | None = None
    left_on: date | None = None


def save_person(scope: Scope, draft: PersonDraft, *, existing: Person | None = None) -> Person:
    """Create or edit; raises `RefusedError` with all faults."""
    with recording(scope, "people.edit", f"{draft.code} {draft.name}") as recorder:
        return write_person(recorder, draft, existing=existing)


def write_person(
    recorder: Recorder, draft: PersonDraft, *, existing: Person | None = None, place: Place = HERE
) -> Person:
    """Create or edit within a recorder."""
    if existing:
        require_edit_of(recorder.scope, existing)
    if draft.employer != (existing.employer if existing else None):
        require_edit_below(recorder.scope, draft.employer)
    elif existing is None:
        require_edit_below(recorder.scope, None)
    problems = _faults(draft, existing, place)
    if problems:
        raise RefusedError(problems)
    if existing:
        recorder.update(existing, **vars(draft))
        return existing
    made = Person(**vars(draft))
    recorder.create(made)
    return made


def require_edit_of(scope: Scope, person: Person) -> None:
    """Whoever serves or is employed in the scope's areas today may be edited."""
    if not people_now(scope, EDIT).filter(pk=person.pk).exists():
        raise PermissionDenied(EDIT)


def require_edit_below(scope: Scope, employer: Organisation | None) -> None:
    """Somebody without an employer, or with one of the whole district, belongs to the district."""
    reach = scope.reach(EDIT)
    area = employer.area if employer else None
    if not reach.whole and (area is None or not reach.covers(area.path)):
        raise PermissionDenied(EDIT)


def _faults(draft: PersonDraft, existing: Person | None, place: Place) -> list[Problem]:
    problems = []
    same = Person.objects.filter(code=draft.code).exclude(pk=existing.pk if existing else 0)
    if same.exists():
        problems.append(at(place, "code", "person.code_taken", code=draft.code))
    if draft.started_on and draft.left_on and draft.left_on < draft.started_on:
        problems.append(at(place, "left_on", "person.left_before_start", code=draft.code))
    for name, ladder in (("profession_rank", "profession"), ("leadership_rank", "leadership")):
        rank: Rank | None = getattr(draft, name)
        if rank and rank.ladder != ladder:
            problems.append(at(place, name, "person.other_ladder", code=draft.code, rank=rank.code))
    if existing and draft.left_on:
        longer = existing.postings.filter(ends_on__isnull=True) | existing.postings.filter(
            ends_on__gt=draft.left_on
        )
        if longer.exists():
            params = {"code": draft.code, "day": draft.left_on}
            problems.append(at(place, "left_on", "posting.left_but_posted", **params))
    return problems


@transaction.atomic
def link_account(scope: Scope, person: Person, user_id: int | None) -> None:
    """Say which account is this person's own; None takes it away.

    Who signs, who is told, and who may not verify hang on it: so it is the right of who keeps the accounts,
    never for an own account, sealed, and no edit that could be undone.
    """
    if not scope.may_everywhere(LINK):
        raise PermissionDenied(LINK)
    held = Person.objects.select_for_update().get(pk=person.pk)
    if scope.user_id is not None and scope.user_id in (held.user_id, user_id):
        raise RefusedError.of("person.own_account")
    if user_id and Person.objects.filter(user_id=user_id).exclude(pk=held.pk).exists():
        raise RefusedError.of("person.account_taken")
    held.user_id = user_id
    held.save(update_fields=["user"])
    person.user_id = user_id
    record = {"person": held.pk, "user": user_id or 0, "by": scope.user_id or 0}
    stage("people.account_linked", f"people.account_linked/{secrets.token_hex(8)}", record)


def set_work_phone(scope: Scope, person: Person, phone: str) -> None:
    """Seal the work phone, or erase it with an empty one.

    No change set holds it, since personal data must not outlive their erasure; so there is no undo.
    """
    require_edit_of(scope, person)
    write_work_phone(person, phone)


def write_work_phone(person: Person, phone: str) -> None:
    """Within somebody else's transaction and permission."""
    if not phone:
        PersonContact.objects.filter(pk=person.pk).delete()
        return
    contact = PersonContact(person=person)
    contact.sealed = keyring().seal(phone, contact.about)
    PersonContact.objects.update_or_create(pk=person.pk, defaults={"sealed": contact.sealed})


def at(place: Place, key: str, code: str, /, **params: object) -> Problem:
    """A problem at a field, or at a row of a file."""
    return Problem(code, Place(place.file, place.sheet, place.row, place.column, place.key or key), params)
