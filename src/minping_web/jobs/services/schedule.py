"""Periodic jobs and the removal of old ones. Every worker calls `queue_periodic`; a unique key keeps one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from minping_web.common.clock import now
from minping_web.jobs.models import Job
from minping_web.jobs.rules import AFTER_FAILURE, Periodic, registry

KEPT = {
    Job.State.DONE: timedelta(days=90),
    Job.State.CANCELLED: timedelta(days=90),
    Job.State.FAILED: timedelta(days=180),
}
KEPT_PERIODIC = timedelta(days=2)
"""Jobs by the clock that went well say nothing later."""


def queue_periodic() -> int:
    """Queue what the clock asks for; gives how many jobs were queued."""
    moment = timezone.localtime(now())
    return sum(_queue(one, moment) for one in registry.periodic.values())


def _queue(periodic: Periodic, moment: datetime) -> int:
    key = periodic.key(moment)
    if Job.objects.filter(key=key).exists() or _is_busy(periodic, moment) or not periodic.wanted():
        return 0
    job = Job(task=periodic.task, key=key, run_at=moment, queued_at=moment)
    Job.objects.bulk_create([job], ignore_conflicts=True)  # another worker may have been quicker
    return 1


def _is_busy(periodic: Periodic, moment: datetime) -> bool:
    """Whether the last job of the task is still open or has just failed for good."""
    last = Job.objects.filter(task=periodic.task, actor=None).order_by("-pk").first()
    if last is None:
        return False
    failed = last.state == Job.State.FAILED and last.ended_at is not None
    return last.is_open or (failed and moment - last.ended_at < AFTER_FAILURE)  # type: ignore[operator]


def prune() -> int:
    """Delete old ended jobs; gives how many."""
    moment, count = now(), 0
    for state, kept in KEPT.items():
        count += Job.objects.filter(state=state, ended_at__lt=moment - kept).delete()[0]
    quiet = Job.objects.filter(state=Job.State.DONE, key__isnull=False, ended_at__lt=moment - KEPT_PERIODIC)
    return count + quiet.delete()[0]
