"""The memory of a witness: one SQLite file with the latest cosigned checkpoint of each log.

In: origins and checkpoints. Out: the same, after a crash too. Read, check and write are one transaction
that holds the write lock from its beginning, and every commit reaches the disk before the witness answers.
The file is made once, by `init`: a witness that began anew with the old key would sign a second history.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from minping_engine.errors import Place, SetupError
from minping_engine.proof import parse_checkpoint, parse_note
from minping_engine.witness import NOTHING, Latest

MOST_EVIDENCE = 1_000
"""Contradicting checkpoints kept of one log; the first ones say it all."""
WAIT_SECONDS = 20.0
TABLES = """
CREATE TABLE latest (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL);
CREATE TABLE evidence (
    origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL, beside BLOB NOT NULL,
    PRIMARY KEY (origin, size, root)
);
"""
RECORD = "INSERT OR REPLACE INTO latest (origin, size, root, note) VALUES (?, ?, ?, ?)"
KEEP = """
INSERT OR IGNORE INTO evidence (origin, size, root, note, beside)
SELECT ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM evidence WHERE origin = ?) < ?
"""


class OneLog:
    """The state of one log inside a transaction."""

    def __init__(self, connection: sqlite3.Connection, origin: str) -> None:
        self._connection = connection
        self._origin = origin

    @property
    def latest(self) -> Latest:
        """What was cosigned last."""
        query = "SELECT size, root, note FROM latest WHERE origin = ?"
        found = self._connection.execute(query, [self._origin]).fetchone()
        return Latest(*found) if found else NOTHING

    def record(self, latest: Latest) -> None:
        """Put the new state in place of the old."""
        self._connection.execute(RECORD, [self._origin, latest.size, latest.root, latest.note])

    def keep_evidence(self, note: bytes) -> None:
        """Keep a signed checkpoint beside the one that it contradicts."""
        parsed = parse_note(note)
        new = parse_checkpoint(parsed.text) if parsed else None
        if new is not None:
            values = [self._origin, new.size, new.root, note, self.latest.note, self._origin, MOST_EVIDENCE]
            self._connection.execute(KEEP, values)


class Memory:
    """All states, in a file; a connection for each use, so that threads do not share one."""

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise SetupError.of("witness.memory_lost", Place(file=str(file)))
        self._file = file

    @contextmanager
    def exclusive(self, origin: str) -> Iterator[OneLog]:
        """The state of one log; other requests wait."""
        with closing(_opened(self._file)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield OneLog(connection, origin)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def all_latest(self) -> dict[str, Latest]:
        """The latest checkpoint of each log."""
        with closing(_opened(self._file)) as connection:
            rows = connection.execute("SELECT origin, size, root, note FROM latest ORDER BY origin")
            return {origin: Latest(*rest) for origin, *rest in rows}

    def evidence(self) -> list[tuple[str, int, bytes, bytes]]:
        """Origin, size, the contradicting checkpoint, and the cosigned one that it contradicts."""
        with closing(_opened(self._file)) as connection:
            query = "SELECT origin, size, note, beside FROM evidence ORDER BY origin, size, root"
            return list(connection.execute(query))


def make_memory(file: Path) -> None:
    """An empty memory."""
    with closing(_opened(file)) as connection:
        connection.executescript(TABLES)


def _opened(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=WAIT_SECONDS, isolation_level=None)
    connection.execute("PRAGMA synchronous = EXTRA")  # the journal's folder is flushed as well
    return connection
