"""A deployment of its own to measure on: folder, database, the invented district, its frame.

In: the kind of database and the number of units. Out: Django set up in this process on a migrated and
seeded database that is used for nothing else. PostgreSQL runs with its ordinary, durable settings in a
cluster of its own, under a plain role, so that row-level security holds; SQLite as the product sets it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.web.postgres import own_cluster

DURABLE = "-c listen_addresses='' -c max_connections=20"
DATABASES = ("postgresql", "sqlite")


@contextmanager
def deployment(database: str) -> Iterator[Path]:
    """An empty, migrated deployment; gives its data folder, and removes all of it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="minping-bench-"))
    try:
        with _address(database, folder) as address:
            _set_up(folder, address)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _address(database: str, folder: Path) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder}/minping.sqlite3"
        return
    with own_cluster() as cluster:
        cluster.stop("fast")
        cluster.start(DURABLE)
        yield f"postgresql://minping@/minping?host={cluster.socket}"
        _disconnect()


def _disconnect() -> None:
    from django.db import connections

    connections.close_all()


def _set_up(folder: Path, address: str) -> None:
    os.environ |= {
        "MINPING_DATA": str(folder), "MINPING_DEMO": "1", "MINPING_HOSTS": "testserver",
        "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "minping_web.site.settings",
    }  # fmt: skip
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def seed(units: int) -> None:
    """The full invented district with a frame of about that many units."""
    from minping_web.site.demo.seed import seed_demonstration

    seed_demonstration(households=units, tell=print)
