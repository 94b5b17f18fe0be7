"""Reads jobs: who may see which, how deep the queue is, what a live stream shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from minping_engine.errors import Problem
from minping_web.common.clock import now
from minping_web.common.live import Reading, register
from minping_web.common.scope import Scope
from minping_web.jobs.models import Job
from minping_web.jobs.rules import registry

VIEW, MANAGE = "jobs.view", "jobs.manage"


def visible_jobs(scope: Scope) -> QuerySet[Job]:
    """Own jobs; all of them for who holds `jobs.view` in the whole district (jobs lie in no area)."""
    return _jobs(scope, VIEW)


def manageable_jobs(scope: Scope) -> QuerySet[Job]:
    """Jobs that may be cancelled and retried: own ones, all with `jobs.manage` in the whole district."""
    return _jobs(scope, MANAGE)


def _jobs(scope: Scope, permission: str) -> QuerySet[Job]:
    jobs = Job.objects.select_related("actor")
    if scope.reach(permission).whole:
        return jobs
    return jobs.filter(actor_id=scope.user_id) if scope.user_id is not None else jobs.none()


@dataclass(frozen=True)
class JobFilters:
    """What the list is narrowed to; empty means all."""

    text: str = ""
    state: str = ""
    who: str = ""
    """mine, others or clock (queued by the clock)."""


def listed_jobs(scope: Scope, filters: JobFilters) -> QuerySet[Job]:
    """The jobs of the list, newest first."""
    jobs = visible_jobs(scope)
    if filters.text:
        named = [name for name in registry.tasks if filters.text.lower() in registry.title_of(name).lower()]
        jobs = jobs.filter(Q(title__icontains=filters.text) | Q(title="", task__in=named))
    if filters.state:
        jobs = jobs.filter(state=filters.state)
    if filters.who == "mine":
        jobs = jobs.filter(actor_id=scope.user_id)
    elif filters.who == "clock":
        jobs = jobs.filter(actor=None)
    elif filters.who == "others":
        jobs = jobs.filter(actor__isnull=False).exclude(actor_id=scope.user_id)
    return jobs


def problems_of(job: Job) -> list[Problem]:
    """The codes that a failed job left; their parameters were not kept. Empty for an unknown error."""
    codes = (line.partition(" ")[0] for line in job.error.splitlines())
    return [Problem(code) for code in codes if "." in code]


@dataclass(frozen=True)
class QueueState:
    """The queue at a moment, for pages and metrics."""

    waiting: int
    running: int
    failed: int
    oldest_wait_seconds: float
    """How long the job that waits longest is due already."""


def queue_state() -> QueueState:
    """Depth and age of the queue, in one query."""
    moment = now()
    due = Q(state=Job.State.QUEUED, run_at__lte=moment)
    found = Job.objects.aggregate(
        waiting=Count("pk", filter=Q(state=Job.State.QUEUED)),
        running=Count("pk", filter=Q(state=Job.State.RUNNING)),
        failed=Count("pk", filter=Q(state=Job.State.FAILED)),
        oldest=Min("run_at", filter=due),
    )
    wait = (moment - found["oldest"]).total_seconds() if found["oldest"] else 0.0
    return QueueState(found["waiting"], found["running"], found["failed"], wait)


class JobTopic:
    """Jobs as something to watch."""

    name = "jobs"

    def permits(self, scope: Scope, key: int) -> bool:
        """See `Topic`."""
        return visible_jobs(scope).filter(pk=key).exists()

    def read(self, keys: Collection[int]) -> Mapping[int, Reading]:
        """See `Topic`."""
        rows = Job.objects.filter(pk__in=keys).values("pk", "version", "state", "done", "total", "note")
        return {row["pk"]: _reading(dict(row)) for row in rows}

    def message(self, reading: Reading) -> Mapping[str, Any]:
        """See `Topic`."""
        return {**reading.data, "state_label": str(Job.State(reading.data["state"]).label)}


def _reading(row: dict[str, Any]) -> Reading:
    data = {name: row[name] for name in ("state", "done", "total", "note")}
    return Reading(row["version"], data, last=row["state"] not in (Job.State.QUEUED, Job.State.RUNNING))


register(JobTopic())
