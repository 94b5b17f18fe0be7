"""What everybody may read: checkpoint, tiles, key, statements of succession, and a page that explains them.

Tiles and bundles never change, so every cache may keep them for ever; the checkpoint must be fresh. Other
sites' scripts may read all of it: an independent checker is a page somewhere else.
"""

from __future__ import annotations

import io

import segno
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe

from minping_web.common.pages import ScopedRequest, page
from minping_web.ledger import selectors

FOR_EVER = "public, max-age=31536000, immutable"
FRESH = "public, max-age=5"


@page(public=True)
def about(request: ScopedRequest) -> HttpResponse:
    """What the log is, how far it is, how to check it without asking anybody."""
    log = selectors.current_log()
    witnesses = selectors.signatures_of(log)
    context = {
        "log": log, "successions": selectors.successions(), "policy": selectors.current_policy(),
        "witnesses": witnesses, "signed": sum(stands for _one, stands in witnesses),
        "stamps": selectors.timestamps(log).exclude(answer=None)[:5],
    }  # fmt: skip
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


@page(public=True)
def policy(request: ScopedRequest) -> HttpResponse:
    """Which witnesses there are, and how many must have signed (C2SP tlog-policy)."""
    found = selectors.current_policy()
    if found is None:
        raise Http404
    return _open(found.text.encode(), "text/plain; charset=utf-8", FRESH)


@page(public=True)
def timestamp(request: ScopedRequest, size: int, part: str) -> HttpResponse:
    """What a timestamp consists of: request, answer, the checkpoint that it is of."""
    found = selectors.timestamps(selectors.current_log()).filter(size=size).exclude(answer=None).first()
    parts = {"tsq": "request", "tsr": "answer", "checkpoint": "note"}
    if found is None or part not in parts:
        raise Http404
    content = getattr(found, parts[part])
    body = content.encode() if isinstance(content, str) else bytes(content)
    return _open(body, "application/octet-stream", FOR_EVER)


@page(public=True)
def paper(request: ScopedRequest) -> HttpResponse:
    """The root of the log for a notice board, with a QR code; it prints on one sheet."""
    log = selectors.current_log()
    printed = selectors.paper_of(log)
    if log is None or printed is None:
        raise Http404
    context = {"log": log, "printed": printed, "code": _code(printed.payload)}
    return render(request, "ledger/paper.html", context)


def _code(text: str) -> SafeString:
    """A QR code as lines of SVG; its text is our own, of letters, digits and the log's name."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, nl=False, svgns=False, omitsize=True, border=2, title=text
    )
    return mark_safe(drawn.getvalue().decode())


def _open(content: bytes, kind: str, cache: str) -> HttpResponse:
    headers = {"Cache-Control": cache, "Access-Control-Allow-Origin": "*"}
    return HttpResponse(content, content_type=kind, headers=headers)
