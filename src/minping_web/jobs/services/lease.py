"""The heartbeat of a running job: a thread renews the lease and stores progress, the task only reports.

Reports are kept in memory and written at most twice a second over the thread's own connection: the task's
transaction stays its own, and a report never waits. SQLite lets one write at a time, often the task itself: a
renewal that finds it taken is tried again until it succeeds, and is told only when half of the lease is gone.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from types import TracebackType

from django.db import Error as DatabaseError
from django.db import OperationalError, connection

from minping_web.common.scope import Scope
from minping_web.jobs.models import Job
from minping_web.jobs.rules import JobCancelledError, LeaseLostError, WorkerStoppingError
from minping_web.jobs.services.queue import renew

WRITES_APART = 0.5
SQLITE_PATIENCE_MS = 400
RENEWALS = 3
"""In the length of a lease, where nothing is reported."""
SERIOUS = 0.5
"""Share of the lease after which it is told that a busy database does not take the renewal."""

logger = logging.getLogger(__name__)


class Lease:
    """Held while a job runs; as `Progress` it is what the task gets. Use as a context manager."""

    def __init__(self, job: Job, length: timedelta, stop: threading.Event) -> None:
        self.report: tuple[int, int, str] | None = None
        self._job, self._length, self._stop = job, length, stop
        self._scope: Scope | None = None
        self._written: tuple[int, int, str] | None = None
        self._renewed = time.monotonic()
        self._cancelled = self._lost = self._is_late = self._is_told = False
        self._fresh, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{job.pk}", daemon=True)

    @property
    def scope(self) -> Scope:
        """The scope of the job's actor."""
        if self._scope is None:
            raise LookupError("the job has not begun")
        return self._scope

    def begin(self, scope: Scope) -> None:
        """Tell the scope, when it is known."""
        self._scope = scope

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """See `Progress`."""
        self.report = (done, total, note)
        self._fresh.set()
        if self._cancelled:
            raise JobCancelledError
        if self._lost or time.monotonic() - self._renewed > self._length.total_seconds():
            raise LeaseLostError
        if self._stop.is_set():
            raise WorkerStoppingError

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._fresh.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._over.is_set() and not self._lost:
                self._fresh.wait(0 if self._is_late else self._length.total_seconds() / RENEWALS)
                self._fresh.clear()
                if not self._over.is_set():
                    self._renew()
                self._over.wait(WRITES_APART)
        finally:
            connection.close()

    def _renew(self) -> None:
        report, begun = self.report, time.monotonic()
        try:
            if connection.connection is None and connection.vendor == "sqlite":
                with connection.cursor() as cursor:
                    cursor.execute(f"PRAGMA busy_timeout={SQLITE_PATIENCE_MS}")
            answer = renew(self._job, self._length, report if report != self._written else None)
        except DatabaseError as error:
            self._refused(error)
            return
        self._written, self._renewed = report, begun
        self._is_late = self._is_told = False
        self._lost, self._cancelled = answer is None, bool(answer)

    def _refused(self, error: DatabaseError) -> None:
        """Try again soon; tell it once, a busy SQLite only where the lease is at stake."""
        self._is_late = True
        if connection.vendor != "sqlite":
            connection.close()
        gone = (time.monotonic() - self._renewed) / self._length.total_seconds()
        is_busy = connection.vendor == "sqlite" and isinstance(error, OperationalError)
        if not self._is_told and (gone > SERIOUS or not is_busy):
            self._is_told = True
            logger.warning("job %s: lease not renewed, the database does not take it now", self._job.pk)
