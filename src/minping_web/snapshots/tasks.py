"""Background jobs of closing: the count with everything after it, and taking up what a lost worker left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.ballots.models import RoundClosing
from minping_web.ballots.rules.words import ClosingState
from minping_web.ballots.services.closing import (
    DISCARD,
    TASK,
    cancelled_with_keys,
    cancelled_with_secrets,
    resume_broken_off,
)
from minping_web.jobs.rules import Mode, Periodic, Progress, nightly, repeat, task
from minping_web.snapshots.services.closing import close_round, discard_round
from minping_web.snapshots.services.taking_over import forget_left_lying, left_lying


@task(TASK, title=_("Count a round and destroy its keys"), mode=Mode.PIECES)
def close(progress: Progress, *, round_id: int) -> dict[str, Any]:
    """Resumable from every state."""
    return close_round(round_id, progress)


@task(DISCARD, title=_("Destroy the votes of a cancelled round"), mode=Mode.PIECES)
def discard(progress: Progress, *, round_id: int) -> dict[str, Any]:
    """Without a count; may be repeated."""
    return {"discarded": discard_round(round_id)}


@task("snapshots.resume", title=_("Take up closings that broke off"), mode=Mode.PIECES)
def resume(progress: Progress) -> dict[str, int]:
    """A job that was cancelled or whose worker died too often."""
    return {"queued": resume_broken_off()}


@task(
    "snapshots.forget_brought",
    title=_("Delete folders that were brought and not taken over"),
    mode=Mode.PIECES,
)
def forget_brought(progress: Progress) -> dict[str, int]:
    """May be repeated."""
    return {"folders": forget_left_lying()}


def _is_under_way() -> bool:
    begun = RoundClosing.objects.exclude(state__in=(ClosingState.OPEN, ClosingState.PURGED))
    return begun.exists() or bool(cancelled_with_keys() or cancelled_with_secrets())


repeat(Periodic("snapshots.resume", every=timedelta(minutes=10), wanted=_is_under_way))
repeat(Periodic("snapshots.forget_brought", **nightly(3), wanted=lambda: bool(left_lying())))
