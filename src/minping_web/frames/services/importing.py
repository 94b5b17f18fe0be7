"""A file on its way into a frame: stored sealed, checked by a job, loaded by another at a person's word.

Both jobs may be killed at any moment: checking starts over, loading removes its torso and starts over. The
file is deleted as soon as the import ends in whatever way.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from minping_engine.errors import Place
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import Frame, FrameImport
from minping_web.frames.selectors.areas import areas_for_units
from minping_web.frames.selectors.frames import imports_seen
from minping_web.frames.services.loading import (
    NewUnit,
    begin_frame,
    chunks,
    finish_frame,
    write_chunk,
)
from minping_web.frames.services.retention import remove_torso
from minping_web.frames.services.uploads import remove_upload
from minping_web.jobs.rules import Progress
from minping_web.jobs.services import enqueue

State = FrameImport.State


@transaction.atomic
def start_import(
    scope: Scope,
    name: str,
    stored_as: str,
    *,
    file_name: str,
    size: int,
    dates: tuple[date, date],
) -> FrameImport:
    """Take a sealed upload and queue its check. `dates` are as_of and needed_until."""
    scope.require("frames.edit")
    if dates[1] <= dates[0]:
        raise RefusedError.of("frame.needed_until_early", Place(key="needed_until"))
    made = FrameImport.objects.create(
        name=name, as_of=dates[0], needed_until=dates[1], file_name=file_name[-200:], stored_as=stored_as,
        size=size, made_by_id=scope.user_id, made_at=now(),
    )  # fmt: skip
    made.job = enqueue(scope, "frames.check", title=_("Check “%(name)s”") % {"name": name}, import_id=made.pk)
    made.save(update_fields=["job"])
    return made


@transaction.atomic
def note_report(import_id: int, report: dict[str, Any]) -> None:
    """Keep what the check found; a refused file is deleted at once."""
    found = FrameImport.objects.select_for_update().get(pk=import_id)
    if found.state != State.CHECKING:
        return
    found.report, found.state = report, State.REFUSED if report["refused"] else State.CHECKED
    if report["refused"]:
        _forget_file(found)
    found.save(update_fields=["report", "state", "stored_as"])


@transaction.atomic
def confirm(scope: Scope, import_id: int, *, replaces: int | None = None) -> FrameImport:
    """Queue the load of a checked file; `replaces` names a draft that the new frame takes the place of."""
    found = _own(scope, import_id)
    if found.state != State.CHECKED:
        raise RefusedError.of("frame.import_not_ready")
    found.replaces = get_object_or_404(Frame, pk=replaces, state=Frame.State.DRAFT) if replaces else None
    found.state = State.LOADING
    title = _("Load “%(name)s”") % {"name": found.name}
    found.job = enqueue(scope, "frames.load", title=title, import_id=found.pk)
    found.save(update_fields=["replaces", "state", "job"])
    return found


@transaction.atomic
def drop(scope: Scope, import_id: int) -> None:
    """Give an import up: its file is deleted, and what a load that failed left behind."""
    found = _own(scope, import_id)
    if not found.may_be_dropped:
        raise RefusedError.of("frame.import_not_ready")
    _forget_file(found)
    torso, found.frame, found.state = found.frame, None, State.DROPPED
    found.save(update_fields=["state", "stored_as", "frame"])
    if torso is not None:
        remove_torso(torso)


def load(scope: Scope, found: FrameImport, rows: Iterable[NewUnit], progress: Progress) -> Frame:
    """Fill a new frame, chunk by chunk, each its own transaction; the last step shows it."""
    total = int(found.report["rows"])
    with entered(scope), transaction.atomic():
        _remove_former_attempt(found)
        frame = begin_frame(
            scope, found.name, as_of=found.as_of, needed_until=found.needed_until, replaces=found.replaces
        )
        FrameImport.objects.filter(pk=found.pk).update(frame=frame)
        areas = areas_for_units(scope, "frames.edit")
    done = 0
    for chunk in chunks(rows):
        with entered(scope):
            write_chunk(frame, chunk, areas)
        done += len(chunk)
        progress(done, total)
    with entered(scope), transaction.atomic():
        finish_frame(frame)
        FrameImport.objects.filter(pk=found.pk).update(state=State.LOADED, stored_as="")
        transaction.on_commit(lambda: remove_upload(found.stored_as))
    return frame


def _remove_former_attempt(found: FrameImport) -> None:
    former = (
        FrameImport.objects.select_for_update(of=("self",)).select_related("frame").get(pk=found.pk).frame
    )
    if former is not None:
        FrameImport.objects.filter(pk=found.pk).update(frame=None)
        remove_torso(former)


def _own(scope: Scope, import_id: int) -> FrameImport:
    return get_object_or_404(imports_seen(scope).select_for_update(of=("self",)), pk=import_id)


def _forget_file(found: FrameImport) -> None:
    stored_as, found.stored_as = found.stored_as, ""
    transaction.on_commit(lambda: remove_upload(stored_as))
