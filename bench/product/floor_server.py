"""The floor beside the vote: a bare WSGI application on the same server, port and database.

`python -m bench.product.floor_server FD ADDRESS`: a static form, and one durable insert of a row as long as
a sealed ballot. No draw, no check, no seal, no second slip, no language: what any program would pay.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

TABLE = "CREATE TABLE bench_votes (id {kind} PRIMARY KEY, sealed {kind} NOT NULL)"
LENGTH = 4156
THREADS = 8
CHOICE = b'<label><input type="radio" name="item_q%d" value="%d"></label>'
FORM = b'<form method="post">%s<button>Send</button></form>' % b"".join(
    b"<fieldset><legend>Item %d</legend>%s</fieldset>"
    % (item, b"".join(CHOICE % (item, code) for code in range(1, 6)))
    for item in range(1, 6)
)
HIDDEN = b'<input name="form_id" value="%s"><input name="rev" value="0">'
_here = threading.local()


def insert(address: str) -> None:
    """One row, durable when this returns."""
    connection = getattr(_here, "connection", None)
    if connection is None:
        connection = _here.connection = connect(address)
    sign = "?" if address.startswith("sqlite") else "%s"
    rows = (os.urandom(32), os.urandom(LENGTH))
    connection.execute(f"INSERT INTO bench_votes VALUES ({sign}, {sign})", rows)


def connect(address: str) -> Any:
    """A connection that commits each statement."""
    if address.startswith("sqlite"):
        made = sqlite3.connect(address.removeprefix("sqlite:///"), timeout=20, isolation_level=None)
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("PRAGMA synchronous=FULL")
        return made
    import psycopg

    return psycopg.connect(address, autocommit=True)


def make_table(address: str) -> None:
    """The table of the floor."""
    connection = connect(address)
    connection.execute(TABLE.format(kind="BLOB" if address.startswith("sqlite") else "bytea"))
    connection.close()


def application(address: str) -> Callable[..., Iterable[bytes]]:
    """The bare program."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            insert(address)
            body = b'<p data-receipt="ABCDEFGHIJKLMNOP">Thanks</p>'
        else:
            body = FORM + HIDDEN % os.urandom(12).hex().encode()
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
        return [body]

    return answer


def main() -> None:
    """Serve as the product does: uvicorn, one process, as many threads."""
    import uvicorn

    from minping_web.site.short_way import ShortWay

    served: Any = ShortWay(application(sys.argv[2]), ThreadPoolExecutor(THREADS))
    config = uvicorn.Config(served, lifespan="off", access_log=False, log_config=None)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
