"""One writer at a time: a lock file beside the log (same host), an advisory lock in PostgreSQL (any host).

Neither outlives its process, so a killed writer blocks nobody. SQLite needs the file only: whoever has the
database has the folder.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

LOCK_FILE = ".lock"
ADVISORY = 0x6D70_6C67
"""Number of the lock in PostgreSQL."""


class BusyError(Exception):
    """Another process writes the log just now."""


@contextmanager
def only_writer() -> Iterator[None]:
    """Be the only writer of the log, or raise `BusyError` at once."""
    with _lock_file(), _advisory_lock():
        yield


@contextmanager
def _lock_file() -> Iterator[None]:
    settings.LEDGER_FOLDER.mkdir(parents=True, exist_ok=True)
    handle = os.open(settings.LEDGER_FOLDER / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BusyError from None
    finally:
        os.close(handle)


@contextmanager
def _advisory_lock() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY])
        if not cursor.fetchone()[0]:
            raise BusyError
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY])
