"""Post a few bytes to another body's server: short times, no redirects, a limit on the answer."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

SECONDS = 10
LONGEST_ANSWER = 262_144


class SilentError(Exception):
    """Nothing that could be read came back."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address that was decided by two persons is not left for another one."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def is_address(text: str) -> bool:
    """Whether this can be posted to: http or https, with a host."""
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def post(address: str, body: bytes, kind: str) -> tuple[int, bytes]:
    """Status and body of the answer. Raises `SilentError` where there is none."""
    request = urllib.request.Request(
        address, data=body, method="POST", headers={"Content-Type": kind, "User-Agent": "minping"}
    )
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler())
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return answer.status, _limited(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _limited(error)
    except (OSError, HTTPException, ValueError) as error:
        cause = getattr(error, "reason", error)  # what lies under urllib's own error says more
        raise SilentError(type(cause if isinstance(cause, Exception) else error).__name__) from error


def _limited(answer: IO[bytes]) -> bytes:
    try:
        content = answer.read(LONGEST_ANSWER + 1)
    except (OSError, HTTPException) as error:
        raise SilentError(type(error).__name__) from error
    if len(content) > LONGEST_ANSWER:
        raise SilentError("TooLong")
    return content
