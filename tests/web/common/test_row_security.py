"""The database's backstop on a scratch table: closed without a scope, nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import Error, connection, connections, transaction

from minping_web.common.row_security import bypasses, check_database_role, statements, unprotected
from minping_web.common.scope import Scope, entered
from tests.web.postgres import own_cluster
from tests.web.settings import SQLITE

pytestmark = pytest.mark.skipif(SQLITE, reason="SQLite has no row-level security")
TABLE = "scratch_of_row_security"


@pytest.fixture
def table(transactional_db: None) -> Iterator[None]:
    """One row per community 1, 2, 3 in a protected table."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (id serial PRIMARY KEY, community_id int NOT NULL)")
        cursor.execute(f"INSERT INTO {TABLE} (community_id) VALUES (1), (2), (3)")
        for statement in statements(TABLE):
            cursor.execute(statement)
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")


def seen() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT community_id FROM {TABLE} ORDER BY community_id")
        return [row[0] for row in cursor.fetchall()]


def write(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.rowcount)


def test_outside_a_scope_the_table_looks_empty(table: None) -> None:
    assert seen() == []
    with entered(Scope(user_id=1)):
        assert seen() == []


def test_a_scope_shows_its_communities_even_to_the_owner_of_the_table(table: None) -> None:
    with entered(Scope(communities=(1, 3))):
        assert seen() == [1, 3]


def test_rows_outside_are_neither_inserted_changed_nor_deleted(table: None) -> None:
    with entered(Scope(communities=(1,))):
        with pytest.raises(Error, match="row-level security"), transaction.atomic():
            write(f"INSERT INTO {TABLE} (community_id) VALUES (2)")
        with pytest.raises(Error, match="row-level security"), transaction.atomic():
            write(f"UPDATE {TABLE} SET community_id = 2 WHERE community_id = 1")
        assert write(f"DELETE FROM {TABLE} WHERE community_id = 2") == 0
    with entered(Scope(communities=(1, 2, 3))):
        assert seen() == [1, 2, 3]


def test_nothing_survives_the_block_and_an_inner_scope_gives_back_the_outer(table: None) -> None:
    with entered(Scope(communities=(1,))):
        with entered(Scope(communities=(2,))):
            assert seen() == [2]
        assert seen() == [1]
    assert seen() == []


def test_a_failed_block_leaves_nothing_on_a_reused_connection(table: None) -> None:
    with pytest.raises(ZeroDivisionError), entered(Scope(communities=(1, 2, 3))):
        assert seen() == [1, 2, 3]
        raise ZeroDivisionError
    assert seen() == []
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), entered(Scope(communities=(1,))):
            raise ZeroDivisionError
        assert seen() == []


def test_scopes_of_threads_do_not_mix(table: None) -> None:
    def look(community: int) -> list[int]:
        try:
            with entered(Scope(communities=(community,))):
                return seen()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(look, [1, 2, 3] * 8))
    assert found == [[1], [2], [3]] * 8


def test_unprotected_tables_are_named(table: None) -> None:
    assert unprotected([TABLE, "accounts_user"]) == ["accounts_user"]


def test_the_tests_connect_as_a_plain_role_as_production_does(db: None) -> None:
    assert not bypasses()
    assert check_database_role(databases=["default"]) == []


def test_a_superuser_walks_past_and_the_check_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The question asked of a real server as its superuser, as a wrong DATABASE_URL would."""
    asked: list[str] = []

    class Recorded:
        """A cursor of the superuser behind Django's interface."""

        vendor = "postgresql"

        def __init__(self, own: psycopg.Connection[tuple[bool]]) -> None:
            self.own = own

        def cursor(self) -> psycopg.Cursor[tuple[bool]]:
            asked.append("asked")
            return self.own.cursor()

    with (
        own_cluster() as cluster,
        psycopg.connect(host=str(cluster.socket), user="root_of_tests", dbname="minping") as own,
    ):
        monkeypatch.setattr("minping_web.common.row_security.connection", Recorded(own))
        assert [message.id for message in check_database_role(databases=["default"])] == ["minping.E101"]
    assert asked
