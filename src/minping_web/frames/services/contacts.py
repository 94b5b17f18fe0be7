"""Look at one contact: a reason, a limit per hour, a row in the log, then the plain text."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from minping_engine.errors import Place
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.models import ContactAccess, UnitContact
from minping_web.frames.rules import VIEWS_PER_HOUR
from minping_web.frames.selectors.staff import lock_user
from minping_web.frames.selectors.units import unit_of
from minping_web.frames.services.log import log_access, stated_reason
from minping_web.frames.services.sealed_contacts import CONTACT_FIELDS, Contact, open_contact


@transaction.atomic
def view_contact(scope: Scope, frame_id: int, unit_id: UUID, *, reason: str) -> Contact:
    """The contact of a unit in the scope of `frames.contacts`, else 404.

    Raises `RefusedError` without a reason, over the limit per hour, or when nothing is held.
    """
    unit = unit_of(scope, frame_id, unit_id, permission="frames.contacts")
    why = stated_reason(reason)
    lock_user(scope.user_id)
    recent = ContactAccess.objects.filter(
        actor_id=scope.user_id, act=ContactAccess.Act.VIEWED, at__gt=now() - timedelta(hours=1)
    )
    if recent.count() >= VIEWS_PER_HOUR:
        raise RefusedError.of("frame.too_many_views", Place(), limit=VIEWS_PER_HOUR)
    sealed = UnitContact.objects.filter(pk=unit.pk).first()
    if sealed is None:
        raise RefusedError.of("frame.no_contact")
    log_access(
        scope, ContactAccess.Act.VIEWED, reason=why, fields=CONTACT_FIELDS,
        frame_id=unit.frame_id, unit_id=unit.pk, area_id=unit.area_id,
    )  # fmt: skip
    return open_contact(sealed)


@transaction.atomic
def list_special(
    scope: Scope, frame_id: int, *, reason: str, area_path: str = ""
) -> list[tuple[str, str, str]]:
    """(house code, area, kind) of special families, logged as one access."""
    from minping_web.frames.selectors.units import special_units

    why = stated_reason(reason)
    units = special_units(scope, frame_id, area_path)
    listed = [(unit.house_code, unit.area.name, str(unit.get_special_display())) for unit in units]
    log_access(
        scope, ContactAccess.Act.LISTED_SPECIAL, reason=why, fields=("special",),
        frame_id=frame_id, rows=len(listed),
    )  # fmt: skip
    return listed
