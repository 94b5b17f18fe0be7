"""The load: `python -m bench.product.load PLAN OUT`, a process of its own beside the server.

PLAN (JSON): address, tokens, and either `devices` (closed: each sends its next vote when the last was
thanked) or `per_second` (open: votes begin when they begin, however slow the server is; each fetches the
page, waits `pause` seconds and submits). OUT: seconds of each page and each submission, counted in an open
load from the moment at which it was due. Sockets and bytes, since a client on the same machine takes the
server's time away.
"""

from __future__ import annotations

import json
import queue
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HIDDEN = re.compile(rb'name="(form_id|rev)" value="([^"]*)"')
TICKS = b"&item_q1=5&item_q2=4&item_q3=5&item_q4=3&item_q5=5&comment=%E8%B7%AF%E7%81%AF%E5%9D%8F%E4%BA%86"
THREADS_OPEN = 48


class Line:
    """One kept connection."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> bytes:
        """The body of a page."""
        return self._ask(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode())

    def post(self, path: str, body: bytes) -> bytes:
        """The body of the answer to a form."""
        head = (
            b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n" % (path.encode(), len(body))
        )
        return self._ask(head + body)

    def _ask(self, request: bytes) -> bytes:
        self.socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode("latin-1"))
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
        while len(body) < length:
            body += self._more()
        return body

    def _more(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise RuntimeError("the server hung up")
        return data


@dataclass
class Times:
    """Seconds of what was answered; threads append, which is one step."""

    page: list[float] = field(default_factory=list)
    submit: list[float] = field(default_factory=list)


def send(line: Line, token: str, page: bytes) -> None:
    """Submit the form of a page; a vote that was not thanked for ends the measuring."""
    hidden = b"&".join(b"%s=%s" % pair for pair in HIDDEN.findall(page))
    if b"data-receipt" not in line.post(f"/v/{token}/", hidden + TICKS):
        raise RuntimeError("not thanked")


def closed(address: tuple[str, int], tokens: list[str], devices: int) -> Times:
    """As fast as the server lets that many devices."""
    times, left = Times(), iter(tokens)
    lock = threading.Lock()

    def run() -> None:
        line = Line(address)
        while True:
            with lock:
                token = next(left, None)
            if token is None:
                return
            began = time.perf_counter()
            page = line.get(f"/v/{token}/")
            times.page.append(time.perf_counter() - began)
            began = time.perf_counter()
            send(line, token, page)
            times.submit.append(time.perf_counter() - began)

    _in_threads([run] * devices)
    return times


def opened(address: tuple[str, int], tokens: list[str], per_second: float, pause: float) -> Times:
    """One vote every 1 / `per_second` seconds, its form sent `pause` seconds after its link was opened."""
    times = Times()
    work: queue.Queue[tuple[float, str, bytes] | None] = queue.Queue()
    waiting: queue.Queue[tuple[float, str, bytes]] = queue.Queue()
    start = time.perf_counter() + 0.5

    def begin() -> None:
        for at, token in enumerate(tokens):
            _hand_over(work, (start + at / per_second, token, b""))

    def go_on() -> None:
        for _ in tokens:
            _hand_over(work, waiting.get())
        for _ in range(THREADS_OPEN):
            work.put(None)

    def serve() -> None:
        line = Line(address)
        while (step := work.get()) is not None:
            moment, token, page = step
            if page:
                send(line, token, page)
                times.submit.append(time.perf_counter() - moment)
            else:
                page = line.get(f"/v/{token}/")
                times.page.append(time.perf_counter() - moment)
                waiting.put((time.perf_counter() + pause, token, page))

    _in_threads([begin, go_on, *[serve] * THREADS_OPEN])
    return times


def _hand_over(work: queue.Queue[tuple[float, str, bytes] | None], step: tuple[float, str, bytes]) -> None:
    time.sleep(max(0.0, step[0] - time.perf_counter()))
    work.put(step)


def _in_threads(runs: Sequence[Callable[[], None]]) -> None:
    faults: list[BaseException] = []

    def kept(run: Callable[[], None]) -> None:
        try:
            run()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=kept, args=(run,), daemon=True) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive() and not faults:
            thread.join(0.2)
    if faults:
        raise faults[0]


def main() -> None:
    """Carry out a plan."""
    plan: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    address = (str(plan["host"]), int(plan["port"]))
    began = time.perf_counter()
    if "devices" in plan:
        times = closed(address, plan["tokens"], plan["devices"])
    else:
        times = opened(address, plan["tokens"], plan["per_second"], plan["pause"])
    told = {"page": times.page, "submit": times.submit, "seconds": time.perf_counter() - began}
    Path(sys.argv[2]).write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    main()
