"""Is it alive, is it ready: what probes of a proxy or a container may ask without signing in.

`alive` asks the process and the database. `ready` asks whether this deployment can do its work: tables as
the code wants them, set up, keys there, room on the disk. Both name checks, never values.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from minping_web.common.models import Deployment

LEAST_FREE = 512 * 2**20
"""Bytes; below this a database may stop in the middle of a day."""


def alive() -> bool:
    """Whether the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except DatabaseError:
        return False


def ready() -> dict[str, bool]:
    """Each check by name."""
    if not alive():
        return {"database": False}
    return {"database": True, **{name: _holds(check) for name, check in CHECKS.items()}}


def pending_migrations() -> bool:
    """Whether the tables lag behind the code."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, OSError):
        return False


CHECKS: dict[str, Callable[[], bool]] = {
    "tables": lambda: not pending_migrations(),
    "set_up": Deployment.objects.exists,
    "keys": lambda: os.access(settings.KEY_FOLDER, os.R_OK | os.X_OK),
    "room": lambda: shutil.disk_usage(settings.DATA_FOLDER).free > LEAST_FREE,
}
