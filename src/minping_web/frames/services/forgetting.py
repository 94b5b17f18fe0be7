"""Erase contacts, forget units. A sealed frame keeps its root: commitments are salted, the salt goes too."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from minping_web.frames.models import Unit, UnitContact
from minping_web.frames.services.counting import refresh_counts


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
    for frame_id in {unit.frame_id for unit in chosen}:
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
