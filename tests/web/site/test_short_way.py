"""The short way between server and votes: whole answers, no large bodies, the headers of every page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from minping_web.site.short_way import LONGEST_BODY, ShortWay

SCOPE = {
    "type": "http", "method": "POST", "path": "/v/", "query_string": b"a=1", "http_version": "1.1",
    "headers": [(b"content-type", b"text/plain")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2),
}  # fmt: skip
PROTECTING = (
    "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy",
    "Cross-Origin-Opener-Policy", "X-Frame-Options", "X-Request-ID", "Content-Language",
)  # fmt: skip


def program(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Says back what it was asked."""
    body = environ["wsgi.input"].read()
    start_response("201 Created", [("X-Asked", environ["QUERY_STRING"]), ("Set-Cookie", " a=b ")])
    return [b"<", body, b">"]


def asked(pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the server is told to send for a body in these pieces."""
    sent: list[dict[str, Any]] = []
    left = iter(pieces)

    async def receive() -> dict[str, Any]:
        return next(left)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    with ThreadPoolExecutor(1) as pool:
        asyncio.run(ShortWay(program, pool)(dict(SCOPE), receive, send))
    return sent


def piece(body: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_pieces_is_read_and_the_answer_goes_out_whole() -> None:
    start, body = asked([piece(b"one ", more=True), piece(b"two")])
    assert start["status"] == 201
    assert start["headers"] == [(b"x-asked", b"a=1"), (b"set-cookie", b"a=b")]
    assert body["body"] == b"<one two>"


def test_a_body_that_is_too_long_is_refused_before_the_program_sees_it() -> None:
    start, body = asked([piece(b"x" * LONGEST_BODY, more=True), piece(b"x")])
    assert (start["status"], body["body"]) == (413, b"")


@pytest.mark.sqlite
@pytest.mark.django_db
def test_the_resident_page_has_every_header_that_protects_and_no_cookie() -> None:
    plain, vote = Client().get("/map/"), Client().get("/v/")
    assert vote.status_code == 200
    assert [name for name in PROTECTING if name not in vote.headers] == []
    same = ("Content-Security-Policy", "X-Frame-Options", "Permissions-Policy")
    assert [vote.headers[name] for name in same] == [plain.headers[name] for name in same]
    assert vote.headers["Referrer-Policy"] == "no-referrer"
    assert not vote.cookies


def test_what_votes_go_past_stands_behind_what_protects_them() -> None:
    order = [name.rpartition(".")[2] for name in settings.MIDDLEWARE]
    short = order.index("ShortWayMiddleware")
    for name in ("RequestMiddleware", "SecurityMiddleware", "PolicyMiddleware", "XFrameOptionsMiddleware"):
        assert order.index(name) < short
    assert order.index("SessionMiddleware") > short
