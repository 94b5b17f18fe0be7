"""Leave units out of the population, or take them in again; more than a few of one area take two persons.

Whoever could quietly leave out critical households could choose his own judges, so each exclusion has a
reason from a closed list and stands in the ledger by counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from minping_engine.errors import Place
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.language import listed
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.models import Frame, Unit
from minping_web.frames.rules import ExclusionReason, needs_second_person, values
from minping_web.frames.selectors.units import units_seen
from minping_web.frames.services.counting import refresh_counts
from minping_web.ledger.services import stage

ACT = "frames.exclude"


@transaction.atomic
def exclude(
    scope: Scope, frame_id: int, unit_ids: Sequence[UUID], *, reason: str, note: str
) -> Proposal | None:
    """Exclude units of a draft frame at once (None), or open a proposal when it is more than one may do.

    Raises `RefusedError` for an unknown reason, a missing note, a frame that is no draft.
    """
    if reason not in values(ExclusionReason.choices):
        raise RefusedError.of("frame.reason_unknown", Place(key="reason"))
    if not note.strip():
        raise RefusedError.of("approval.reason_missing", Place(key="note"))
    units = _units(scope, frame_id, unit_ids)
    if any(needs_second_person(*sizes) for sizes in _sizes(units)):
        payload = {"frame": frame_id, "units": [str(unit.pk) for unit in units], "reason": reason}
        title = ngettext("Exclude %(n)s unit", "Exclude %(n)s units", len(units)) % {"n": len(units)}
        return approval.propose(scope, ACT, title=title, reason=note, payload=payload)
    _write(scope, units, reason)
    return None


@transaction.atomic
def include(scope: Scope, frame_id: int, unit_ids: Sequence[UUID]) -> int:
    """Take excluded units in again; one person may. Returns how many."""
    units = _units(scope, frame_id, unit_ids)
    _write(scope, units, "")
    return len(units)


def carry_exclusion(scope: Scope, payload: dict[str, Any]) -> int:
    """What the second person sets going."""
    units = _units(scope, payload["frame"], [UUID(key) for key in payload["units"]])
    _write(scope, units, payload["reason"])
    return len(units)


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads."""
    frame = Frame.objects.filter(pk=payload["frame"]).first()
    reason = dict(ExclusionReason.choices)[payload["reason"]]
    areas = Counter(Unit.objects.filter(pk__in=payload["units"]).values_list("area__name", flat=True))
    where = listed(f"{name} {count}" for name, count in areas.most_common(10))
    return [
        (_("Frame"), str(frame)),
        (_("Units"), str(len(payload["units"]))),
        (_("Reason"), str(reason)),
        (_("Areas"), where),
    ]


def act() -> approval.Act:
    """The two-person act."""
    return approval.Act(
        ACT, gettext_lazy("Exclude units from a frame"), "frames.edit", carry_exclusion, describe=describe
    )


def _units(scope: Scope, frame_id: int, unit_ids: Sequence[UUID]) -> list[Unit]:
    frame = Frame.objects.select_for_update().filter(pk=frame_id).first()
    if frame is None or frame.state != Frame.State.DRAFT:
        raise RefusedError.of("frame.not_draft")
    units = list(units_seen(scope, frame_id, permission="frames.edit").filter(pk__in=list(unit_ids)))
    if len(units) != len(set(unit_ids)):
        raise RefusedError.of("frame.units_unknown", Place(), missing=len(set(unit_ids)) - len(units))
    return units


def _sizes(units: list[Unit]) -> list[tuple[int, int, int]]:
    """(excluded before, added, units in all) of each area that is touched."""
    sizes = []
    added = Counter(unit.area_id for unit in units if not unit.excluded)
    for area_id, count in added.items():
        rows = Unit.objects.filter(frame_id=units[0].frame_id, area_id=area_id)
        sizes.append((rows.exclude(excluded="").count(), count, rows.count()))
    return sizes


def _write(scope: Scope, units: list[Unit], reason: str) -> None:
    moment = now()
    for unit in units:
        unit.excluded, unit.excluded_by_id = reason, scope.user_id if reason else None
        unit.excluded_at = moment if reason else None
    Unit.objects.bulk_update(units, ["excluded", "excluded_by", "excluded_at"], batch_size=500)
    refresh_counts(units[0].frame_id, {unit.area_id for unit in units})
    record = {
        "frame": units[0].frame_id,
        "reason": reason or "included_again",
        "units": len(units),
        "areas": {str(key): count for key, count in Counter(unit.area_id for unit in units).items()},
        "by": scope.user_id or 0,
        "at": moment.isoformat(),
    }
    stage("frame.excluded", f"frame-{units[0].frame_id}-excluded-{uuid4().hex}", record)
