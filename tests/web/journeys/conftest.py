"""A worker that carries out jobs beside the journeys."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connections

from minping_web.jobs.services import WorkerSettings, run_worker


@pytest.fixture
def worker() -> Iterator[None]:
    """Works off jobs beside the test, with a connection of its own."""
    stop = threading.Event()

    def work() -> None:
        run_worker(stop, WorkerSettings(pause=0.1, periodic=False))
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()
