"""The frame of rounds without a survey: a name and no household. It is never offered for a draw."""

from __future__ import annotations

from minping_web.common.clock import now, today
from minping_web.frames.models import Frame
from minping_web.frames.selectors.frames import NOBODY


def frame_of_nobody() -> Frame:
    """The one row for all rounds that ask no household."""
    known = Frame.objects.filter(name=NOBODY, units=0, state=Frame.State.SUPERSEDED).first()
    if known is not None:
        return known
    return Frame.objects.create(
        name=NOBODY, as_of=today(), state=Frame.State.SUPERSEDED, needed_until=today(), made_at=now(),
        superseded_at=now(), contacts_erased_at=now(),
    )  # fmt: skip
