"""A job's way through the table: queued, claimed under a lease, ended by whoever holds the lease.

Every change by a worker carries its name and try in the condition, so a worker that lost its lease writes
nothing. PostgreSQL skips rows that another worker is claiming; on SQLite the transaction takes the write
lock at its beginning, which does the same.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from minping_web.common.clock import now
from minping_web.common.scope import Scope
from minping_web.jobs.models import Job
from minping_web.jobs.rules import back_off

LEASE_RAN_OUT = "jobs.lease_ran_out"
LONGEST_NOTE = 200


def enqueue(scope: Scope, task: str, /, *, title: str = "", max_tries: int = 5, **arguments: Any) -> Job:
    """A new job of the scope's user; workers see it when the caller's transaction commits."""
    moment = now()
    return Job.objects.create(
        task=task,
        title=title,
        arguments=arguments,
        max_tries=max_tries,
        run_at=moment,
        queued_at=moment,
        actor_id=scope.user_id,
    )


def claim(worker: str, lease: timedelta) -> Job | None:
    """Take the job that waited longest, or one whose worker died; None if there is nothing to do."""
    while _due().exists():  # asked without a lock first: an idle worker must not take SQLite's write lock
        with transaction.atomic():
            job = _locked(_due().order_by("run_at", "pk")).first()
            if job is None:
                return None
            if job.cancel_asked or job.tries >= job.max_tries:
                _give_up(job)
                continue
            return _taken(job, worker, lease)
    return None


def _due() -> QuerySet[Job]:
    moment = now()
    waiting = Q(state=Job.State.QUEUED, run_at__lte=moment)
    return Job.objects.filter(waiting | Q(state=Job.State.RUNNING, lease_until__lt=moment))


def _locked(jobs: QuerySet[Job]) -> QuerySet[Job]:
    if connection.features.has_select_for_update_skip_locked:
        return jobs.select_for_update(skip_locked=True)
    return jobs


def _taken(job: Job, worker: str, lease: timedelta) -> Job:
    moment = now()
    job.state, job.worker, job.lease_until = Job.State.RUNNING, worker, moment + lease
    job.started_at = moment
    job.tries += 1
    job.version += 1
    job.done, job.total, job.note, job.error = 0, 0, "", ""
    job.save()
    return job


def _give_up(job: Job) -> None:
    """A job that was cancelled while its worker died, or whose workers died each time."""
    job.state = Job.State.CANCELLED if job.cancel_asked else Job.State.FAILED
    job.error = "" if job.cancel_asked else LEASE_RAN_OUT
    job.ended_at, job.lease_until = now(), None
    job.version += 1
    job.save()


def _mine(job: Job) -> QuerySet[Job]:
    """The row, as long as this try of this worker holds it."""
    return Job.objects.filter(pk=job.pk, worker=job.worker, tries=job.tries, state=Job.State.RUNNING)


def renew(job: Job, lease: timedelta, report: tuple[int, int, str] | None) -> bool | None:
    """Prolong the lease and store progress: None if it is lost, else whether a cancellation waits."""
    values: dict[str, Any] = {"lease_until": now() + lease}
    if report is not None:
        done, total, note = report
        values |= {"done": done, "total": total, "note": note[:LONGEST_NOTE], "version": F("version") + 1}
    if not _mine(job).update(**values):
        return None
    return _mine(job).values_list("cancel_asked", flat=True).first()


def finish(job: Job, result: Any, report: tuple[int, int, str] | None) -> bool:
    """The job is done; False if the lease was lost and nothing was written."""
    return _end(job, Job.State.DONE, result=result, **_told(report))


def end_cancelled(job: Job) -> bool:
    """The task heard the cancellation and stopped."""
    return _end(job, Job.State.CANCELLED)


def end_failed(job: Job, error: str) -> bool:
    """The job cannot be done: a person has to look."""
    return _end(job, Job.State.FAILED, error=error)


def fail(job: Job, error: str) -> bool:
    """The try failed: again after a while, or no more."""
    if job.tries >= job.max_tries:
        return end_failed(job, error)
    return _requeue(job, run_at=now() + back_off(job.tries), error=error)


def release(job: Job) -> bool:
    """Give an unfinished job back because the worker stops; this try does not count."""
    return _requeue(job, run_at=now(), tries=F("tries") - 1)


def _told(report: tuple[int, int, str] | None) -> dict[str, Any]:
    return dict(zip(("done", "total", "note"), report, strict=True)) if report else {}


def _end(job: Job, state: Job.State, **values: Any) -> bool:
    values |= {"state": state, "ended_at": now(), "lease_until": None, "version": F("version") + 1}
    return bool(_mine(job).update(**values))


def _requeue(job: Job, **values: Any) -> bool:
    values |= {"state": Job.State.QUEUED, "worker": "", "lease_until": None, "version": F("version") + 1}
    return bool(_mine(job).update(**values))
