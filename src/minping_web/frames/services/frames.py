"""Small changes of a frame, each in the ledger: rename a draft, end its purpose, take it out of use."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.db import transaction

from minping_engine.errors import Place
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.models import Frame
from minping_web.frames.services.log import stated_reason
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import kept


@transaction.atomic
def edit_frame(scope: Scope, frame_id: int, *, name: str, needed_until: date) -> Frame:
    """Name of a draft, end of purpose of any frame; the end may only come earlier once it is sealed."""
    scope.require("frames.edit")
    frame = Frame.objects.select_for_update().get(pk=frame_id)
    if frame.state != Frame.State.DRAFT and (name != frame.name or needed_until > frame.needed_until):
        raise RefusedError.of("frame.not_draft")
    if needed_until < frame.as_of:
        raise RefusedError.of("frame.needed_until_early", Place(key="needed_until"))
    if (name, needed_until) == (frame.name, frame.needed_until):
        return frame
    before = frame.needed_until
    frame.name, frame.needed_until, frame.version = name, needed_until, frame.version + 1
    frame.save(update_fields=["name", "needed_until", "version"])
    told = {"needed_until": needed_until.isoformat(), "before": before.isoformat()}
    _enter(scope, frame, "edited", told, name=name)
    return frame


@transaction.atomic
def retire_frame(scope: Scope, frame_id: int, *, reason: str) -> Frame:
    """Mark a draft or sealed frame as superseded; its contacts are erased when the clock runs out.

    A frame whose sealing broke off may be taken out of use as well.
    """
    scope.require("frames.seal")
    frame = Frame.objects.select_for_update(of=("self",)).select_related("sealing_job").get(pk=frame_id)
    if frame.state not in (Frame.State.DRAFT, Frame.State.SEALED) and not frame.sealing_ended:
        raise RefusedError.of("frame.not_draft")
    before = frame.state
    frame.state, frame.superseded_at, frame.version = Frame.State.SUPERSEDED, now(), frame.version + 1
    frame.save(update_fields=["state", "superseded_at", "version"])
    _enter(scope, frame, "retired", {"before": str(before)}, reason=stated_reason(reason))
    return frame


def _enter(scope: Scope, frame: Frame, act: str, told: dict[str, Any], **words: str) -> None:
    """A frame may be edited many times, so each entry has a name of its own. `words`: what was typed."""
    step = f"frame-{frame.pk}-{act}-{uuid4().hex}"
    record = {"frame": frame.pk, "by": scope.user_id or 0, "at": now().isoformat()} | told
    for name, text in words.items():
        record |= kept(name, text, step=step)
    stage(f"frame.{act}", step, record)
