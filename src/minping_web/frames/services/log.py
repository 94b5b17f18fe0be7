"""The log of access to contacts: one row before anything is shown."""

from __future__ import annotations

from uuid import UUID

from minping_engine.errors import Place
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.models import ContactAccess

SHORTEST_REASON = 4
"""Characters; four Chinese ones already say something."""


def stated_reason(reason: str) -> str:
    """The reason without blanks; raises `RefusedError` when it says nothing."""
    plain = " ".join(reason.split())
    if len(plain) < SHORTEST_REASON:
        raise RefusedError.of("frame.reason_missing", Place(key="reason"))
    return plain[:200]


def log_access(
    scope: Scope,
    act: ContactAccess.Act,
    *,
    reason: str,
    fields: tuple[str, ...],
    frame_id: int | None = None,
    unit_id: UUID | None = None,
    area_id: int | None = None,
    rows: int = 1,
) -> ContactAccess:
    """Write down who sees what, and why."""
    return ContactAccess.objects.create(
        at=now(),
        actor_id=scope.user_id,
        actor_label=scope.label[:150],
        act=act,
        frame_id=frame_id,
        unit_id=unit_id,
        area_id=area_id,
        fields=",".join(fields),
        rows=rows,
        reason=reason,
    )
