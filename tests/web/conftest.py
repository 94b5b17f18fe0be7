"""Fixtures of the product's tests: the database, scopes by role, a browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections

from tests.web import factories
from tests.web.postgres import RUN, shared_cluster, stop_shared
from tests.web.settings import SQLITE


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point the connection at the cluster of this run before the test database is made."""
    if not SQLITE:
        settings = connections["default"].settings_dict
        settings["HOST"] = str(shared_cluster().socket)


@pytest.fixture(scope="session", autouse=True)
def _guards_step_aside_while_tables_are_emptied() -> Iterator[None]:
    """On SQLite a test's tables are emptied row by row, which the guards of sealed things refuse.

    PostgreSQL empties whole tables, which no guard minds.
    """
    with pytest.MonkeyPatch.context() as patch:
        if SQLITE:
            from django.db.backends.sqlite3.operations import DatabaseOperations

            plain = DatabaseOperations.execute_sql_flush
            patch.setattr(
                DatabaseOperations, "execute_sql_flush", lambda ops, sql: _emptied(ops.connection, plain, sql)
            )
        yield


def _emptied(connection: Any, empty: Callable[..., None], statements: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = dict(cursor.fetchall())
        for name in guards:
            cursor.execute(f'DROP TRIGGER "{name}"')
        try:
            empty(connection.ops, statements)
        finally:
            for sql in guards.values():
                cursor.execute(sql)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The controller (or the only process) stops the cluster."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        stop_shared(getattr(session.config, "_minping_run", RUN))


def pytest_configure_node(node: object) -> None:
    """Under xdist: the workers' run id names the cluster that the controller stops."""
    config = node.config  # type: ignore[attr-defined]
    config._minping_run = node.workerinput["testrunuid"]  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def wired() -> None:
    """Every test meets the product's reactions, whichever tests ran before it in this process."""
    from minping_web.site.wiring import wire

    wire()


@pytest.fixture
def district(db: None) -> factories.SmallDistrict:
    """City, district, two streets, three communities, their grids and responsibility areas."""
    return factories.small_district()


@pytest.fixture
def act_as(db: None) -> Callable[..., object]:
    """`act_as(role, area=..., organisation=...)` -> a scope with that one grant."""
    return factories.scope_with


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """Placeholder-free: asserts nothing is left in the current scope after a test."""
    from minping_web.common.scope import NOBODY, current_scope

    yield
    assert current_scope() is NOBODY
