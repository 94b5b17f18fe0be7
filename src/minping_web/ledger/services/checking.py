"""The full recheck: every entry hashed again, every tile, signature, history; files against database."""

from __future__ import annotations

import time
from collections.abc import Iterator

from minping_engine.errors import MinpingError, Place, Problem
from minping_engine.proof import FolderStore, read_entries
from minping_engine.verification import verify_log
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.ledger import selectors
from minping_web.ledger.models import Log, LogCheck

AT_ONCE = 25_600
MOST_PROBLEMS = 100


def verify(log: Log | None = None) -> LogCheck:
    """Recheck a log (the current one by default), store what was found. Raises `RefusedError` without one."""
    log = log or selectors.current_log()
    if log is None:
        raise RefusedError.of("ledger.none_yet")
    begun = time.monotonic()
    size, files, problems = _found(log)
    return LogCheck.objects.create(
        log=log,
        checked_at=now(),
        size=size,
        files=files,
        is_sound=not any(problem.severity.value == "error" for problem in problems),
        problems=[_stored(problem) for problem in problems[:MOST_PROBLEMS]],
        seconds=round(time.monotonic() - begun, 3),
    )


def _found(log: Log) -> tuple[int, int, list[Problem]]:
    """Size, number of files, problems: of the files first, then of files and database together."""
    known = log.checkpoint.encode() or None
    try:
        report = verify_log(selectors.folder_of(log.number), log.verifier, known)
    except MinpingError as error:
        return 0, 0, list(error.problems)
    problems = [*report.problems, *selectors.blocking_problems(log)]
    if report.is_sound:
        problems += _differing(log, report.size or 0)
    return report.size or 0, report.files, problems


def _differing(log: Log, size: int) -> Iterator[Problem]:
    """Entries that files and database hold differently."""
    store = FolderStore(selectors.folder_of(log.number))
    for start in range(0, size, AT_ONCE):
        end = min(start + AT_ONCE, size)
        if list(read_entries(store, start, size=end)) != selectors.assigned_entries(log, start, end):
            yield Problem("ledger.database_differs", Place(), {"first": start, "last": end - 1})


def _stored(problem: Problem) -> dict[str, object]:
    params = {name: value if isinstance(value, int) else str(value) for name, value in problem.params.items()}
    return {
        "code": problem.code,
        "file": problem.place.file or "",
        "params": params,
        "severity": problem.severity.value,
    }
