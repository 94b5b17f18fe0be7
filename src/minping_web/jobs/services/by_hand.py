"""What people do with jobs: start one that is offered, cancel, retry. The actor may, and who manages jobs."""

from __future__ import annotations

from django.db import transaction
from django.shortcuts import get_object_or_404

from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.jobs.models import Job
from minping_web.jobs.rules import registry
from minping_web.jobs.selectors import manageable_jobs
from minping_web.jobs.services.queue import enqueue


@transaction.atomic
def cancel(scope: Scope, job_id: int) -> Job:
    """A waiting job ends at once; a running one at its next report. Raises `RefusedError` when it ended."""
    job = _job(scope, job_id)
    if not job.is_open:
        raise RefusedError.of("jobs.ended")
    job.cancel_asked = True
    if job.state == Job.State.QUEUED:
        job.state, job.ended_at = Job.State.CANCELLED, now()
    job.version += 1
    job.save(update_fields=["cancel_asked", "state", "ended_at", "version"])
    return job


@transaction.atomic
def retry(scope: Scope, job_id: int) -> Job:
    """Queue a failed or cancelled job again, with all its tries. Raises `RefusedError` for others."""
    job = _job(scope, job_id)
    if job.state not in (Job.State.FAILED, Job.State.CANCELLED):
        raise RefusedError.of("jobs.not_ended")
    job.state, job.run_at, job.tries, job.cancel_asked = Job.State.QUEUED, now(), 0, False
    job.ended_at, job.worker, job.error = None, "", ""
    job.version += 1
    job.save()
    return job


def start(scope: Scope, task_name: str) -> Job:
    """Queue a task that is offered for starting by hand; a second one is not queued while one is open."""
    spec = registry.tasks.get(task_name)
    if spec is None or spec.start is None:
        raise RefusedError.of("jobs.not_offered")
    scope.require(spec.start)
    open_job = Job.objects.filter(
        task=task_name, actor_id=scope.user_id, state__in=(Job.State.QUEUED, Job.State.RUNNING)
    )
    return open_job.first() or enqueue(scope, task_name)


def _job(scope: Scope, job_id: int) -> Job:
    return get_object_or_404(manageable_jobs(scope).select_for_update(of=("self",)), pk=job_id)
