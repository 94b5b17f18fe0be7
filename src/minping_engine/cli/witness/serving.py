"""A witness over HTTP: `POST /add-checkpoint`, `GET /<hash of the origin>/checkpoint` (C2SP tlog-witness).

In: a witness and an address. Out: answers, and one line for each on the screen: status, log, size; never a
body, an address or a key. A body has a length that is told beforehand and a limit; who says nothing for
half a minute is let go. Put a proxy with TLS before it where it leaves the house.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from types import FrameType

from minping_engine.cli.witness.memory import Memory
from minping_engine.errors import InputError
from minping_engine.witness import Answer, Witness, parse_request

LONGEST_BODY = 65_536
MOST_CONNECTIONS = 64
SILENCE_SECONDS = 30
ADD = "/add-checkpoint"
PLAIN = "text/plain; charset=utf-8"
Say = Callable[[str], object]


class WitnessServer(ThreadingHTTPServer):
    """The server; so many connections at a time, further ones wait in the system's queue."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], witness: Witness, say: Say) -> None:
        super().__init__(address, Handler)
        self.witness = witness
        self.say = say
        self._free = threading.BoundedSemaphore(MOST_CONNECTIONS)

    def process_request(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Take a connection when there is room."""
        self._free.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Give the room back whatever happens."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that broke is nothing to tell; any other fault is, by its kind."""
        kind = sys.exc_info()[0]
        if kind is not None and not issubclass(kind, ConnectionError):
            self.say(f"500 {kind.__name__}")


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open between requests."""

    protocol_version = "HTTP/1.1"
    server_version = "minping-witness"
    sys_version = ""
    timeout = SILENCE_SECONDS
    server: WitnessServer

    def do_POST(self) -> None:
        """A log sends a checkpoint."""
        if self.path != ADD:
            self._answer(Answer(404, b"no such address\n"), keep=False)
            return
        length = self._length()
        if length is None or length > LONGEST_BODY:
            refused = Answer(411, b"a length is needed\n") if length is None else Answer(413, b"too long\n")
            self._answer(refused, keep=False)
            return
        body = self.rfile.read(length)
        answer = self.server.witness.add_checkpoint(body)
        self._answer(answer)
        self.server.say(_told(answer, body))

    def do_GET(self) -> None:
        """Anybody asks what was cosigned last."""
        for origin, latest in _states(self.server.witness).items():
            if self.path == f"/{sha256(origin.encode()).hexdigest()}/checkpoint":
                self._answer(Answer(200, latest))
                return
        self._answer(Answer(404, b"not found\n"))

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # the name is the library's
        """Nothing: the library's line holds addresses of computers."""

    def _length(self) -> int | None:
        text = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers:  # proxy and witness must not see two different ends
            return None
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def _answer(self, answer: Answer, *, keep: bool = True) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if not keep:  # a body that was not read would be taken for the next request
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(answer.body)


def address_of(listen: str) -> tuple[str, int]:
    """Host and port. Raises `InputError`."""
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise InputError.of("witness.listen_malformed", listen=listen)
    return host, int(port)


def serve(witness: Witness, address: tuple[str, int], say: Say, *, head: str) -> None:
    """Answer until Ctrl-C or SIGTERM; the first line says where (port 0 takes a free one)."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell starts background work deaf to Ctrl-C
        signal.signal(number, _stopped)
    with WitnessServer(address, witness, say) as server:
        say(f"{head} {server.server_address[0]!s}:{server.server_address[1]}")
        with suppress(KeyboardInterrupt):
            server.serve_forever()


def _stopped(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _states(witness: Witness) -> dict[str, bytes]:
    memory = witness.states
    if not isinstance(memory, Memory):
        return {}
    return {origin: latest.note for origin, latest in memory.all_latest().items()}


def _told(answer: Answer, body: bytes) -> str:
    """What stands on the screen: of a known log its name and size, of anything else the status only."""
    request = parse_request(body) if answer.status not in (400, 403, 404) else None
    known = f" {request.checkpoint.origin} {request.checkpoint.size}" if request else ""
    return f"{answer.status}{known}"
