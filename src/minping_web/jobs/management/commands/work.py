"""`python -m django work`: one worker process; stops softly on SIGTERM and Ctrl-C."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from datetime import timedelta
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from minping_web.jobs.services import WorkerSettings, run_worker


class Command(BaseCommand):
    """Run jobs until told to stop."""

    help = "Run background jobs until SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Length of the lease, and whether to end when idle."""
        parser.add_argument(
            "--lease", type=float, default=60.0, help="seconds until a dead worker's job is free"
        )
        parser.add_argument("--until-idle", action="store_true", help="end when nothing is due")
        parser.add_argument("--no-periodic", action="store_true", help="queue nothing by the clock")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work."""
        stop = threading.Event()

        def stopped(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, stopped)
        signal.signal(signal.SIGINT, stopped)
        settings = WorkerSettings(
            lease=timedelta(seconds=options["lease"]),
            periodic=not options["no_periodic"],
            until_idle=options["until_idle"],
        )
        run_worker(stop, settings)
