"""Queue a job inside the business transaction; claim, renew, end it in a worker."""

from __future__ import annotations

from typing import Any

from minping_web.common.clock import now
from minping_web.common.scope import Scope
from minping_web.jobs.models import Job


def enqueue(scope: Scope, task: str, *, title: str, max_tries: int = 5, **arguments: Any) -> Job:
    """A new job; it becomes visible to workers when the caller's transaction commits."""
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
