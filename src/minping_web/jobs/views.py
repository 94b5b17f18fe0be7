"""Pages of background jobs: the list, one job with live progress, cancel, retry, start; the live stream."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from minping_web.common.edit_pages import asked, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.live import stream
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine, RefusedError, lines
from minping_web.jobs import services
from minping_web.jobs.exports import JOBS, rows
from minping_web.jobs.models import Job
from minping_web.jobs.selectors import (
    MANAGE,
    VIEW,
    JobFilters,
    listed_jobs,
    manageable_jobs,
    problems_of,
    queue_state,
    visible_jobs,
)

MOST_EXPORTED = 20_000
PARAMETER = re.compile(r"\{\w+\}")
WHO = ("mine", "others", "clock")


@page()
def job_list(request: ScopedRequest) -> HttpResponse:
    """All jobs that the user may see."""
    filters = _filters(request)
    found = listed_jobs(request.scope, filters)
    if wants_export(request):
        return export_response(request, JOBS, rows(found[:MOST_EXPORTED]))
    sees_all = request.scope.reach(VIEW).whole
    context = {
        "page": paged(request, found),
        "filters": filters,
        "filtered": filters != JobFilters(),
        "states": Job.State.choices,
        "sees_all": sees_all,
        "queue": queue_state() if sees_all else None,
    }
    return render(request, "jobs/list.html", context)


def _filters(request: ScopedRequest) -> JobFilters:
    state, who = request.GET.get("state", ""), request.GET.get("who", "")
    return JobFilters(
        text=asked(request, "q"),
        state=state if state in Job.State.values else "",
        who=who if who in WHO else "",
    )


@page()
def job_detail(request: ScopedRequest, job_id: int) -> HttpResponse:
    """One job; without scripts the page loads itself again while the job is open."""
    return _detail(request, get_object_or_404(visible_jobs(request.scope), pk=job_id))


def _detail(request: ScopedRequest, job: Job, problems: Sequence[ProblemLine] = ()) -> HttpResponse:
    may_change = request.scope.reach(MANAGE).whole or job.actor_id == request.scope.user_id
    failure = _told(job)
    context = {
        "job": job,
        "shown": _shown(job),
        "problems": list(problems),
        "failure": failure,
        "unknown": "" if failure else job.error,
        "may_cancel": may_change and job.is_open and not job.cancel_asked,
        "may_retry": may_change and job.state in (Job.State.FAILED, Job.State.CANCELLED),
    }
    return render(request, "jobs/detail.html", context, status=422 if problems else 200)


def _shown(job: Job) -> Job:
    """The job for the part with the bar: its title in the page's language, its error told beside."""
    shown = copy(job)
    shown.title, shown.error = job.label, ""
    return shown


def _told(job: Job) -> list[ProblemLine]:
    """The problems of a failed job in words, with dots where a parameter was not kept."""
    return [
        replace(line, what=PARAMETER.sub("…", line.what), mend=PARAMETER.sub("…", line.mend))
        for line in lines(problems_of(job))
    ]


@page(methods=("POST",))
def cancel(request: ScopedRequest, job_id: int) -> HttpResponse:
    """Stop a job; what it did so far is taken back or was done in pieces."""
    return _changed(request, job_id, cancelling=True)


@page(methods=("POST",))
def retry(request: ScopedRequest, job_id: int) -> HttpResponse:
    """Queue a failed job again."""
    return _changed(request, job_id, cancelling=False)


def _changed(request: ScopedRequest, job_id: int, *, cancelling: bool) -> HttpResponse:
    try:
        job = (services.cancel if cancelling else services.retry)(request.scope, job_id)
    except RefusedError as error:
        job = get_object_or_404(manageable_jobs(request.scope), pk=job_id)
        return _detail(request, job, lines(error.problems))
    note = _("The job stops at its next step.") if cancelling else _("The job waits for a worker again.")
    messages.success(request, note)
    return redirect("jobs:detail", job.pk)


@page(methods=("POST",))
def start(request: ScopedRequest, task: str) -> HttpResponse:
    """Start a task that is offered; needs the permission that the task names."""
    try:
        job = services.start(request.scope, task)
    except RefusedError:
        return HttpResponse(status=404)
    return redirect("jobs:detail", job.pk)


@page()
def live(request: ScopedRequest, job_id: int) -> HttpResponseBase:
    """State and progress of one job as server-sent events."""
    return stream(request, "jobs", job_id)
