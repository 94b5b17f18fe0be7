"""Row-level security: the database's own filter under the service layer's, in one migration operation.

A protected table carries an integer `community_id`; PostgreSQL shows and takes only rows of the
communities that `common.scope.entered` told it, even to the owner of the table (FORCE). A role with
SUPERUSER or BYPASSRLS would walk past: `bypasses` detects it, the system check and the health page say
it. SQLite has no such thing; there the operation does nothing.
"""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

POLICY = "minping_communities"
TOLD = "(SELECT nullif(current_setting('app.communities', true), '')::int[])::int[]"
"""The communities of the transaction; unset is NULL, and nothing equals any of NULL.

The SELECT makes the database read the setting once per query: without it, it reads and parses the list
again for every row, which takes most of the time of a count or a load.
"""


def protect(table: str, column: str = "community_id") -> RunPython:
    """The operation for a migration that makes rows of `table` visible by community only."""

    def forwards(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            for statement in statements(table, column):
                editor.execute(statement)

    def backwards(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f'DROP POLICY {POLICY} ON "{table}"')
            editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
            editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')

    return RunPython(forwards, backwards, elidable=False)


def statements(table: str, column: str = "community_id") -> list[str]:
    """What `protect` tells PostgreSQL."""
    seen = f'"{column}" = ANY ({TOLD})'
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY {POLICY} ON "{table}" USING ({seen}) WITH CHECK ({seen})',
    ]


def bypasses() -> bool:
    """Whether the role of the connection walks past row-level security."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def unprotected(tables: list[str]) -> list[str]:
    """Which of these tables lack forced row-level security; empty on SQLite."""
    if connection.vendor != "postgresql" or not tables:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class "
            "WHERE relname = ANY (%s) AND relrowsecurity AND relforcerowsecurity",
            [tables],
        )
        guarded = {name for (name,) in cursor.fetchall()}
    return [table for table in tables if table not in guarded]


def check_database_role(
    app_configs: object = None, databases: object = None, **_: object
) -> list[CheckMessage]:
    """System check (`check --database default`): the product must not connect as a superuser."""
    if not databases or not bypasses():
        return []
    return [
        Error(
            "The database role is a superuser or may bypass row-level security.",
            hint="Let DATABASE_URL name a plain role that owns the product's database and nothing else.",
            id="minping.E101",
        )
    ]
