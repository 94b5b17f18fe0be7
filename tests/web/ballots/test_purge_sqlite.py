"""A purge on SQLite is not called done while deleted rows are still readable in file or journal."""

from __future__ import annotations

import sqlite3

import pytest
from django.db import OperationalError, connection

from minping_web.ballots.services.closing_purge import forget_deleted_rows

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL waits for its readers by itself")
def test_a_reader_that_holds_the_journal_stops_the_purge_and_it_ends_when_the_reader_is_gone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=50")
        cursor.execute("CREATE TABLE gone (text)")
    reader = sqlite3.connect(connection.settings_dict["NAME"])
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM gone").fetchone()
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO gone VALUES ('what was deleted')")
        with pytest.raises(OperationalError):
            forget_deleted_rows()
        reader.rollback()
        forget_deleted_rows()
    finally:
        reader.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE gone")
