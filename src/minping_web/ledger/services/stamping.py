"""Timestamps of an authority (RFC 3161) on checkpoints: asked by a job once a day, or brought as files.

The request is a function of the checkpoint, so it may be made and sent any number of times. An answer is kept
only after it was checked against the authority's root certificates.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from minping_engine.anchors import check_timestamp, timestamp_request
from minping_engine.errors import MinpingError, Place, Problem
from minping_engine.proof import parse_note
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger import selectors
from minping_web.ledger.models import Log, Timestamp
from minping_web.ledger.services.posting import SilentError, post
from minping_web.ledger.services.witnessing import FIRST_WAIT, LONGEST_WAIT, MANAGE, MOST_DOUBLINGS

QUERY = "application/timestamp-query"
OK = 200


def stamp_checkpoint() -> Timestamp:
    """Ask for what is published now; the row says what came of it. Raises `RefusedError` without a log."""
    wanted = wanted_timestamp()
    if wanted.answer is None and settings.TIMESTAMP_URL:
        _ask(wanted)
    return wanted


def wanted_timestamp() -> Timestamp:
    """The row of the published checkpoint, with the request that a stick can carry."""
    log = selectors.current_log()
    if log is None or not log.checkpoint:
        raise RefusedError.of("ledger.none_yet")
    found = Timestamp.objects.filter(log=log, size=log.published_size).first()
    return found or _made(log)


def _made(log: Log) -> Timestamp:
    note = parse_note(log.checkpoint.encode())
    request = timestamp_request(note.text if note else b"")
    return Timestamp.objects.create(
        log=log, size=log.published_size, note=log.checkpoint, request=request, asked_at=now()
    )


def _ask(row: Timestamp) -> None:
    try:
        status, answer = post(settings.TIMESTAMP_URL, bytes(row.request), QUERY)
        if status != OK:
            raise RefusedError.of("ledger.authority_refused", Place(), status=status)
        _keep(row, answer)
    except SilentError as error:
        _failed(row, Problem("ledger.authority_silent", params={"reason": str(error)}))
    except (MinpingError, RefusedError) as error:
        _failed(row, error.problems[0])


def _keep(row: Timestamp, answer: bytes) -> None:
    """Only what proves something under the configured roots."""
    note = parse_note(row.note.encode())
    found = check_timestamp(answer, note.text if note else b"", trusted_roots())
    row.answer, row.stated_at, row.authority = answer, found.time, found.authority[:300]
    row.problem, row.next_at, row.failures = None, None, 0
    row.save()


def _failed(row: Timestamp, problem: Problem) -> None:
    row.failures += 1
    row.next_at = now() + min(FIRST_WAIT * 2 ** min(row.failures, MOST_DOUBLINGS), LONGEST_WAIT)
    row.problem = {"code": problem.code, "params": {name: str(one) for name, one in problem.params.items()}}
    row.save()


def trusted_roots() -> bytes:
    """Root certificates (PEM) of the authority. Raises `RefusedError` where none are set up."""
    file = settings.TIMESTAMP_ROOTS
    if file is None or not Path(file).is_file():
        raise RefusedError.of("ledger.authority_roots")
    return Path(file).read_bytes()


def take_answer(scope: Scope | None, answer: bytes) -> Timestamp:
    """An answer that somebody brought: it belongs to the request that it fits, newest first.

    Raises `RefusedError` or the engine's `MinpingError` where it fits none.
    """
    if scope is not None:
        scope.require(MANAGE, "")
    error: MinpingError | None = None
    for row in Timestamp.objects.filter(answer=None)[:50]:
        try:
            _keep(row, answer)
        except MinpingError as found:
            error = error or found
        else:
            return row
    raise error or RefusedError.of("ledger.answer_unfit", Place(key="answer"))
