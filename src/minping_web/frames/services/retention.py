"""The retention clocks at work: every night, what is due is erased; each erasure is counted and logged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from minping_engine.errors import Place
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.models import (
    ContactAccess,
    ContactExport,
    Erasure,
    Frame,
    FrameImport,
    LegalHold,
    RequestedUnit,
    ResidentRequest,
    Unit,
    UnitContact,
)
from minping_web.frames.rules import clock
from minping_web.frames.selectors.clocks import due_frames, held_frames
from minping_web.frames.services.forgetting import erase_contacts_of
from minping_web.frames.services.log import stated_reason
from minping_web.frames.services.uploads import remove_upload, stray_uploads
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed

LONGEST_HOLD = timedelta(days=366)


def erase_what_is_due() -> dict[str, int]:
    """Run all clocks; the caller entered a scope that sees all communities. Rows erased by clock."""
    erased = {"torsos": _remove_torsos()}
    for key, frame in due_frames(today()):
        erased[key] = erased.get(key, 0) + _erase_frame(key, frame)
    for key, sweep in _SWEEPS.items():
        with transaction.atomic():
            rows = sweep(key)
            if rows:
                _note(key, rows)
        erased[key] = rows
    return {key: rows for key, rows in erased.items() if rows}


@transaction.atomic
def _erase_frame(key: str, frame: Frame) -> int:
    rows = erase_contacts_of(frame.pk)
    Frame.objects.filter(pk=frame.pk).update(contacts_erased_at=now())
    _note(key, rows, frame)
    return rows


def _note(key: str, rows: int, frame: Frame | None = None) -> None:
    made = Erasure.objects.create(at=now(), clock=key, frame=frame, rows=rows)
    record = {"clock": key, "frame": frame.pk if frame else 0, "rows": rows, "on": today().isoformat()}
    stage("frame.erased", f"frame-erasure-{made.pk}", record)


def _before(key: str) -> date:
    return today() - timedelta(days=clock(key).days)


def _old_uploads(key: str) -> int:
    """Files of imports that went no further, of loads whose job has ended badly, and of nobody."""
    waiting = FrameImport.objects.exclude(stored_as="").filter(made_at__date__lt=_before(key))
    rows = 0
    for found in waiting.select_related("job"):
        if found.state == FrameImport.State.LOADING and not found.may_be_dropped:
            continue
        remove_upload(found.stored_as)
        FrameImport.objects.filter(pk=found.pk).update(stored_as="", state=FrameImport.State.DROPPED)
        rows += 1
    claimed = FrameImport.objects.exclude(stored_as="").values_list("stored_as", flat=True)
    stray = stray_uploads(now() - timedelta(days=clock(key).days), claimed)
    for stored_as in stray:
        remove_upload(stored_as)
    return rows + len(stray)


def _old_reports(key: str) -> int:
    return FrameImport.objects.filter(made_at__date__lt=_before(key), stored_as="").delete()[0]


def _old_exports(key: str) -> int:
    return ContactExport.objects.filter(expires_at__date__lt=_before(key)).delete()[0]


def _old_request_phones(key: str) -> int:
    old = ResidentRequest.objects.filter(answered_at__date__lt=_before(key), phone__isnull=False)
    kept = Q(kind=ResidentRequest.Kind.DELETION, state=ResidentRequest.State.DONE)
    return old.exclude(kept).update(phone=None, phone_blind=None)


def _old_log(key: str) -> int:
    old = ContactAccess.objects.filter(at__date__lt=_before(key)).exclude(frame_id__in=held_frames(today()))
    return old.delete()[0]


_SWEEPS: dict[str, Callable[[str], int]] = {
    "uploads": _old_uploads,
    "reports": _old_reports,
    "exports": _old_exports,
    "request_phones": _old_request_phones,
    "access_log": _old_log,
}


def _remove_torsos() -> int:
    """Rows of loads that died and were not taken up again within a day."""
    rows = 0
    torsos = Frame.objects.filter(state=Frame.State.LOADING, made_at__lt=now() - timedelta(days=1))
    for frame in torsos:
        rows += remove_torso(frame)
    return rows


@transaction.atomic
def remove_torso(frame: Frame) -> int:
    """Delete a frame that never was finished."""
    if frame.state != Frame.State.LOADING:
        raise RefusedError.of("frame.not_draft")
    RequestedUnit.objects.filter(unit__frame=frame).delete()
    UnitContact.objects.filter(frame=frame).delete()
    rows = Unit.objects.filter(frame=frame)._raw_delete("default")
    frame.delete()
    return rows


@transaction.atomic
def hold(scope: Scope, frame_id: int, *, reason: str, until: date) -> LegalHold:
    """Stop the clocks of a frame until a day within a year."""
    scope.require("frames.seal")
    if not today() < until <= today() + LONGEST_HOLD:
        raise RefusedError.of("frame.hold_dates", Place(key="until"))
    made = LegalHold.objects.create(
        frame_id=frame_id,
        reason=stated_reason(reason),
        until=until,
        made_by_id=scope.user_id or 0,
        made_at=now(),
    )
    step = f"frame-hold-{made.pk}"
    record = {
        "hold": made.pk, "frame": frame_id, "until": until.isoformat(), "by": scope.user_id or 0,
        **committed("reason", made.reason, step=step),
    }  # fmt: skip
    stage("frame.held", step, record)
    return made


@transaction.atomic
def lift(scope: Scope, hold_id: int) -> None:
    """End a hold before its day."""
    scope.require("frames.seal")
    found = LegalHold.objects.select_for_update().filter(pk=hold_id, lifted_at__isnull=True).first()
    if found is None:
        raise RefusedError.of("frame.hold_ended")
    found.lifted_by_id, found.lifted_at = scope.user_id, now()
    found.save(update_fields=["lifted_by", "lifted_at"])
    record = {"hold": found.pk, "frame": found.frame_id, "by": scope.user_id or 0}
    stage("frame.hold_lifted", f"frame-hold-{found.pk}-lifted", record)
