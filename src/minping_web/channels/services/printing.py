"""Print runs: letters wait sealed, become a PDF at the moment of the download, and are destroyed as printed.

Whoever holds the letters can vote for the households, so a run is downloaded with a second factor, every
download stands in the ledger, and nothing readable outlives the word "printed". Rows lie in a file of sealed
pieces outside the database; the run's key is of the kind that no copy of the keys holds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.shortcuts import get_object_or_404

from minping_engine.errors import IntegrityError, Place, Problem
from minping_web.channels.models import PrintRun
from minping_web.channels.services.keys import PassingKey, destroy_key, key_of, make_key
from minping_web.channels.services.letters import LetterRow, LetterWording, letter_pages
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import kept

PIECE = 500
LENGTH_BYTES = 4


def open_print_run(
    scope: Scope, owner: str, rows: Iterable[LetterRow], wording: LetterWording, *, title: str = ""
) -> PrintRun:
    """Seal letters for a later download. Raises `RefusedError` for a link that is no ASCII address.

    The file is complete before the row shows; after a crash in between, the nightly job ends its key.
    """
    scope.require("channels.edit")
    name = make_key()
    try:
        with transaction.atomic():
            letters = _write(name, rows)
            return PrintRun.objects.create(
                owner=owner, title=title or owner, wording=wording.as_data(), letters=letters, key_name=name,
                made_by_id=scope.user_id, made_at=now(),
            )  # fmt: skip
    except BaseException:
        _destroy(name)
        raise


def download_run(scope: Scope, run_id: int) -> Iterator[bytes]:
    """The PDF as it is made; the download is entered in the ledger before the first byte leaves.

    Raises `RefusedError` when the run is over or its key is gone.
    """
    scope.require("channels.send")
    with transaction.atomic():
        run = _locked(run_id)
        key = key_of(run.key_name)
        if not run.is_open or key is None:
            raise RefusedError.of("channels.run_over")
        run.state, run.downloads = PrintRun.State.DOWNLOADED, run.downloads + 1
        run.save(update_fields=["state", "downloads"])
        record = {"run": run.pk, "owner": run.owner, "letters": run.letters, "download": run.downloads,
                  "by": scope.user_id or 0}  # fmt: skip
        stage("letters.downloaded", f"letters-{run.pk}-download-{run.downloads}-{uuid4().hex[:8]}", record)
    return letter_pages(_rows(run.key_name, key), LetterWording.of(run.wording))


@transaction.atomic
def name_new_day(scope: Scope, run_id: int) -> PrintRun:
    """Letters that are not printed yet name the day on which the round ends now; their codes stay.

    Raises `RefusedError` when the run is over, or names the right day already.
    """
    scope.require("channels.send")
    run = _locked(run_id)
    if not run.is_open:
        raise RefusedError.of("channels.run_over")
    if not run.is_outdated:
        raise RefusedError.of("channels.run_up_to_date")
    before, run.wording = run.wording["until"], run.wording | {"until": run.owned_by.until}
    run.state = PrintRun.State.READY  # what was downloaded names the old day: it is not to be printed
    run.save(update_fields=["wording", "state"])
    record = {"run": run.pk, "owner": run.owner, "before": before, "after": run.wording["until"],
              "by": scope.user_id or 0}  # fmt: skip
    stage("letters.day_changed", f"letters-{run.pk}-day-{uuid4().hex[:8]}", record)
    return run


def acknowledge_printed(scope: Scope, run_id: int) -> PrintRun:
    """The letters are on paper: file and key are destroyed. Raises `RefusedError` before a first download."""
    scope.require("channels.send")
    return _end(scope, run_id, PrintRun.State.PRINTED, from_states=(PrintRun.State.DOWNLOADED,))


def cancel_run(scope: Scope, run_id: int, *, reason: str) -> PrintRun:
    """Destroy letters that shall not be printed, or were printed wrongly."""
    scope.require("channels.edit")
    if not reason.strip():
        raise RefusedError.of("approval.reason_missing", Place(key="reason"))
    open_states = (PrintRun.State.READY, PrintRun.State.DOWNLOADED)
    return _end(scope, run_id, PrintRun.State.CANCELLED, from_states=open_states, reason=reason.strip())


def cancel_runs_of(scope: Scope, owner: str, *, reason: str) -> int:
    """All open runs of a round that stopped or whose batch leaked; how many."""
    open_ones = PrintRun.objects.filter(owner=owner, ended_at=None).values_list("pk", flat=True)
    return len([cancel_run(scope, run_id, reason=reason) for run_id in list(open_ones)])


@transaction.atomic
def _end(
    scope: Scope, run_id: int, state: str, *, from_states: tuple[str, ...], reason: str = ""
) -> PrintRun:
    run = _locked(run_id)
    if run.state not in from_states:
        raise RefusedError.of("channels.run_over" if not run.is_open else "channels.run_not_downloaded")
    run.state, run.ended_at = state, now()
    run.save(update_fields=["state", "ended_at"])
    step = f"letters-{run.pk}-{state}"
    record = {"run": run.pk, "owner": run.owner, "letters": run.letters, "downloads": run.downloads,
              "by": scope.user_id or 0, **kept("reason", reason, step=step)}  # fmt: skip
    stage(f"letters.{state}", step, record)
    name = run.key_name
    transaction.on_commit(lambda: _destroy(name))
    return run


def _locked(run_id: int) -> PrintRun:
    return get_object_or_404(PrintRun.objects.select_for_update(of=("self",)), pk=run_id)


def _write(name: str, rows: Iterable[LetterRow]) -> int:
    """Seal rows piece by piece; how many."""
    key, source = _key(name), iter(rows)
    handle = os.open(_path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    count = 0
    with os.fdopen(handle, "wb") as file:
        for number, piece in enumerate(iter(lambda: list(islice(source, PIECE)), [])):
            _refuse_links(piece, count)
            told = [[row.reference.hex, *row[1:]] for row in piece]
            sealed = key.seal(json.dumps(told, ensure_ascii=False).encode(), _about(name, number))
            file.write(len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed)
            count += len(piece)
        file.flush()
        os.fsync(file.fileno())
    return count


def _refuse_links(piece: list[LetterRow], before: int) -> None:
    wrong = [before + at for at, row in enumerate(piece, start=1) if not row.url.isascii()]
    if wrong:
        raise RefusedError([Problem("channels.letter_link", Place(row=at), {"number": at}) for at in wrong])


def _rows(name: str, key: PassingKey) -> Iterator[LetterRow]:
    """Rows in their order; raises `IntegrityError` for a changed file, also while it is being read."""
    with _path(name).open("rb") as file:
        pieces = iter(lambda: file.read(LENGTH_BYTES), b"")
        for number, length in enumerate(pieces):
            sealed = file.read(int.from_bytes(length, "big"))
            for hexed, *rest in json.loads(key.open(sealed, _about(name, number))):
                yield LetterRow(UUID(hexed), *rest)


def _key(name: str) -> PassingKey:
    key = key_of(name)
    if key is None:
        raise IntegrityError.of("cipher.key_lost", about="channels")
    return key


def _about(name: str, number: int) -> bytes:
    return f"letters|{name}|{number}".encode()


def _path(name: str) -> Path:
    folder = Path(settings.DATA_FOLDER) / "print-runs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / name


def _destroy(name: str) -> None:
    """The key first: without it the file is noise, also where a disk keeps what was deleted."""
    destroy_key(name)
    with suppress(FileNotFoundError):
        _path(name).unlink()
