"""The list of jobs as a table to download."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils import timezone

from minping_web.common.tabular import Column, TableSpec
from minping_web.jobs.models import Job

JOBS = TableSpec(
    "jobs",
    "后台任务",
    "Background jobs",
    (
        Column("id", "编号", "Number"),
        Column("title", "任务", "Job"),
        Column("state", "状态", "State"),
        Column("actor", "发起人", "Started by"),
        Column("queued_at", "排队时间", "Queued at"),
        Column("ended_at", "结束时间", "Ended at"),
        Column("done", "已完成", "Done"),
        Column("total", "总数", "In all"),
        Column("tries", "尝试次数", "Tries"),
        Column("error", "错误", "Error"),
    ),
    key=("id",),
)


def rows(jobs: Iterable[Job]) -> Iterator[dict[str, object]]:
    """One row per job, in the language of the page."""
    for job in jobs:
        yield {
            "id": job.pk,
            "title": job.label,
            "state": str(Job.State(job.state).label),
            "actor": str(job.actor) if job.actor else "",
            "queued_at": _moment(job.queued_at),
            "ended_at": _moment(job.ended_at),
            "done": job.done,
            "total": job.total,
            "tries": job.tries,
            "error": job.error.replace("\n", "; "),
        }


def _moment(moment: object) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment else ""  # type: ignore[arg-type]
