"""What everybody may read: checkpoint, tiles, key, statements of succession, and a page that explains them.

Tiles and bundles never change, so every cache may keep them for ever; the checkpoint must be fresh. Other
sites' scripts may read all of it: an independent checker is a page somewhere else.
"""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from minping_web.common.pages import ScopedRequest, page
from minping_web.ledger import selectors

FOR_EVER = "public, max-age=31536000, immutable"
FRESH = "public, max-age=5"


@page(public=True)
def about(request: ScopedRequest) -> HttpResponse:
    """What the log is, how far it is, how to check it without asking anybody."""
    context = {"log": selectors.current_log(), "successions": selectors.successions()}
    return render(request, "ledger/public.html", context)


@page(public=True)
def checkpoint(request: ScopedRequest, number: int | None = None) -> HttpResponse:
    """The signed checkpoint."""
    return _file("checkpoint", number)


@page(public=True)
def tile(request: ScopedRequest, path: str, number: int | None = None) -> HttpResponse:
    """A tile or an entry bundle."""
    return _file(f"tile/{path}", number)


def _file(path: str, number: int | None) -> HttpResponse:
    found = selectors.public_file(path, number)
    if found is None:
        raise Http404
    kind = "text/plain; charset=utf-8" if found.is_checkpoint else "application/octet-stream"
    return _open(found.content, kind, FRESH if found.is_checkpoint else FOR_EVER)


@page(public=True)
def key(request: ScopedRequest) -> HttpResponse:
    """The verifier key of the current log."""
    log = selectors.current_log()
    if log is None:
        raise Http404
    return _open(f"{log.verifier}\n".encode(), "text/plain; charset=utf-8", FRESH)


@page(public=True)
def succession(request: ScopedRequest, number: int) -> HttpResponse:
    """The signed statement by which a log succeeded a lost one."""
    note = dict(selectors.successions()).get(number)
    if note is None:
        raise Http404
    return _open(note.encode(), "text/plain; charset=utf-8", FRESH)


def _open(content: bytes, kind: str, cache: str) -> HttpResponse:
    headers = {"Cache-Control": cache, "Access-Control-Allow-Origin": "*"}
    return HttpResponse(content, content_type=kind, headers=headers)
