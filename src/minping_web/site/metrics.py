"""Counts for a monitoring system, written by hand in the text form that Prometheus reads.

Requests are counted per process, by app, class of answer and duration; an address never is a label, since
addresses name people. What stands in the database is read when asked.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min

from minping_web.common.clock import now
from minping_web.jobs.models import Job
from minping_web.ledger.models import StagedEntry

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends in seconds."""
Row = tuple[str, dict[str, str], float]


@dataclass
class Requests:
    """Requests of this process; `(app, class)` as in ("places", "2xx")."""

    counts: Counter[tuple[str, str, float]] = field(default_factory=Counter)
    seconds: Counter[tuple[str, str]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, app: str, status: int, seconds: float) -> None:
        """Count one answer."""
        kind = f"{status // 100}xx"
        bucket = next((end for end in BUCKETS if seconds <= end), float("inf"))
        with self.lock:
            self.counts[app, kind, bucket] += 1
            self.seconds[app, kind] += seconds  # type: ignore[assignment]  # a Counter of seconds

    def rows(self) -> Iterator[Row]:
        """Cumulative buckets, sum and count."""
        with self.lock:
            counts, seconds = dict(self.counts), dict(self.seconds)
        for app, kind in sorted(seconds):
            labels, running = {"app": app, "class": kind}, 0
            for end in (*BUCKETS, float("inf")):
                running += counts.get((app, kind, end), 0)
                yield "minping_request_seconds_bucket", {**labels, "le": _number(end)}, running
            yield "minping_request_seconds_sum", labels, seconds[app, kind]
            yield "minping_request_seconds_count", labels, running


requests = Requests()

HELP = {
    "minping_request_seconds": ("histogram", "Time to the answer, by app and class of answer."),
    "minping_jobs": ("gauge", "Background jobs by state."),
    "minping_job_oldest_wait_seconds": ("gauge", "How long the oldest job waits that could run now."),
    "minping_ledger_entries": ("gauge", "Entries of the log: sequenced, and staged but not yet sequenced."),
    "minping_database_bytes": ("gauge", "Size of the database."),
    "minping_disk_free_bytes": ("gauge", "Room left where the data folder lies."),
}


def page() -> str:
    """Everything as text."""
    lines: list[str] = []
    for name, (kind, about) in HELP.items():
        rows = [row for row in _all_rows() if row[0].startswith(name)]
        lines += [f"# HELP {name} {about}", f"# TYPE {name} {kind}", *(_line(*row) for row in rows)]
    return "\n".join(lines) + "\n"


def _all_rows() -> Iterable[Row]:
    return (*requests.rows(), *_job_rows(), *_ledger_rows(), *_room_rows())


def _job_rows() -> Iterator[Row]:
    found = dict(Job.objects.values_list("state").annotate(Count("pk")).order_by())
    for state in Job.State.values:
        yield "minping_jobs", {"state": state}, found.get(state, 0)
    moment = now()
    oldest = Job.objects.filter(state=Job.State.QUEUED, run_at__lte=moment).aggregate(Min("run_at"))
    waited = (moment - oldest["run_at__min"]).total_seconds() if oldest["run_at__min"] else 0.0
    yield "minping_job_oldest_wait_seconds", {}, waited


def _ledger_rows() -> Iterator[Row]:
    staged = StagedEntry.objects.filter(index__isnull=True).count()
    yield "minping_ledger_entries", {"state": "sequenced"}, StagedEntry.objects.count() - staged
    yield "minping_ledger_entries", {"state": "staged"}, staged


def _room_rows() -> Iterator[Row]:
    import shutil

    yield "minping_database_bytes", {}, database_bytes()
    yield "minping_disk_free_bytes", {}, shutil.disk_usage(settings.DATA_FOLDER).free


def database_bytes() -> int:
    """What the database takes, its write-ahead log included on SQLite."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    name = str(connection.settings_dict["NAME"])
    return sum(path.stat().st_size for end in ("", "-wal") if (path := Path(name + end)).exists())


def _line(name: str, labels: dict[str, str], value: float) -> str:
    told = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{told}}} {_number(value)}" if told else f"{name} {_number(value)}"


def _number(value: float) -> str:
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if value == int(value) else f"{value:.6g}"
