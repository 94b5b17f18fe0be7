"""Reads the log: its files, whether database and files agree, entries for pages, figures for metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Min, QuerySet

from minping_engine.errors import IntegrityError, Place, Problem, Severity
from minping_engine.proof import (
    CHECKPOINT_PATH,
    Checkpoint,
    Entry,
    FolderStore,
    open_checkpoint,
    parse_tile_path,
    read_entries,
    root_of,
    verifier_key,
)
from minping_web.common.clock import now
from minping_web.common.scope import Scope
from minping_web.ledger.models import Log, LogCheck, StagedEntry

VIEW, EXPORT = "ledger.view", "ledger.export"


def folder_of(number: int) -> Path:
    """Where the files of a log lie; they can be served as they are."""
    return Path(settings.LEDGER_FOLDER) / str(number)


def mirror_folder_of(number: int) -> Path | None:
    """Where the copy off the host lies, if one is set up."""
    return Path(settings.LEDGER_MIRROR) / str(number) if settings.LEDGER_MIRROR else None


def mirror_is_there() -> bool:
    """Whether a mirror is set up and its root folder exists: an unmounted share does not."""
    return settings.LEDGER_MIRROR is not None and settings.LEDGER_MIRROR.is_dir()


def current_log() -> Log | None:
    """The log that is written, if one was opened."""
    return Log.objects.order_by("-number").first()


def published(log: Log, folder: Path | None) -> Checkpoint | None:
    """The checkpoint in a folder, its signature checked; None if there is none."""
    content = FolderStore(folder).read(CHECKPOINT_PATH) if folder else None
    return open_checkpoint(content, verifier_key(log.verifier)) if content is not None else None


def entry_bytes(rows: Iterable[tuple[str, str, bytes | memoryview]]) -> Iterator[bytes]:
    """Entries of (kind, step id, commitment) rows."""
    return (bytes(Entry(kind, step_id, bytes(commitment))) for kind, step_id, commitment in rows)


def assigned_entries(log: Log, start: int, end: int) -> list[bytes]:
    """What the database holds at these indexes, in order; fewer where rows are missing."""
    rows = StagedEntry.objects.filter(log=log, index__gte=start, index__lt=end).order_by("index")
    return list(entry_bytes(rows.values_list("kind", "step_id", "commitment")))


# --- do database and files agree ------------------------------------------------------------------
def blocking_problems(log: Log | None = None) -> list[Problem]:
    """Why nothing may be written: database or files were set back, lost or changed. Empty: go on."""
    log = log or current_log()
    if log is None:
        return [Problem("ledger.database_behind", params=_sizes(0, 0))] if _has_files() else []
    try:
        here = published(log, folder_of(log.number))
        away = _mirrored(log)
        return _compared(log, here) or _against_mirror(log, here, away)
    except IntegrityError as error:
        return list(error.problems)


def _has_files() -> bool:
    folder = Path(settings.LEDGER_FOLDER)
    return any((one / CHECKPOINT_PATH).exists() for one in folder.glob("[0-9]*"))


def _sizes(database: int, files: int) -> dict[str, object]:
    return {"database": database, "files": files}


def _mirrored(log: Log) -> Checkpoint | None:
    """The mirror's checkpoint; a mirror that cannot be reached is no reason to stop."""
    try:
        return published(log, mirror_folder_of(log.number))
    except OSError:
        return None


def _compared(log: Log, here: Checkpoint | None) -> list[Problem]:
    if (folder_of(log.number + 1) / CHECKPOINT_PATH).exists():
        return [Problem("ledger.database_behind", params=_sizes(log.size, 0))]
    size = here.size if here else 0
    if size > log.size:
        return [Problem("ledger.database_behind", params=_sizes(log.size, size))]
    if size < log.published_size:
        return [Problem("ledger.files_behind", params=_sizes(log.published_size, size))]
    if here is not None and not _same_history(log, here):
        return [Problem("ledger.forked", params=_sizes(log.size, size))]
    return []


def _same_history(log: Log, here: Checkpoint) -> bool:
    """Whether the files go on where the database stood when it last published."""
    if here.size == log.published_size:
        return here.root == bytes(log.published_root)
    store = FolderStore(folder_of(log.number))
    if log.published_size and root_of(store, log.published_size) != bytes(log.published_root):
        return False
    since = list(read_entries(store, log.published_size, size=here.size))
    return since == assigned_entries(log, log.published_size, here.size)


def _against_mirror(log: Log, here: Checkpoint | None, away: Checkpoint | None) -> list[Problem]:
    if away is None or (here and away.size <= here.size):
        return []
    if not away.size:
        return []
    return [Problem("ledger.mirror_ahead", params=_sizes(here.size if here else 0, away.size))]


