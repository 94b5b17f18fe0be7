"""On SQLite a test's database is emptied row by row, which guards of sealed things refuse: they step aside
for that moment and come back. PostgreSQL empties whole tables, which no guard minds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

_GUARDS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
Guards = dict[str, str]


@pytest.fixture(scope="module")
def guards_aside(django_db_setup: None, django_db_blocker: object) -> Iterator[Guards]:
    """Guards that stepped aside; back when the module's last database was emptied."""
    guards: Guards = {}
    yield guards
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        _bring_back(guards)


@pytest.fixture
def guards_step_aside(guards_aside: Guards, transactional_db: None) -> Iterator[None]:
    """For tests with `transaction=True`: guards stand but while the database is emptied."""
    _bring_back(guards_aside)
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(_GUARDS)
            guards_aside |= dict(cursor.fetchall())
            for name in guards_aside:
                cursor.execute(f'DROP TRIGGER "{name}"')


def _bring_back(guards: Guards) -> None:
    if guards:
        with connection.cursor() as cursor:
            for sql in guards.values():
                cursor.execute(sql)
        guards.clear()
