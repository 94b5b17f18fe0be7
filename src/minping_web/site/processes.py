"""The processes of a running deployment: one serves pages, one works off jobs, one watches both.

The watcher binds the port (so that a taken port is said at once and survives a restart of the server),
starts the others in sessions of their own, starts again what dies, and stops both within `GRACE` seconds.
A child whose watcher was killed ends by itself.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from minping_engine.errors import SetupError

GRACE = 4.0
"""Seconds between the request to stop and the end by force."""
QUICK_DEATH, MOST_QUICK_DEATHS = 3.0, 5
"""A child that lived shorter than this died quickly; so many in a row are a fault, not bad luck."""
FIRST_PORT, PORTS_TRIED = 8000, 20
HEADER_LIMIT = 32 * 1024


def bound_socket(host: str, port: int | None) -> socket.socket:
    """A socket that listens. Without a port the first free one from 8000; raises `SetupError` if taken."""
    if port is not None:
        return _bind(host, port)
    for candidate in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        try:
            return _bind(host, candidate)
        except SetupError:
            continue
    return _bind(host, 0)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except socket.gaierror:
        listening.close()
        raise SetupError.of("site.host_unknown", host=host) from None
    except OSError as error:
        listening.close()
        if error.errno in {99, 49}:  # address not available, on Linux and on macOS
            raise SetupError.of("site.host_unknown", host=host) from None
        raise SetupError.of("site.port_taken", port=port, other=port + 1) from None
    listening.listen(256)
    listening.set_inheritable(True)
    return listening


@dataclass
class Child:
    """One process that must run."""

    name: str
    arguments: Sequence[str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches the watcher alone."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "minping_web.site.processes", *self.arguments],
            pass_fds=self.pass_fds,
            start_new_session=True,
            env={**os.environ, "MINPING_WATCHER": str(os.getpid())},
        )

    @property
    def ended(self) -> bool:
        """Whether it ran and does not run any more."""
        return self.process is not None and self.process.poll() is not None


@dataclass
class Watcher:
    """Keeps children running until `stop` is set."""

    children: list[Child]
    told: Callable[[str, int], None] = field(default=lambda name, code: None)
    stop: threading.Event = field(default_factory=threading.Event)
    pause: float = 0.2
    """Before a child that died quickly is started again, in seconds; doubled each time."""

    def run(self) -> int:
        """Until somebody stops it; 1 when a child cannot live."""
        for child in self.children:
            child.start()
        outcome = 0
        while not self.stop.wait(0.2):
            if not all(self._keep(child) for child in self.children):
                outcome = 1
                break
        self._end()
        return outcome

    def _keep(self, child: Child) -> bool:
        if not child.ended or child.process is None:
            return True
        quick = time.monotonic() - child.started < QUICK_DEATH
        child.quick_deaths = child.quick_deaths + 1 if quick else 0
        self.told(child.name, child.process.returncode)
        if child.quick_deaths >= MOST_QUICK_DEATHS:
            return False
        self.stop.wait(self.pause * 2**child.quick_deaths if quick else 0)
        child.start()
        return True

    def _end(self) -> None:
        running = [child.process for child in self.children if child.process and not child.ended]
        for process in running:
            process.send_signal(signal.SIGTERM)
        until = time.monotonic() + GRACE
        for process in running:
            try:
                process.wait(max(0.05, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def watch_until_signal(watcher: Watcher) -> int:
    """Run it; Ctrl-C and SIGTERM stop it."""

    def asked(number: int, frame: FrameType | None) -> None:
        watcher.stop.set()

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return watcher.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve_pages(listening: socket.socket) -> None:
    """Serve until told to stop; the process that pages and live updates come from."""
    import uvicorn
    from django.conf import settings

    from minping_web.site.asgi import application

    config = uvicorn.Config(
        application,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=list(settings.TRUSTED_PROXIES),
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=HEADER_LIMIT,
    )
    uvicorn.Server(config).run(sockets=[listening])


def work_jobs() -> None:
    """Work off jobs until told to stop."""
    import django

    django.setup()
    from minping_web.jobs.services import run_worker
    from minping_web.site.guard import refuse_mixing

    refuse_mixing()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_worker(stop)


def end_with(watcher: int) -> None:
    """A thread that ends this process when the process that started it is gone."""

    def looked() -> None:
        while os.getppid() == watcher:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=looked, daemon=True, name="watcher").start()


def main(arguments: Sequence[str]) -> None:
    """`pages FD` or `jobs`: what a child process does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minping_web.site.settings")
    if watcher := int(os.environ.get("MINPING_WATCHER", "0")):
        end_with(watcher)
    if arguments[0] == "pages":
        serve_pages(socket.socket(fileno=int(arguments[1])))
    else:
        work_jobs()


if __name__ == "__main__":
    main(sys.argv[1:])