# --- figures ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Standing:
    """The log at a moment, for pages and metrics."""

    log: Log | None
    waiting: int
    oldest_waiting: datetime | None
    mirror_size: int | None
    """None: no mirror is set up, or it cannot be read."""
    problems: list[Problem]

    @property
    def oldest_wait_seconds(self) -> float:
        """How long the oldest entry waits for its index."""
        return (now() - self.oldest_waiting).total_seconds() if self.oldest_waiting else 0.0


def standing() -> Standing:
    """Size, what waits, whether all copies agree. Not the full recheck."""
    log = current_log()
    waiting = StagedEntry.objects.filter(index=None).aggregate(count=Count("pk"), oldest=Min("staged_at"))
    return Standing(log, waiting["count"], waiting["oldest"], _mirror_size(log), blocking_problems(log))


def _mirror_size(log: Log | None) -> int | None:
    try:
        found = _mirrored(log) if log else None
    except IntegrityError:
        return None
    return found.size if found else None


def has_work() -> bool:
    """Whether sequencing would do something: entries wait or were not published, and nothing forbids it."""
    log = current_log()
    unpublished = log is not None and log.published_size < log.size
    waits = StagedEntry.objects.filter(index=None).exists()
    return (unpublished or waits or _mirror_lags(log)) and not blocking_problems(log)


def _mirror_lags(log: Log | None) -> bool:
    if log is None or not mirror_is_there():
        return False
    return (_mirror_size(log) or 0) < log.published_size


def kinds() -> list[tuple[str, int]]:
    """Entries by kind, most first."""
    counted = StagedEntry.objects.values_list("kind").annotate(count=Count("pk")).order_by("-count", "kind")
    return list(counted)


@dataclass(frozen=True)
class Lost:
    """Steps of one kind that were published and then lost by a restore, in the order of the log.

    The log proves that they happened; what they did in the database is gone and must be done once more.
    """

    kind: str
    steps: tuple[str, ...]
    first: int
    last: int


def lost_by_kind() -> list[Lost]:
    """What was lost in restores, by kind; empty where nothing ever was."""
    rows = StagedEntry.objects.filter(is_lost=True, index__isnull=False).order_by("kind", "index")
    found: dict[str, list[tuple[str, int]]] = {}
    for kind, step_id, index in rows.values_list("kind", "step_id", "index"):
        found.setdefault(kind, []).append((step_id, int(index or 0)))
    return [
        Lost(kind, tuple(step for step, _index in steps), steps[0][1], steps[-1][1])
        for kind, steps in found.items()
    ]


def lost_count() -> int:
    """How many published entries lack their steps."""
    return StagedEntry.objects.filter(is_lost=True).count()


# --- lists ----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class EntryFilters:
    """What the list is narrowed to; empty means all."""

    text: str = ""
    kind: str = ""
    state: str = ""
    """waiting, sealed, forgotten, lost"""


def listed_entries(scope: Scope, filters: EntryFilters) -> QuerySet[StagedEntry]:
    """Entries, newest first; the log covers the whole district and so must the right to see it."""
    if not scope.reach(VIEW).whole:
        return StagedEntry.objects.none()
    entries = StagedEntry.objects.select_related("log").order_by("-pk")
    if filters.text:
        entries = entries.filter(step_id__contains=filters.text)
    if filters.kind:
        entries = entries.filter(kind=filters.kind)
    if filters.state == "waiting":
        entries = entries.filter(index=None)
    elif filters.state == "sealed":
        entries = entries.exclude(index=None)
    elif filters.state == "forgotten":
        entries = entries.filter(nonce=None, is_lost=False)
    elif filters.state == "lost":
        entries = entries.filter(is_lost=True)
    return entries.defer("record", "commitment")


def last_check(log: Log | None) -> LogCheck | None:
    """The newest full recheck of a log."""
    return LogCheck.objects.filter(log=log).first() if log else None


def problems_of(check: LogCheck | None) -> list[Problem]:
    """What a stored recheck found."""
    return [
        Problem(found["code"], Place(file=found["file"]), found["params"], Severity(found["severity"]))
        for found in (check.problems if check else [])
    ]


# --- what everybody may read -------------------------------------------------------------------------------
@dataclass(frozen=True)
class PublicFile:
    """A file of the log. Tiles never change once they are there, full or partial."""

    content: bytes
    is_checkpoint: bool


def public_file(path: str, number: int | None = None) -> PublicFile | None:
    """Checkpoint or tile of a log (the current one by default); None for everything else."""
    if path != CHECKPOINT_PATH and parse_tile_path(path) is None:
        return None
    if number is None:
        log = current_log()
        number = log.number if log else 0
    content = FolderStore(folder_of(number)).read(path)
    return PublicFile(content, path == CHECKPOINT_PATH) if content is not None else None


def successions() -> list[tuple[int, str]]:
    """(number, signed note) of every log that succeeded a lost one."""
    notes = sorted(Path(settings.LEDGER_FOLDER).glob("succession-[0-9]*"))
    return [(int(one.name.partition("-")[2]), one.read_text("utf-8")) for one in notes]
