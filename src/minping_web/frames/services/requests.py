"""What residents ask about their own data: found by phone, shown, corrected, deleted, or refused.

Each step is logged like any access to contacts; the outcome goes to the ledger without saying who asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404

from minping_engine.errors import Place
from minping_web.common.clock import now, today
from minping_web.common.crypto import keyring
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.models import ContactAccess, Frame, RequestedUnit, ResidentRequest, Unit, UnitContact
from minping_web.frames.rules import due_on
from minping_web.frames.selectors.units import units_everywhere
from minping_web.frames.services.counting import refresh_counts
from minping_web.frames.services.forgetting import forget_units, one_at_a_time
from minping_web.frames.services.log import log_access, stated_reason
from minping_web.frames.services.sealed_contacts import (
    CONTACT_FIELDS,
    PHONE_PURPOSE,
    Contact,
    about_request,
    open_contact,
    store_contact,
)
from minping_web.ledger.services import stage

PERMISSION = "frames.requests"
State, Kind = ResidentRequest.State, ResidentRequest.Kind


@dataclass(frozen=True)
class Held:
    """All that is held about a household, for the answer on paper."""

    unit: Unit
    contact: Contact
    excluded: str


@transaction.atomic
def open_request(
    scope: Scope, kind: str, phone: str, *, channel: str, identity_check: str, received_on: date
) -> ResidentRequest:
    """Take a request and find the household; `phone` is normal already (digits only)."""
    scope.require(PERMISSION)
    if received_on > today():
        raise RefusedError.of("frame.received_later", Place(key="received_on"))
    made = ResidentRequest(
        kind=kind, channel=channel, identity_check=identity_check, received_on=received_on,
        due_on=due_on(received_on), made_by_id=scope.user_id or 0,
    )  # fmt: skip
    made.phone = keyring().seal(phone, about_request("phone", made.pk))
    made.phone_blind = keyring().blind(phone, PHONE_PURPOSE)
    made.save(force_insert=True)
    found = _linked(made, _found_by_phone(scope, phone))
    log_access(scope, ContactAccess.Act.SEARCHED, reason=_reason(made), fields=("phone",), rows=len(found))
    return made


def _found_by_phone(scope: Scope, phone: str) -> list[Unit]:
    """In every frame, those that are just being loaded included."""
    blinds = keyring().blinds(phone, PHONE_PURPOSE)
    held = Q(contact__phone_blind__in=blinds) | Q(contact__second_phone_blind__in=blinds)
    return list(units_everywhere(scope, PERMISSION).filter(held))


def _linked(request: ResidentRequest, units: list[Unit]) -> list[Unit]:
    links = [RequestedUnit(request=request, unit=unit) for unit in units]
    RequestedUnit.objects.bulk_create(links, ignore_conflicts=True)
    return units


def _units(scope: Scope, request: ResidentRequest) -> list[Unit]:
    """The units of a request. While it is open the search is made anew: frames may have come since."""
    if request.state == State.OPEN and request.phone is not None:
        phone = keyring().open(request.phone, about_request("phone", request.pk))
        _linked(request, _found_by_phone(scope, phone))
    return list(Unit.objects.filter(pk__in=request.found.values("unit_id")).select_related("area", "frame"))


@transaction.atomic
def show_held(scope: Scope, request_id: UUID) -> list[Held]:
    """All that is held about who asked; for an open request to see the data, this is the answer."""
    request = _request(scope, request_id)
    units = _units(scope, request)
    contacts = UnitContact.objects.in_bulk([unit.pk for unit in units])
    for unit in units:
        log_access(
            scope, ContactAccess.Act.VIEWED, reason=_reason(request), fields=CONTACT_FIELDS,
            frame_id=unit.frame_id, unit_id=unit.pk, area_id=unit.area_id,
        )  # fmt: skip
    if request.kind == Kind.ACCESS and request.state == State.OPEN:
        _end(scope, request, State.DONE if units else State.NOTHING_HELD, "")
    return [
        Held(unit, open_contact(contacts[unit.pk]) if unit.pk in contacts else Contact(),
             str(unit.get_excluded_display()) if unit.excluded else "")
        for unit in units
    ]  # fmt: skip


@transaction.atomic
def correct(scope: Scope, request_id: UUID, contact: Contact) -> int:
    """Write the right contact to every unit that was found. Returns how many."""
    request = _open(scope, request_id, Kind.CORRECTION)
    units = _units(scope, request)
    for unit in units:
        store_contact(unit, contact)
        Unit.objects.filter(pk=unit.pk).update(has_contact=contact != Contact())
        log_access(
            scope, ContactAccess.Act.CORRECTED, reason=_reason(request), fields=CONTACT_FIELDS,
            frame_id=unit.frame_id, unit_id=unit.pk, area_id=unit.area_id,
        )  # fmt: skip
    for frame_id in sorted({unit.frame_id for unit in units}):
        refresh_counts(frame_id, {unit.area_id for unit in units if unit.frame_id == frame_id})
    _end(scope, request, State.DONE if units else State.NOTHING_HELD, "")
    return len(units)


@transaction.atomic
def delete(scope: Scope, request_id: UUID) -> int:
    """Erase the contacts and forget the units in every frame; the phone does not come back by a file.

    A frame that is being loaded forgets them once more when it is finished (`loading.finish_frame`).
    """
    one_at_a_time()
    request = _open(scope, request_id, Kind.DELETION)
    units = _units(scope, request)
    if any(unit.frame.state == Frame.State.SEALING for unit in units):
        raise RefusedError.of("frame.being_sealed")
    for unit in units:
        log_access(
            scope, ContactAccess.Act.ERASED, reason=_reason(request), fields=CONTACT_FIELDS,
            frame_id=unit.frame_id, unit_id=unit.pk, area_id=unit.area_id,
        )  # fmt: skip
    forget_units(units)
    # Done even when nothing was found: from now on a file with this phone brings it as "not to be contacted".
    _end(scope, request, State.DONE, "")
    return len(units)


@transaction.atomic
def refuse(scope: Scope, request_id: UUID, *, reason: str) -> None:
    """Say no, with a reason that the resident is told."""
    request = _open(scope, request_id, None)
    _end(scope, request, State.REFUSED, stated_reason(reason))


def _request(scope: Scope, request_id: UUID) -> ResidentRequest:
    scope.require(PERMISSION)
    return get_object_or_404(ResidentRequest.objects.select_for_update(of=("self",)), pk=request_id)


def _open(scope: Scope, request_id: UUID, kind: str | None) -> ResidentRequest:
    request = _request(scope, request_id)
    if request.state != State.OPEN or (kind and request.kind != kind):
        raise RefusedError.of("frame.request_ended")
    return request


def _reason(request: ResidentRequest) -> str:
    return f"PIPL {request}"


def _end(scope: Scope, request: ResidentRequest, state: ResidentRequest.State, answer: str) -> None:
    request.state, request.answer = state, answer
    request.answered_by_id, request.answered_at = scope.user_id, now()
    request.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    record = {
        "request": request.pk.hex, "kind": str(request.kind), "state": str(state),
        "received_on": request.received_on.isoformat(), "due_on": request.due_on.isoformat(),
        "answered_on": today().isoformat(),
    }  # fmt: skip
    stage("frame.request_answered", f"frame-request-{request.pk.hex}", record)
