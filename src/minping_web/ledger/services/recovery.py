"""After a restore: bring the database up to what was published, before anything else is written.

What was published stands: others hold its checkpoints and would refuse a second history. The longest sound
copy (log folder or mirror) is taken; each of its entries finds its row by step and commitment; entries
whose rows were lost come back without their records; rows whose index was given to another entry wait
again. Where every copy is lost there are two ways, and only a person knows which one is true:
- the database was never set back: it holds every commitment, the same files are written again (`rebuild`);
- it was: a new log opens under a new origin, its first entry, signed by the old key, says so
  (`succession.open_successor`).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from minping_engine.errors import MinpingError, Problem
from minping_engine.proof import (
    CHECKPOINT_PATH,
    Appender,
    Checkpoint,
    Entry,
    FolderStore,
    MemoryStore,
    open_checkpoint,
    publish_checkpoint,
    read_entries,
    read_entry,
    signing_key,
    verifier_key,
)
from minping_engine.verification import verify_log
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.ledger import selectors
from minping_web.ledger.models import Log, StagedEntry
from minping_web.ledger.services.keys import key_file
from minping_web.ledger.services.lock import only_writer
from minping_web.ledger.services.sequencing import mirror
from minping_web.ledger.services.staging import free_name

AT_ONCE = 2_560


@dataclass(frozen=True)
class Recovered:
    """What a recovery did."""

    source: str
    """files, mirror, database, or empty where nothing had been published."""
    size: int
    matched: int = 0
    """Published entries whose waiting rows were found."""
    lost: int = 0
    """Published entries that came back without their records."""
    waiting_again: int = 0
    """Rows that have to be entered again, after what was published."""


@dataclass(frozen=True)
class _Copy:
    source: str
    folder: Path
    checkpoint: Checkpoint
    note: bytes


# --- from a published copy ---------------------------------------------------------------------------------
def recover(*, rebuild: bool = False) -> Recovered:
    """Make database and files agree with the longest sound copy; a second call changes nothing.

    Raises `RefusedError` where copies contradict each other or none is left; `rebuild` then writes the
    files anew from a database that was never set back.
    """
    with only_writer():
        log = _known_log()
        if log is None:
            return Recovered("", 0)
        copies = _sound_copies(log)
        best = max(copies, key=lambda one: one.checkpoint.size, default=None)
        if best is None or best.checkpoint.size < log.published_size:
            return _rebuilt(log) if rebuild or not log.published_size else _no_copy(log, best)
        _check_kinship(log, copies, best)
        done = _merged(log, best)
        _files_from(log, best)
        mirror(log)
        return done


def _known_log() -> Log | None:
    """The log to recover: the newest that folders, mirror or database know."""
    roots = [
        Path(settings.LEDGER_FOLDER),
        *([Path(settings.LEDGER_MIRROR)] if settings.LEDGER_MIRROR else []),
    ]
    numbers = [
        int(one.name) for root in roots for one in root.glob("[0-9]*") if (one / CHECKPOINT_PATH).exists()
    ]
    log, newest = selectors.current_log(), max(numbers, default=0)
    return log if log and log.number >= newest else (_log_from_key(newest) if newest else None)


def _log_from_key(number: int) -> Log:
    """A log that the database does not know any more: its key says its origin."""
    if not key_file(number).exists():
        raise RefusedError.of("ledger.key_lost", file=key_file(number).name)
    key = signing_key(key_file(number).read_text("utf-8"))
    return Log.objects.create(number=number, origin=key.name, verifier=str(key.verifier), opened_at=now())


def _sound_copies(log: Log) -> list[_Copy]:
    """The copies that hold what their checkpoint says, entry by entry."""
    found = {"files": selectors.folder_of(log.number), "mirror": selectors.mirror_folder_of(log.number)}
    return [copy for name, folder in found.items() if folder and (copy := _sound_copy(log, name, folder))]


def _sound_copy(log: Log, name: str, folder: Path) -> _Copy | None:
    try:
        if not verify_log(folder, log.verifier).is_sound:
            return None
        note = FolderStore(folder).read(CHECKPOINT_PATH) or b""
        return _Copy(name, folder, open_checkpoint(note, verifier_key(log.verifier)), note)
    except (MinpingError, OSError):
        return None


def _check_kinship(log: Log, copies: list[_Copy], best: _Copy) -> None:
    """The shorter copies and the database's last checkpoint must be beginnings of the longest."""
    older = [one.note for one in copies if one is not best] + (
        [log.checkpoint.encode()] * bool(log.checkpoint)
    )
    for note in older:
        report = verify_log(best.folder, log.verifier, note)
        if not report.is_sound:
            raise RefusedError(Problem("ledger.forked", params={"database": log.size, "files": report.size}))


