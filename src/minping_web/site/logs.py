"""Log lines without personal data: no address of a page, no text of an exception, a request's number instead.

Addresses will hold tokens of households, and the text of a database error repeats the row that broke it.
So a line names the route instead of the address, and a traceback names places in the code and the kind
of exception; texts are kept only of our own errors, whose parameters are never personal.
"""

from __future__ import annotations

import logging
import traceback
from contextvars import ContextVar
from types import TracebackType

from minping_engine.errors import MinpingError

request_id: ContextVar[str] = ContextVar("minping_request_id", default="-")
"""The number of the request that this thread serves; also the answer's header X-Request-ID."""

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutAddresses(logging.Filter):
    """Replaces the address in Django's own lines about requests by the name of the route."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: the line is changed, not dropped."""
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple) and record.args:
            match = getattr(request, "resolver_match", None)
            route = (match.view_name or match.route) if match else "no route"
            path = getattr(request, "path", "")
            record.args = tuple(_replaced(part, path, route) for part in record.args)
        return True


def _replaced(part: object, path: str, route: str) -> object:
    return f"[{route}]" if isinstance(part, str) and path and path in part else part


class QuietFormatter(logging.Formatter):
    """`time level logger [request] message`, exceptions as `outline_of`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """One line, then perhaps the outline of an exception."""
        record.request_id = request_id.get()
        record.exc_text = None  # another handler may have cached the full text
        return super().format(record)

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802  (logging's name)
        """Where it happened and of which kind, without its text."""
        return outline_of(ei[1]) if ei[1] is not None else ""


def outline_of(error: BaseException) -> str:
    """Places in the code, kinds of exceptions, our own texts."""
    lines: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        frames = traceback.extract_tb(seen.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        codes = ", ".join(one.code for one in seen.problems) if isinstance(seen, MinpingError) else ""
        lines.append(f"{type(seen).__module__}.{type(seen).__qualname__}" + (f": {codes}" if codes else ""))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
        lines += ["caused by"] if seen else []
    return "\n".join(lines)
