"""A real PostgreSQL cluster for the tests, started once per test run, never as root.

The product connects as a plain role that owns its tables but is no superuser, so that row-level security
(FORCE) holds in tests as it does in production. Workers of one run share the cluster; each has a database
of its own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
QUICK = (
    "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=60"
    " -c listen_addresses=''"
)
EMPTY = """
DO $$
DECLARE one regclass;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
            AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE 'DELETE FROM ' || one;
    END LOOP;
END $$
"""
"""Truncating three hundred tables and asking Django for its own rows again takes ten times as long."""


def programs() -> Path:
    """The folder of PostgreSQL's server programs; RuntimeError says what to install."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    if not found and not named:
        raise RuntimeError("PostgreSQL is needed for these tests: sudo apt-get install postgresql")
    return found[-1].parent if found else Path(str(named)).parent


def _as_nobody() -> dict[str, Any]:
    """Who runs the server when we are root: the package's own user, else nobody."""
    if os.geteuid():
        return {}
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in names else "nobody"}


@dataclass(frozen=True)
class Cluster:
    """Where a running cluster listens (a folder with its socket)."""

    folder: Path

    @property
    def socket(self) -> Path:
        """The folder of the socket: HOST of a connection."""
        return self.folder

    def run(self, *arguments: str) -> None:
        """One of PostgreSQL's own programs, as the server's user."""
        subprocess.run(
            [str(programs() / arguments[0]), *arguments[1:]],
            check=True, capture_output=True, cwd=self.folder, **_as_nobody(),
        )  # fmt: skip

    def start(self, options: str = QUICK) -> None:
        """Start and wait until it answers."""
        self.run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"),
            "-o", f"{options} -k {self.folder}", "start",
        )  # fmt: skip

    def stop(self, mode: str = "immediate") -> None:
        """Stop it."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "stop")

    def empty(self, database: str) -> None:
        """Take all rows away, past guards and row security: only tables that hold something are touched."""
        with psycopg.connect(host=str(self.folder), user="root_of_tests", dbname=database) as connection:
            connection.execute(EMPTY)

    def make(self) -> None:
        """A new cluster with the plain role `minping`."""
        self.folder.chmod(0o755)
        if not os.geteuid():
            shutil.chown(self.folder, **_as_nobody())
        self.run("initdb", "-D", str(self.folder / "data"), "-U", "root_of_tests", "-E", "UTF8",
                 "--locale=C.UTF-8", "-A", "trust", "-N")  # fmt: skip
        self.start()
        self.run("psql", "-h", str(self.folder), "-U", "root_of_tests", "-d", "postgres", "-q",
                 "-c", "CREATE ROLE minping LOGIN CREATEDB NOBYPASSRLS",
                 "-c", "CREATE DATABASE minping OWNER minping")  # fmt: skip


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A cluster that nobody else uses; for tests that kill or restore a server."""
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="minping-pg-")))
    try:
        cluster.make()
        yield cluster
    finally:
        subprocess.run(
            [str(programs() / "pg_ctl"), "-D", str(cluster.folder / "data"), "-m", "immediate", "stop"],
            check=False, capture_output=True, cwd="/", **_as_nobody(),
        )  # fmt: skip
        shutil.rmtree(cluster.folder, ignore_errors=True)


def shared_cluster() -> Cluster:
    """The cluster of this test run; the first worker that asks makes it."""
    folder = Path(tempfile.gettempdir()) / f"minping-pg-run-{RUN}"
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        cluster = Cluster(folder)
        if not (folder / "data").exists():
            folder.mkdir()
            cluster.make()
    return cluster


def stop_shared(run: str) -> None:
    """Stop and remove the cluster of a run, if there was one."""
    folder = Path(tempfile.gettempdir()) / f"minping-pg-run-{run}"
    if (folder / "data").exists():
        Cluster(folder).stop()
        shutil.rmtree(folder, ignore_errors=True)
    Path(f"{folder}.lock").unlink(missing_ok=True)
