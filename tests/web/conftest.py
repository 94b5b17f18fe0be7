"""Fixtures of the product's tests: the database, scopes by role, a browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import TransactionTestCase

from tests.web import factories
from tests.web.emptying import empty_tables
from tests.web.migrating import quick_migrations
from tests.web.postgres import RUN, shared_cluster, stop_shared
from tests.web.settings import SQLITE


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Point the connection at the cluster of this run before the test database is made, quickly."""
    if not SQLITE:
        settings = connections["default"].settings_dict
        settings["HOST"] = str(shared_cluster().socket)
    with quick_migrations():
        yield


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_quickly() -> Iterator[None]:
    """After a test that commits: only tables that hold something, past the guards of sealed things."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables())
        yield


@pytest.fixture(scope="session", autouse=True)
def _records_hold_no_words() -> Iterator[None]:
    """Whatever a test enters in the log: nobody's words stand openly in it."""
    from minping_web.ledger.services import staging
    from tests.web.ledger_words import words_in

    plain = staging._entry

    def checked(kind: str, step_id: str, record: dict[str, Any]) -> Any:
        assert words_in(kind, record) == [], f"{kind}: commit to these words, they stand openly"
        return plain(kind, step_id, record)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging, "_entry", checked)
        yield


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
