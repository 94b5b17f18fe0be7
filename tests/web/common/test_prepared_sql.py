"""Statements of a vote: prepared once, and a connection that the server gave up is replaced unseen."""

from __future__ import annotations

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from minping_web.common.prepared_sql import one_row

pytestmark = pytest.mark.django_db(transaction=True)


def _ended_by_the_server() -> None:
    """As after a restart of the database: this process still holds its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


def test_a_read_outside_a_transaction_goes_on_with_a_new_connection() -> None:
    assert one_row("SELECT %s::int", [1]) == (1,)
    _ended_by_the_server()
    assert one_row("SELECT %s::int", [2]) == (2,)


def test_inside_a_transaction_nothing_is_repeated() -> None:
    with pytest.raises(OperationalError):
        _a_transaction_that_loses_its_server()
    connection.close()


@transaction.atomic
def _a_transaction_that_loses_its_server() -> None:
    assert one_row("SELECT 1", []) == (1,)
    _ended_by_the_server()
    one_row("SELECT 1", [])


def test_an_error_of_the_statement_itself_is_told() -> None:
    assert one_row("SELECT 1", []) == (1,)
    with pytest.raises(Exception, match="no_such_table"):
        one_row("SELECT 1 FROM no_such_table", [])
