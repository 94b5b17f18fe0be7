"""Seconds by the wall and seconds of work, the database's server included.

Other processes of the machine lengthen the first much and the second somewhat (they share caches and
cores); both are told, and for short things the least work of all runs. Work of a PostgreSQL server is read
from the accounting of the one process that serves our connection.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Spent:
    """One run: wall seconds, processor seconds of this process, and of the database's server."""

    wall: float
    own: float
    server: float

    @property
    def work(self) -> float:
        """Processor seconds of both."""
        return self.own + self.server


@dataclass(frozen=True)
class Figure:
    """Several runs of one thing; `queries` only where they were counted."""

    name: str
    runs: tuple[Spent, ...]
    queries: int | None = None
    note: str = ""

    @property
    def least_work(self) -> float:
        """Of all runs: other processes can only add to it."""
        return min(run.work for run in self.runs)

    def median(self, what: str) -> float:
        """Median over the runs of `wall`, `own`, `server` or `work`, in seconds."""
        return statistics.median(float(getattr(run, what)) for run in self.runs)


def figure_of(stored: dict[str, Any]) -> Figure:
    """A figure that another process told as JSON."""
    return Figure(**{**stored, "runs": tuple(Spent(**run) for run in stored["runs"])})


def spent_on(act: Callable[[], object]) -> Spent:
    """Run once."""
    server = _server_seconds()
    wall, own = time.perf_counter(), time.process_time()
    act()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    return Spent(wall, own, _server_seconds() - server)


def figure(name: str, act: Callable[[], object], runs: int = 1, *, note: str = "") -> Figure:
    """Run several times."""
    return Figure(name, tuple(spent_on(act) for _ in range(runs)), note=note)


def _server_seconds() -> float:
    """Processor seconds of the server's process of our connection; 0 for SQLite, which works in ours."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    account = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(account.read_text("ascii").split()[0]) / 1e9 if account.exists() else 0.0
