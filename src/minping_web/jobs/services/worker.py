"""The worker: claims jobs one after the other, runs each as its actor, ends it under its lease.

A job runs with the rights that its actor has now, not when it was queued. In the usual mode the task's
writes and the end of its job are one transaction, so that a worker killed at any moment leaves either both
or neither. Errors are kept as kind and codes: the text of an exception may hold personal data.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection, transaction

from minping_engine.errors import MinpingError
from minping_web.common.scope import Scope, entered, scope_of_user, system_scope
from minping_web.jobs.models import Job
from minping_web.jobs.rules import (
    JobCancelledError,
    LeaseLostError,
    Mode,
    Task,
    WorkerStoppingError,
    registry,
)
from minping_web.jobs.services import queue
from minping_web.jobs.services.lease import Lease
from minping_web.jobs.services.schedule import queue_periodic

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerSettings:
    """How a worker behaves. `until_idle` ends it when nothing is due: for tests and one-off runs."""

    lease: timedelta = timedelta(seconds=60)
    pause: float = 0.5
    periodic_every: float = 5.0
    periodic: bool = True
    until_idle: bool = False


class _ActorGoneError(Exception):
    """The job's actor may not enter any more."""


def run_worker(stop: threading.Event, settings: WorkerSettings | None = None, *, name: str = "") -> int:
    """Work until `stop` is set; gives how many jobs were run. One job at a time: scale by processes."""
    import_module(django_settings.ROOT_URLCONF)  # addresses load the wiring: scopes of actors, acts
    settings, name = settings or WorkerSettings(), name or _own_name()
    count, last_look = 0, float("-inf")
    while not stop.is_set():
        try:
            if settings.periodic and time.monotonic() - last_look >= settings.periodic_every:
                last_look = time.monotonic()
                queue_periodic()
            job = queue.claim(name, settings.lease)
        except DatabaseError:
            logger.exception("worker %s: the database does not answer", name)
            connection.close()
            job = None
        if job is not None:
            _run(job, settings, stop)
            count += 1
        elif settings.until_idle:
            break
        else:
            close_old_connections()
            stop.wait(settings.pause)
    return count


def _own_name() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"


def _run(job: Job, settings: WorkerSettings, stop: threading.Event) -> None:
    """Run one claimed job to its end; whatever happens, the worker lives on."""
    try:
        with Lease(job, settings.lease, stop) as lease:
            _perform(job, lease)
    except LeaseLostError:
        logger.warning("job %s: lease lost, nothing written", job.pk)
    except Exception as error:
        _end_badly(job, error)


def _end_badly(job: Job, error: Exception) -> None:
    try:
        if isinstance(error, JobCancelledError):
            queue.end_cancelled(job)
        elif isinstance(error, WorkerStoppingError):
            queue.release(job)
        elif _is_final(error):
            queue.end_failed(job, told(error))
        else:
            logger.error("job %s (%s) failed: %s", job.pk, job.task, told(error))
            queue.fail(job, told(error))
    except DatabaseError:  # the lease runs out and another worker takes the job
        logger.exception("job %s: its end could not be stored", job.pk)
        connection.close()


def _perform(job: Job, lease: Lease) -> None:
    spec = registry.tasks[job.task]
    scope = _scope_of(job)
    lease.begin(scope)
    with ExitStack() as around:
        if spec.mode is Mode.WHOLE:
            around.enter_context(transaction.atomic())
        if spec.mode is not Mode.PIECES:
            around.enter_context(entered(scope))
        result = _called(spec, lease, job.arguments)
        if not queue.finish(job, result, lease.report):
            raise LeaseLostError


def _called(spec: Task, lease: Lease, arguments: dict[str, Any]) -> Any:
    return spec.function(lease, **arguments)


def _scope_of(job: Job) -> Scope:
    if job.actor_id is None:
        return system_scope()
    scope = scope_of_user(job.actor_id)
    if not scope.reaches:
        raise _ActorGoneError
    return scope


def _is_final(error: Exception) -> bool:
    """Whether another try cannot help: refused by a rule, or by rights."""
    return isinstance(error, MinpingError | PermissionDenied | _ActorGoneError)


def told(error: Exception) -> str:
    """An error without personal data: problem codes with their number, else kind and place in the code."""
    if isinstance(error, _ActorGoneError):
        return "jobs.actor_gone"
    if isinstance(error, PermissionDenied):
        return "jobs.not_permitted"
    if isinstance(error, MinpingError):
        counted = Counter(problem.code for problem in error.problems)
        return "\n".join(code if n == 1 else f"{code} ×{n}" for code, n in counted.items())
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code if trace else None
    where = f" ({os.path.basename(code.co_filename)}:{trace.tb_lineno})" if code and trace else ""
    return f"{type(error).__name__}{where}"
