"""Votes through the server as `minping serve` runs it: a process of its own, sockets, the test's database.

`serving()` starts it on the tables of this test (which must be committed: `transaction=True`), `Device` is a
telephone: one connection, no cookie. A device that hears no answer gets None, as a resident does.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

from minping_web.site.processes import bound_socket
from tests.web.site.running import SETTINGS, Deployment

HIDDEN = re.compile(r'name="(form_id|rev)" value="([^"]*)"')
RECEIPT = re.compile(r'data-receipt="([A-Z2-7]{16})"')
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FAILED = (OSError, http.client.HTTPException)


def database_address() -> str:
    """The address of this test's database."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return f"postgresql://{told['USER']}@/{told['NAME']}?host={told['HOST']}"


@dataclass
class Served:
    """The process that serves pages, on a socket that outlives it: what comes meanwhile waits in line."""

    listening: socket.socket
    surroundings: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        host, port = self.listening.getsockname()
        return f"{host}:{port}"

    def start(self) -> None:
        """Start and wait until it answers."""
        handle = self.listening.fileno()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "minping_web.site.processes", "pages", str(handle)],
                env=self.surroundings, pass_fds=(handle,), stdout=log, stderr=log,
            )  # fmt: skip
        with Device(self.address, timeout=90) as device:
            assert device.fetch("/healthz")[0] == 200, self.log.read_text("utf-8")

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(folder: Path, *, database: str = "", **more: str) -> Iterator[Served]:
    """Run it until the end of the block; what it writes is `server.log` in `folder`."""
    deployment = Deployment(
        Path(settings.DATA_FOLDER),
        database or database_address(),
        {
            "MINPING_KEYS": str(settings.KEY_FOLDER), "MINPING_STATIC": "plain", "MINPING_HTTPS": "0",
            "DJANGO_SETTINGS_MODULE": SETTINGS, **more,
        },
    )  # fmt: skip
    with bound_socket("127.0.0.1", 0) as listening:
        served = Served(listening, deployment.surroundings, folder / "server.log")
        try:
            served.start()
            yield served
        finally:
            served.kill()


@dataclass
class Page:
    """What a device got: status, hidden fields of a form, the receipt of a thanks page."""

    status: int
    hidden: dict[str, str] = field(default_factory=dict)
    receipt: str = ""


@dataclass
class Device:
    """A telephone that holds one connection open."""

    address: str
    timeout: float = 30
    tls: ssl.SSLContext | None = None
    _line: http.client.HTTPConnection | None = None

    def open(self, token: str) -> Page | None:
        """Fetch the form of a slip."""
        return _page(*self.fetch(f"/v/{token}/"))

    def send(self, token: str, hidden: Mapping[str, str], answers: Sequence[int], **more: str) -> Page | None:
        """Send a filled-in form."""
        ticked = {f"item_q{number}": str(code) for number, code in enumerate(answers, 1)}
        return _page(*self.fetch(f"/v/{token}/", {**hidden, **ticked, **more}))

    def fetch(self, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Status and text; (0, "") when no answer comes."""
        try:
            return self._asked(path, form)
        except FAILED:
            self.hang_up()
            return 0, ""

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection; the next request opens another."""
        if self._line is not None:
            self._line.close()
        self._line = None

    def _dialled(self) -> http.client.HTTPConnection:
        if self.tls is not None:
            return http.client.HTTPSConnection(self.address, timeout=self.timeout, context=self.tls)
        return http.client.HTTPConnection(self.address, timeout=self.timeout)

    def _asked(self, path: str, form: Mapping[str, str] | None) -> tuple[int, str]:
        if self._line is None:
            self._line = self._dialled()
        body = None if form is None else urlencode(form)
        method, headers = ("GET", {}) if form is None else ("POST", FORM)
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        return answer.status, answer.read().decode()


def _page(status: int, text: str) -> Page | None:
    if not status:
        return None
    receipt = RECEIPT.search(text)
    return Page(status, dict(HIDDEN.findall(text)), receipt[1] if receipt else "")
