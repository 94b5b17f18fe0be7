"""Contacts in and out of their sealed form: the one place that knows what each value is bound to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from minping_web.common.crypto import Keyring, SealedTable, keyring, register_sealed
from minping_web.frames.models import ResidentRequest, Unit, UnitContact

PHONE_PURPOSE = "household-phone"
CONTACT_FIELDS = ("phone", "second_phone", "address")


@dataclass(frozen=True)
class Contact:
    """How to reach a unit, in plain text; lives in memory only."""

    phone: str = ""
    second_phone: str = ""
    address: str = ""


def about(column: str, unit_id: object) -> str:
    """What a sealed contact is bound to."""
    key = unit_id.hex if isinstance(unit_id, UUID) else str(unit_id)
    return f"frames_unitcontact.{column}|{key}"


def about_request(column: str, request_id: object) -> str:
    """What the phone of a request is bound to."""
    key = request_id.hex if isinstance(request_id, UUID) else str(request_id)
    return f"frames_residentrequest.{column}|{key}"


def seal_contact(unit_id: UUID, contact: Contact, ring: Keyring) -> tuple[bytes | None, ...]:
    """(phone, its index, second phone, its index, address), None where there is nothing."""
    made: list[bytes | None] = []
    for column, plain in (("phone", contact.phone), ("second_phone", contact.second_phone)):
        made.append(ring.seal(plain, about(column, unit_id)) if plain else None)
        made.append(ring.blind(plain, PHONE_PURPOSE) if plain else None)
    made.append(ring.seal(contact.address, about("address", unit_id)) if contact.address else None)
    return tuple(made)


def open_contact(sealed: UnitContact, ring: Keyring | None = None) -> Contact:
    """Plain text of a contact; callers log the access first."""
    keys = ring or keyring()
    opened = {
        name: keys.open(value, about(name, sealed.pk)) if (value := getattr(sealed, name)) else ""
        for name in CONTACT_FIELDS
    }
    return Contact(**opened)


def store_contact(unit: Unit, contact: Contact) -> None:
    """Write or replace the contact of a unit; nothing to keep = the row goes."""
    if contact == Contact():
        UnitContact.objects.filter(pk=unit.pk).delete()
        return
    phone, phone_blind, second, second_blind, address = seal_contact(unit.pk, contact, keyring())
    UnitContact.objects.update_or_create(
        pk=unit.pk,
        defaults={
            "frame_id": unit.frame_id,
            "community_id": unit.community_id,
            "phone": phone,
            "phone_blind": phone_blind,
            "second_phone": second,
            "second_phone_blind": second_blind,
            "address": address,
        },
    )


def register_tables() -> None:
    """Tell the change of keys about our sealed columns; called when the app is ready."""
    register_sealed(
        SealedTable(
            UnitContact,
            CONTACT_FIELDS,
            about,
            {
                "phone": ("phone_blind", PHONE_PURPOSE),
                "second_phone": ("second_phone_blind", PHONE_PURPOSE),
            },
        )
    )
    index = {"phone": ("phone_blind", PHONE_PURPOSE)}
    register_sealed(SealedTable(ResidentRequest, ("phone",), about_request, index))
