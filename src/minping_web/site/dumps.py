"""The database as one file: PostgreSQL's own dump in custom format, SQLite's own online copy.

Both see one moment of the database while others go on writing. Row-level security holds for the product's
role as well (FORCE), so every connection here tells all communities first; a dump without them would be
silently smaller.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection, transaction

from minping_web.common.problems import RefusedError

DUMP_OF = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}


def dump_database(file: Path) -> dict[str, int]:
    """Copy into a new file; the rows of each table at that very moment."""
    return _dump_postgresql(file) if connection.vendor == "postgresql" else _dump_sqlite(file)


def load_database(file: Path) -> None:
    """Fill the empty database."""
    if connection.vendor == "postgresql":
        _run(
            ["pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "-d", _name(), str(file)]
        )
    else:
        _load_sqlite(file)


def table_counts() -> dict[str, int]:
    """Rows by table; inside a transaction."""
    with connection.cursor() as cursor, _every_community():
        tables = sorted(connection.introspection.table_names(cursor))
        counts = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            counts[table] = int(cursor.fetchone()[0])
    return counts


def _dump_postgresql(file: Path) -> dict[str, int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = str(cursor.fetchone()[0])
        counts = table_counts()
        _run(
            ["pg_dump", "--format=custom", "--enable-row-security", "--no-owner", "--no-privileges",
             f"--snapshot={snapshot}", f"--file={file}", _name()],
            communities=_communities(),
        )  # fmt: skip
    file.chmod(0o600)
    return counts


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _run(command: Sequence[str], *, communities: Sequence[int] = ()) -> None:
    """One of PostgreSQL's programs; address and password go by the environment, never by the command."""
    told = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    surroundings = os.environ | {name: str(told[key]) for name, key in names.items() if told.get(key)}
    if mode := told.get("OPTIONS", {}).get("sslmode"):
        surroundings["PGSSLMODE"] = str(mode)
    if communities:
        surroundings["PGOPTIONS"] = f"-c app.communities={_array(communities)}"
    try:
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise RefusedError.of("site.program_failed", program=command[0], reason="not installed") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()] or [
            done.stderr.strip()
        ]
        raise RefusedError.of("site.program_failed", program=command[0], reason=lines[0][:300])


def _communities() -> list[int]:
    """Every community there ever was; `places` may lack its table in a database that is being restored."""
    from minping_web.places.models import Area

    return list(Area.objects.filter(level=Area.Level.COMMUNITY).order_by("pk").values_list("pk", flat=True))


def _array(communities: Sequence[int]) -> str:
    return "{" + ",".join(map(str, communities)) + "}"


@contextmanager
def _every_community() -> Iterator[None]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.communities', %s, true)", [_array(_communities())])
    yield


def _dump_sqlite(file: Path) -> dict[str, int]:
    """The copy is counted itself: it is one moment, and nobody writes to it."""
    with closing(sqlite3.connect(_name())) as source, closing(sqlite3.connect(file)) as copy:
        file.chmod(0o600)
        source.backup(copy, pages=4096)
        copy.execute("PRAGMA journal_mode=DELETE")
        tables = [row[0] for row in copy.execute(
            "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        )]  # fmt: skip
        return {
            table: int(copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])
            for table in sorted(tables)
        }


def _load_sqlite(file: Path) -> None:
    """Into the connection that is open, so that nobody else's file is touched."""
    connection.ensure_connection()
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as source:
        source.backup(connection.connection)
