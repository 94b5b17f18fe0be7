"""The tables of the tests are emptied past the guards of sealed things, after tests that commit."""

from __future__ import annotations

from typing import Any

from django.db import connections

from tests.web.postgres import shared_cluster
from tests.web.settings import SQLITE

KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""What migrations wrote and Django writes again."""


def empty_tables() -> None:
    """Take all rows away; only tables that hold something are touched."""
    connection = connections["default"]
    if SQLITE:
        _empty_sqlite(connection)
    else:
        shared_cluster().empty(connection.settings_dict["NAME"])


def _empty_sqlite(connection: Any) -> None:
    """Guards of the tables that hold rows step aside meanwhile."""
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        held = [name for (name,) in cursor.fetchall() if name not in KEPT and _holds_rows(cursor, name)]
        cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = [(name, sql) for table, name, sql in cursor.fetchall() if table in held]
        for name, _sql in guards:
            cursor.execute(f'DROP TRIGGER "{name}"')
        try:
            for name in held:
                cursor.execute(f'DELETE FROM "{name}"')
        finally:
            for _name, sql in guards:
                cursor.execute(sql)


def _holds_rows(cursor: Any, table: str) -> bool:
    cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}")')
    return bool(cursor.fetchone()[0])
