"""The lease of a running job outlives a database that is busy: SQLite lets one write at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from minping_web.jobs.models import Job
from minping_web.jobs.services import claim
from minping_web.jobs.services.lease import Lease
from tests.web.jobs.worlds import queued

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
LONG, SHORT = timedelta(seconds=60), timedelta(seconds=2)


@pytest.fixture(autouse=True)
def on_sqlite() -> None:
    """PostgreSQL locks rows: a renewal there waits for nobody but who writes the same job."""
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite lets a single write at a time")


def taken(length: timedelta) -> Job:
    """A job that this worker holds."""
    queued("test.effect", name="held")
    job = claim("worker", length)
    assert job is not None
    return job


@contextmanager
def writing() -> Iterator[None]:
    """A write transaction of the task itself, on its own connection."""
    with transaction.atomic():
        Job.objects.update(title="busy")
        yield


def until(job: Job) -> datetime:
    """When the lease ends, as other workers see it."""
    ends = Job.objects.values_list("lease_until", flat=True).get(pk=job.pk)
    assert ends is not None
    return ends


def renewed_after(job: Job, before: datetime, seconds: float) -> bool:
    """Whether the lease was prolonged within that time."""
    end = time.monotonic() + seconds
    while until(job) == before and time.monotonic() < end:
        time.sleep(0.05)
    return until(job) > before


def test_a_renewal_that_met_a_long_write_follows_at_once_and_nobody_is_alarmed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = taken(LONG)
    with caplog.at_level(logging.WARNING), Lease(job, LONG, threading.Event()) as lease:
        before = until(job)
        with writing():
            lease(1, 2)
            time.sleep(0.7)
        assert renewed_after(job, before, 5), "waited for a third of the lease"
    assert not caplog.records


def test_a_lease_at_stake_is_told_once_and_still_saved(caplog: pytest.LogCaptureFixture) -> None:
    job = taken(SHORT)
    with caplog.at_level(logging.WARNING), Lease(job, SHORT, threading.Event()):
        before = until(job)
        with writing():
            time.sleep(SHORT.total_seconds() + 1)
        assert renewed_after(job, before, 5)
    assert [record.getMessage() for record in caplog.records] == [
        f"job {job.pk}: lease not renewed, the database does not take it now"
    ]
