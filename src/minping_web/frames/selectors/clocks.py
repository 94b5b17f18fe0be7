"""What the retention clocks will erase next, what they erased, what is on hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from minping_web.common import retention
from minping_web.common.models import Erasure as OtherErasure
from minping_web.frames.models import Erasure, Frame, LegalHold
from minping_web.frames.rules import CLOCKS, Clock, clock


@dataclass(frozen=True)
class Due:
    """One erasure to come."""

    clock: Clock
    frame: Frame
    day: date
    hold: LegalHold | None


def held_frames(day: date) -> list[int]:
    """Ids of frames on hold at a day."""
    return list(live_holds(day).values_list("frame_id", flat=True))


def live_holds(day: date) -> QuerySet[LegalHold]:
    """Holds that stop clocks at a day."""
    return LegalHold.objects.filter(until__gte=day, lifted_at__isnull=True).select_related("frame", "made_by")


def upcoming(day: date) -> list[Due]:
    """Erasures of contacts to come, the next first; frames on hold are marked."""
    holds = {hold.frame_id: hold for hold in live_holds(day)}
    waiting = Frame.objects.filter(contacts_erased_at__isnull=True).exclude(state=Frame.State.LOADING)
    due = [Due(key, frame, when, holds.get(frame.pk)) for frame in waiting for key, when in [_next(frame)]]
    return sorted(due, key=lambda one: (one.day, one.frame.pk))


def due_frames(day: date) -> list[tuple[str, Frame]]:
    """(clock, frame) whose contacts are to be erased today; none on hold."""
    return [(one.clock.key, one.frame) for one in upcoming(day) if one.day <= day and one.hold is None]


def _next(frame: Frame) -> tuple[Clock, date]:
    """The clock of a frame that runs out first, and the day."""
    contacts = clock("contacts")
    first = (contacts, frame.needed_until + timedelta(days=contacts.days))
    if frame.superseded_at:
        superseded = clock("superseded")
        other = (superseded, frame.superseded_at.date() + timedelta(days=superseded.days))
        return min(first, other, key=lambda pair: pair[1])
    return first


def erasures() -> QuerySet[Erasure]:
    """Everything that was erased, newest first."""
    return Erasure.objects.select_related("frame")


def clocks() -> tuple[Clock, ...]:
    """All clocks."""
    return CLOCKS


def other_clocks() -> tuple[retention.Clock, ...]:
    """The clocks of all other apps."""
    return retention.clocks()


def other_erasures(most: int = 50) -> list[OtherErasure]:
    """What those erased last."""
    return list(OtherErasure.of()[:most])
