"""One household looked up by its house code: a reason, a limit per hour, a row in the log of accesses.

Whether a household was drawn and whether it has voted is nobody's idle business: without a trace somebody
could watch the households of an area one by one. The limit is shared with opened contacts, and with lists of
house codes, whose faults say who was not drawn.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from minping_engine.errors import Place
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import ContactAccess, Unit
from minping_web.frames.rules import VIEWS_PER_HOUR
from minping_web.frames.selectors.staff import lock_user
from minping_web.frames.services.log import log_access, stated_reason
from minping_web.rounds.models import Invitation, SurveyRound
from minping_web.rounds.selectors.rounds import round_of
from minping_web.rounds.services.drafting import require_everywhere

INVITE = "rounds.invite"
FIELDS = ("invitation",)
LIST_FIELDS = ("dispositions",)


def look_up(scope: Scope, round_id: int, house_code: str, *, reason: str) -> Invitation | None:
    """The invitation of a house, None for a house that was not invited; both are written down.

    404 for a house code that the frame does not have. Raises `RefusedError` without a reason or over the
    limit per hour.
    """
    require_everywhere(scope, INVITE)
    with entered(scope), transaction.atomic():
        found, why = round_of(scope, round_id), stated_reason(reason)
        views_left(scope)
        unit = get_object_or_404(Unit, frame_id=found.frame_id, house_code=house_code.strip())
        log_access(
            scope, ContactAccess.Act.VIEWED, reason=f"{found.name}: {why}"[:200], fields=FIELDS,
            frame_id=found.frame_id, unit_id=unit.pk, area_id=unit.area_id,
        )  # fmt: skip
        rows = Invitation.objects.select_related("area")
        return rows.filter(round=found, unit_id=unit.pk).first()


def views_left(scope: Scope) -> int:
    """How many households may still be told of within the hour, at least one; raises `RefusedError`.

    The person's row stays locked until the transaction ends, so that two acts at once do not share one view.
    """
    lock_user(scope.user_id)
    left = VIEWS_PER_HOUR - _recent(scope).count()
    if left <= 0:
        raise RefusedError.of("round.too_many_look_ups", Place(), limit=VIEWS_PER_HOUR)
    return left


def _recent(scope: Scope) -> QuerySet[ContactAccess]:
    return ContactAccess.objects.filter(
        actor_id=scope.user_id, act=ContactAccess.Act.VIEWED, at__gt=now() - timedelta(hours=1)
    )


def log_list(scope: Scope, found: SurveyRound, *, rows: int, named: Collection[str], reason: str) -> None:
    """Write down that a list of house codes was read: a row with its length, one for each household named.

    A household that this person has asked about within the hour is no news; a code that the frame does not
    have says nothing of the draw. Neither counts.
    """
    why = f"{found.name}: {reason}"[:200]
    known = [unit_id for unit_id in _recent(scope).values_list("unit_id", flat=True) if unit_id]
    log_access(
        scope, ContactAccess.Act.VIEWED, reason=why, fields=LIST_FIELDS, frame_id=found.frame_id, rows=rows,
    )  # fmt: skip
    units = Unit.objects.filter(frame_id=found.frame_id, house_code__in=list(named)).exclude(pk__in=known)
    for unit_id, area_id in units.order_by("house_code").values_list("pk", "area_id"):
        log_access(
            scope, ContactAccess.Act.VIEWED, reason=why, fields=FIELDS,
            frame_id=found.frame_id, unit_id=unit_id, area_id=area_id,
        )  # fmt: skip
