"""One household looked up by its house code: a reason, a limit per hour, a row in the log of accesses.

Whether a household was drawn and whether it has voted is nobody's idle business: without a trace somebody
could watch the households of an area one by one. The limit is shared with opened contacts.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.shortcuts import get_object_or_404

from minping_engine.errors import Place
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import ContactAccess, Unit
from minping_web.frames.rules import VIEWS_PER_HOUR
from minping_web.frames.selectors.staff import lock_user
from minping_web.frames.services.log import log_access, stated_reason
from minping_web.rounds.models import Invitation
from minping_web.rounds.selectors.rounds import round_of
from minping_web.rounds.services.drafting import require_everywhere

INVITE = "rounds.invite"
FIELDS = ("invitation",)


def look_up(scope: Scope, round_id: int, house_code: str, *, reason: str) -> Invitation | None:
    """The invitation of a house, None for a house that was not invited; both are written down.

    404 for a house code that the frame does not have. Raises `RefusedError` without a reason or over the
    limit per hour.
    """
    require_everywhere(scope, INVITE)
    with entered(scope), transaction.atomic():
        found, why = round_of(scope, round_id), stated_reason(reason)
        lock_user(scope.user_id)
        _refuse_too_many(scope)
        unit = get_object_or_404(Unit, frame_id=found.frame_id, house_code=house_code.strip())
        log_access(
            scope, ContactAccess.Act.VIEWED, reason=f"{found.name}: {why}"[:200], fields=FIELDS,
            frame_id=found.frame_id, unit_id=unit.pk, area_id=unit.area_id,
        )  # fmt: skip
        rows = Invitation.objects.select_related("area")
        return rows.filter(round=found, unit_id=unit.pk).first()


def _refuse_too_many(scope: Scope) -> None:
    recent = ContactAccess.objects.filter(
        actor_id=scope.user_id, act=ContactAccess.Act.VIEWED, at__gt=now() - timedelta(hours=1)
    )
    if recent.count() >= VIEWS_PER_HOUR:
        raise RefusedError.of("round.too_many_look_ups", Place(), limit=VIEWS_PER_HOUR)
