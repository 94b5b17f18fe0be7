"""Statements that the database plans once for a connection's life.

Django sends every statement as text to be planned anew; for the join behind a household's token planning
takes longer than finding the row. Here PostgreSQL keeps the plan; SQLite's driver does so by itself. For
the few statements of a vote, which run hundreds of times a second and never change; everything else goes
through the ORM.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections


def one_row(sql: str, parameters: Sequence[object]) -> tuple[Any, ...] | None:
    """The first row, or None. Outside a transaction a connection that the server gave up is made anew."""
    here: Any = connections[DEFAULT_DB_ALIAS]  # looked up once: `connection` does so at every dot
    try:
        return _first(here, sql, parameters)
    except OperationalError:
        if here.in_atomic_block or here.is_usable():
            raise
        here.close()
    return _first(here, sql, parameters)


def _first(here: Any, sql: str, parameters: Sequence[object]) -> tuple[Any, ...] | None:
    with _cursor(here) as cursor:
        cursor.execute(sql, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
    here.health_check_done = True  # it has just answered: Django need not ask again in this request
    return row


def carry_out(sql: str, parameters: Sequence[object]) -> None:
    """Change something, in the transaction that is open."""
    with _cursor(connections[DEFAULT_DB_ALIAS]) as cursor:
        cursor.execute(sql, parameters)


def _cursor(here: Any) -> Any:
    """A cursor of Django's (errors, query log), with a driver's cursor that prepares."""
    if here.vendor != "postgresql":
        return here.cursor()
    from psycopg import Cursor

    here.ensure_connection()
    raw = here.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 0  # at once; Django's own cursors never prepare, whatever stands here
    return here._prepare_cursor(Cursor(raw))
