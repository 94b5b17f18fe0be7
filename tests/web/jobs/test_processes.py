"""Real worker processes: kill -9 in the middle of a job, a soft stop, and the effect done once."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from minping_web.jobs.models import Job
from tests.web.jobs.worlds import effects, queued, wait_for, worker_process

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
LEASE = timedelta(seconds=3)
Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start workers; whatever still runs is killed at the end."""
    processes: list[subprocess.Popen[bytes]] = []

    def started() -> subprocess.Popen[bytes]:
        processes.append(worker_process(tmp_path / "data", LEASE))
        return processes[-1]

    yield started
    for process in processes:
        process.kill()
        process.wait()


def test_a_job_survives_kill_9_and_is_done_once_in_effect(start: Start, tmp_path: Path) -> None:
    job = queued("test.effect", name="survivor", folder=str(tmp_path))
    first = start()
    wait_for((tmp_path / "begun").exists)
    first.kill()
    first.wait()
    assert effects("survivor") == 0
    (tmp_path / "go").touch()
    start()
    wait_for(lambda: Job.objects.filter(pk=job.pk, state="done").exists())
    job.refresh_from_db()
    assert job.tries == 2
    assert effects("survivor") == 1


def test_sigterm_gives_the_job_back_and_ends_the_process(start: Start, tmp_path: Path) -> None:
    job = queued("test.effect", name="handed over", folder=str(tmp_path))
    process = start()
    wait_for((tmp_path / "begun").exists)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    job.refresh_from_db()
    assert (job.state, job.tries) == ("queued", 0)
    assert effects("handed over") == 0
