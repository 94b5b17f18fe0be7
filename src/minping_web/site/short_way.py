"""From the server to the resident's pages and back with one change of thread.

The general bridge (`a2wsgi`) streams in both directions and changes threads for each piece: right for
imports and exports, half a millisecond too much for a form of one kilobyte. Here the body is read first,
the program runs once in the pool of all pages, and its answer goes out whole. Larger bodies are refused
unread, streaming answers are gathered: only for addresses that know neither.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from typing import Any, NamedTuple

from a2wsgi.wsgi import build_environ

LONGEST_BODY = 64 * 1024
"""Five answers and a comment of 500 characters take four kilobytes; the proxy has the same limit."""

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Program = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Answer(NamedTuple):
    """What a program said."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


TOO_LONG = Answer(413, [(b"content-length", b"0"), (b"connection", b"close")], b"")


class ShortWay:
    """An ASGI application around a WSGI program, for small requests."""

    def __init__(self, program: Program, executor: Executor) -> None:
        self.program = program
        self.executor = executor

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await _body(receive)
        if body is None:
            answer = TOO_LONG
        else:
            environ: Any = build_environ(scope, io.BytesIO(body))  # type: ignore[arg-type]
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self.executor, said, self.program, environ)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})


async def _body(receive: Receive) -> bytes | None:
    """All of it, or None when it is too long or the visitor has left."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LONGEST_BODY:
            return None
    return body


def _no_writing(piece: bytes) -> None:
    """The old way of answering, which Django does not go."""
    raise NotImplementedError


def said(program: Program, environ: dict[str, Any]) -> Answer:
    """Run the program once; the server answers 500 to what it raises."""
    started: list[Any] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], error: Any = None
    ) -> Callable[[bytes], None]:
        if error is not None and started:
            raise error[1].with_traceback(error[2])
        started[:] = [int(status.split(" ", 1)[0]), headers]
        return _no_writing

    pieces = program(environ, start_response)
    try:
        body = b"".join(pieces)
    finally:
        getattr(pieces, "close", lambda: None)()
    status, headers = started
    # Django writes a blank before a cookie, which is no header's value.
    encoded = [(name.lower().encode("latin-1"), value.strip().encode("latin-1")) for name, value in headers]
    return Answer(status, encoded, body)