def _no_copy(log: Log, best: _Copy | None) -> Recovered:
    params: dict[str, object] = {"database": log.published_size, "files": best.checkpoint.size if best else 0}
    raise RefusedError(Problem("ledger.published_lost", params=params))


@transaction.atomic
def _merged(log: Log, best: _Copy) -> Recovered:
    """Give every published entry its row; what the database had at these indexes otherwise waits again."""
    size, store = best.checkpoint.size, FolderStore(best.folder)
    again = _freed(log, store, size)
    matched = lost = 0
    for start in range(_first_missing(log), size, AT_ONCE):
        end = min(start + AT_ONCE, size)
        found, made = _placed(log, list(read_entries(store, start, size=end)), start)
        matched, lost = matched + found, lost + made
    log.size = log.published_size = size
    log.published_root, log.checkpoint = best.checkpoint.root, best.note.decode()
    log.published_at = log.published_at or now()
    log.save()
    return Recovered(best.source, size, matched, lost, again)


def _first_missing(log: Log) -> int:
    last = StagedEntry.objects.filter(log=log).order_by("-index").first()
    return last.index + 1 if last is not None and last.index is not None else 0


def _freed(log: Log, store: FolderStore, size: int) -> int:
    """From the first index on at which database and files differ, rows lose their index."""
    for start in range(0, log.size, AT_ONCE):
        end = min(start + AT_ONCE, log.size)
        ours = selectors.assigned_entries(log, start, end)
        theirs = list(read_entries(store, start, size=min(end, size))) if start < size else []
        if ours != theirs:
            pairs = zip(ours, theirs, strict=False)
            same = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))
            rows = StagedEntry.objects.filter(log=log, index__gte=start + same)
            return rows.update(log=None, index=None)
    return 0


def _placed(log: Log, entries: list[bytes], start: int) -> tuple[int, int]:
    """Put published entries at their indexes: (rows found, rows made without a record)."""
    read = [entry for one in entries if (entry := read_entry(one))]
    if len(read) != len(entries):
        raise RefusedError(Problem("ledger.forked", params={"database": log.size, "files": start}))
    rows = {row.step_id: row for row in StagedEntry.objects.filter(step_id__in=[one.step_id for one in read])}
    known, made = [], []
    for index, entry in enumerate(read, start):
        row = rows.get(entry.step_id)
        if row is not None and bytes(row.commitment) == entry.commitment and row.kind == entry.kind:
            row.log, row.index = log, index
            known.append(row)
        else:
            if row is not None:
                _set_aside(row)
            made.append(_without_record(log, entry, index))
    StagedEntry.objects.bulk_update(known, ["log", "index"], batch_size=500)
    StagedEntry.objects.bulk_create(made, batch_size=500)
    return len(known), len(made)


def _set_aside(row: StagedEntry) -> None:
    """A step that was done again after the restore is entered as a second one."""
    row.step_id = free_name(row.step_id)
    row.save(update_fields=["step_id"])


def _without_record(log: Log, entry: Entry, index: int) -> StagedEntry:
    return StagedEntry(
        step_id=entry.step_id,
        kind=entry.kind,
        commitment=entry.commitment,
        is_lost=True,
        staged_at=now(),
        log=log,
        index=index,
    )


def _files_from(log: Log, best: _Copy) -> None:
    """Make the log folder equal to the mirror it was recovered from; the old one is kept aside."""
    target = selectors.folder_of(log.number)
    if best.source != "mirror":
        return
    arriving = target.with_name(f".arriving-{log.number}")
    shutil.rmtree(arriving, ignore_errors=True)
    shutil.copytree(best.folder, arriving)
    if target.exists():
        target.rename(target.with_name(f".before-recovery-{log.number}-{now():%Y%m%dT%H%M%S%f}"))
    arriving.rename(target)


# --- without a copy ------------------------------------------------------------------------------
def _rebuilt(log: Log) -> Recovered:
    """Write the files anew from the database; the root that it remembers must come out."""
    memory = MemoryStore()
    appender = Appender(memory)
    for start in range(0, log.published_size, AT_ONCE):
        appender.append(selectors.assigned_entries(log, start, min(start + AT_ONCE, log.published_size)))
    if appender.size != log.published_size or (
        log.published_size and appender.root != bytes(log.published_root)
    ):
        raise RefusedError(Problem("ledger.rebuild_differs", params={"size": log.published_size}))
    if log.published_size:
        _files_anew(log, appender, memory)
    return Recovered("database", log.published_size)


def _files_anew(log: Log, appender: Appender, memory: MemoryStore) -> None:
    appender.seal(log.origin)
    target = selectors.folder_of(log.number)
    if target.exists():
        target.rename(target.with_name(f".before-recovery-{log.number}-{now():%Y%m%dT%H%M%S%f}"))
    store = FolderStore(target)
    for path, content in memory.files.items():
        store.write(path, content)
    publish_checkpoint(store, log.checkpoint.encode())
    mirror(log)
