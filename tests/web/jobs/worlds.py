"""Tasks that only tests know, their queue, and real worker processes on the database of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.db import connection

from minping_web.common.clock import now
from minping_web.common.models import ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.scope import NOBODY, Scope, current_scope
from minping_web.jobs.models import Job
from minping_web.jobs.rules import Mode, Progress, registry, task
from minping_web.jobs.services import WorkerSettings, enqueue, run_worker

ROOT = Path(__file__).resolve().parents[3]


def note_effect(name: str) -> None:
    """Something that a job does: a row."""
    ChangeSet.objects.create(kind="test.effect", title=name, made_at=now())


def effects(name: str) -> int:
    """How often it was done."""
    return ChangeSet.objects.filter(kind="test.effect", title=name).count()


if "test.effect" not in registry.tasks:

    @task("test.effect", mode=Mode.WHOLE)
    def effect(progress: Progress, name: str, folder: str = "") -> str:
        """Leave a row; with a folder, say that it began and wait until somebody lets it go on."""
        note_effect(name)
        if folder:
            (Path(folder) / "begun").touch()
            while not (Path(folder) / "go").exists():
                progress(1, 2, "waiting")
                time.sleep(0.02)
        progress(2, 2, "done")
        return current_scope().label

    @task("test.slow", mode=Mode.PIECES)
    def slow(progress: Progress, steps: int, pause: float = 0.02) -> int:
        """Report often, commit nothing."""
        for step in range(steps):
            progress(step, steps, f"step {step}")
            time.sleep(pause)
        return steps

    @task("test.broken", mode=Mode.WHOLE)
    def broken(progress: Progress, name: str) -> None:
        """Leave a row, then fail with a text that names somebody."""
        note_effect(name)
        raise ValueError("王芳 13800000000")

    @task("test.refused", mode=Mode.WHOLE)
    def refused(progress: Progress) -> None:
        """What a rule refuses is refused again."""
        raise RefusedError.of("change.still_used", label="王芳")

    @task("test.rights")
    def rights(progress: Progress) -> None:
        """Needs a right that its actor may have lost."""
        current_scope().require("places.edit")

    @task("test.forbidden")
    def forbidden(progress: Progress) -> None:
        """Always lacks a right."""
        raise PermissionDenied

    @task("test.clock", title="By the clock")
    def by_clock(progress: Progress) -> None:
        """Does nothing."""


def queued(name: str, scope: Scope | None = None, /, *, max_tries: int = 5, **arguments: object) -> Job:
    """A job of the scope, or of nobody: then the product itself acts."""
    return enqueue(scope or NOBODY, name, max_tries=max_tries, **arguments)


def work(**settings: object) -> int:
    """Run everything that is due, in this thread."""
    told = {"periodic": False, "until_idle": True, **settings}
    return run_worker(Event(), WorkerSettings(**told))  # type: ignore[arg-type]


def wait_for(told: Callable[[], object], seconds: float = 60.0) -> None:
    """Until it is true; AssertionError after some seconds."""
    end = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.03)


def database_url() -> str:
    """The database of this test, for another process."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return f"postgresql://minping@{quote(str(told['HOST']), safe='')}/{told['NAME']}"


def environment(data: Path) -> dict[str, str]:
    """What another process of the product needs to know."""
    return {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "minping_web.site.settings",
        "DATABASE_URL": database_url(),
        "MINPING_DATA": str(data),
        "MINPING_KEYS": str(data / "keys"),
        "MINPING_HOSTS": "localhost,127.0.0.1",
        "MINPING_HTTPS": "0",
        "MINPING_STATIC": "plain",
    }


def worker_process(data: Path, lease: timedelta) -> subprocess.Popen[bytes]:
    """A real worker with the tasks of the tests."""
    code = (
        "import django; django.setup(); import tests.web.jobs.worlds; "
        "from django.core.management import call_command; "
        f"call_command('work', '--no-periodic', '--lease', '{lease.total_seconds()}')"
    )
    return subprocess.Popen([sys.executable, "-c", code], env=environment(data), cwd=ROOT)
