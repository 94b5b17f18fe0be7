"""Small changes of a frame: rename a draft, set the end of its purpose, take it out of use."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from minping_engine.errors import Place
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.models import Frame


@transaction.atomic
def edit_frame(scope: Scope, frame_id: int, *, name: str, needed_until: date) -> Frame:
    """Name of a draft, end of purpose of any frame; the end may only come earlier once it is sealed."""
    scope.require("frames.edit")
    frame = Frame.objects.select_for_update().get(pk=frame_id)
    if frame.state != Frame.State.DRAFT and (name != frame.name or needed_until > frame.needed_until):
        raise RefusedError.of("frame.not_draft")
    if needed_until < frame.as_of:
        raise RefusedError.of("frame.needed_until_early", Place(key="needed_until"))
    frame.name, frame.needed_until = name, needed_until
    frame.save(update_fields=["name", "needed_until"])
    return frame


@transaction.atomic
def retire_frame(scope: Scope, frame_id: int) -> Frame:
    """Mark a draft or sealed frame as superseded; its contacts are erased when the clock runs out."""
    scope.require("frames.seal")
    frame = Frame.objects.select_for_update().get(pk=frame_id)
    if frame.state not in (Frame.State.DRAFT, Frame.State.SEALED):
        raise RefusedError.of("frame.not_draft")
    frame.state, frame.superseded_at = Frame.State.SUPERSEDED, now()
    frame.save(update_fields=["state", "superseded_at"])
    return frame
