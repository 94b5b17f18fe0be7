"""Erase contacts, forget units. A sealed frame keeps its root: commitments are salted, the salt goes too."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Q

from minping_web.common.crypto import keyring
from minping_web.frames.models import Frame, ResidentRequest, Unit, UnitContact
from minping_web.frames.services.counting import refresh_counts
from minping_web.frames.services.sealed_contacts import PHONE_PURPOSE, about_request

ADVISORY = 0x6D70_6672
"""Number of the lock in PostgreSQL."""


def one_at_a_time() -> None:
    """Deletions and ends of loads wait for each other, so that neither misses what the other just wrote.

    Holds until the transaction ends. On SQLite every transaction that writes is alone anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY])


def forget_unwanted(frame: Frame) -> int:
    """Forget the households of a frame whose deletion was carried out after its load had begun.

    Rows that came later than the deletion were left out by the load itself; these came before, in the same
    file. Returns how many.
    """
    since = ResidentRequest.objects.filter(
        kind=ResidentRequest.Kind.DELETION,
        state=ResidentRequest.State.DONE,
        answered_at__gte=frame.made_at,
        phone__isnull=False,
    )
    ring, blinds = keyring(), set[bytes]()
    for request in since:
        phone = ring.open(request.phone or b"", about_request("phone", request.pk))
        blinds.update(ring.blinds(phone, PHONE_PURPOSE))
    if not blinds:
        return 0
    held = Q(contact__phone_blind__in=blinds) | Q(contact__second_phone_blind__in=blinds)
    return forget_units(Unit.objects.filter(held, frame=frame))


@transaction.atomic
def forget_units(units: Iterable[Unit]) -> int:
    """Erase the contacts of units and all that could tell a household; what stays is a place in counts."""
    chosen = list(units)
    keys = [unit.pk for unit in chosen]
    UnitContact.objects.filter(pk__in=keys).delete()
    for unit in chosen:
        unit.house_code = unit.building = unit.special = ""
        unit.salt, unit.has_contact, unit.do_not_contact = None, False, True
    fields = ["house_code", "building", "special", "salt", "has_contact", "do_not_contact"]
    Unit.objects.bulk_update(chosen, fields, batch_size=500)
    for frame_id in sorted({unit.frame_id for unit in chosen}):
        refresh_counts(frame_id, {unit.area_id for unit in chosen if unit.frame_id == frame_id})
    return len(chosen)


@transaction.atomic
def erase_contacts_of(frame_id: int) -> int:
    """Erase all contacts of a frame; its units stay. Returns how many."""
    erased, _by_table = UnitContact.objects.filter(frame_id=frame_id).delete()
    units = Unit.objects.filter(frame_id=frame_id, has_contact=True)
    units.update(has_contact=False)
    areas = Unit.objects.filter(frame_id=frame_id).values_list("area_id", flat=True).distinct()
    refresh_counts(frame_id, set(areas))
    return erased
