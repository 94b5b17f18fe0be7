"""Give indexes, write tiles, sign and publish: the only way into the published log.

Order, and what a kill leaves at each point:
1. indexes are assigned in the database, in the order of staging, and committed (intention first);
2. bundles and tiles are written beyond the last checkpoint: nobody reads them yet, the next run writes
   the same bytes again;
3. the signed checkpoint is renamed into place: published;
4. the database notes what was published: the next run sees that the files go on as it intended;
5. the mirror gets tiles and checkpoint; a lagging mirror catches up at the next run.
So the files never show an entry that the database has not: if they do, the database was set back, and
nothing is written until `recover`.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction

from minping_engine.errors import IntegrityError, Place
from minping_engine.proof import (
    CHECKPOINT_PATH,
    ENTRIES,
    TILE_WIDTH,
    Appender,
    Checkpoint,
    FolderStore,
    TileStore,
    hashes_on,
    levels_of,
    publish_checkpoint,
    sign_checkpoint,
    tile_at,
    tiles_of,
)
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.ledger import selectors
from minping_web.ledger.models import Log, StagedEntry
from minping_web.ledger.services.keys import make_signing_key, signing_key_of
from minping_web.ledger.services.lock import only_writer

BATCH = 20_000
"""Entries per checkpoint: bounds memory and the length of one transaction."""

ASSIGN = """
UPDATE ledger_stagedentry SET log_id = %s, "index" = %s + numbered.place
FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place
      FROM (SELECT id FROM ledger_stagedentry
            WHERE "index" IS NULL ORDER BY id LIMIT %s) AS waiting) AS numbered
WHERE ledger_stagedentry.id = numbered.id
"""

Told = Callable[[int, int], object]


def sequence(told: Told | None = None) -> int:
    """Publish everything that waits; gives how many entries got an index.

    Raises `RefusedError` with the reasons while database and files disagree, `BusyError` while another
    process writes. `told(done, total)` hears of each checkpoint.
    """
    with only_writer():
        problems = selectors.blocking_problems()
        if problems:
            raise RefusedError(problems)
        log = selectors.current_log() or open_log(1, first_origin())
        publish(log)
        mirror(log)
        count = 0
        while assigned := assign(log):
            count += assigned
            publish(log)
            mirror(log)
            if told is not None:
                told(count, count + StagedEntry.objects.filter(index=None).count())
        return count


def first_origin() -> str:
    """Under which name the log is known: an address without its scheme, as is the custom."""
    return f"{settings.ALLOWED_HOSTS[0]}/log"


def open_log(number: int, origin: str) -> Log:
    """A new log with a key of its own."""
    key = make_signing_key(number, origin)
    return Log.objects.create(number=number, origin=key.name, verifier=str(key.verifier), opened_at=now())


def assign(log: Log, limit: int = BATCH) -> int:
    """Give the next indexes to waiting entries, oldest first; gives how many."""
    with transaction.atomic():
        log.size = Log.objects.select_for_update().values_list("size", flat=True).get(pk=log.pk)
        with connection.cursor() as cursor:
            cursor.execute(ASSIGN, [log.pk, log.size, limit])
            count = int(cursor.rowcount)
        log.size += count
        log.save(update_fields=["size"])
    return count


def publish(log: Log) -> None:
    """Bring files and the database's note of them up to the indexes assigned."""
    store = FolderStore(selectors.folder_of(log.number))
    here = selectors.published(log, selectors.folder_of(log.number))
    if here is None or here.size < log.size:
        here = _extended(log, store, here)
    if here.size == log.published_size and log.checkpoint:
        return
    log.published_size, log.published_root, log.published_at = here.size, here.root, now()
    log.checkpoint = (store.read(CHECKPOINT_PATH) or b"").decode()
    log.save(update_fields=["published_size", "published_root", "published_at", "checkpoint"])


def _extended(log: Log, store: TileStore, here: Checkpoint | None) -> Checkpoint:
    key = signing_key_of(log)
    appender = Appender.resume(store, here) if here else Appender(store)
    while appender.size < log.size:
        end = min(appender.size + BATCH, log.size)
        entries = selectors.assigned_entries(log, appender.size, end)
        if len(entries) != end - appender.size:
            raise IntegrityError.of("ledger.rows_missing", Place(), first=appender.size, last=end - 1)
        appender.append(entries)
    made = appender.seal(log.origin)
    publish_checkpoint(store, sign_checkpoint(made, key))
    return made


def mirror(log: Log) -> bool:
    """Copy what the mirror lacks, checkpoint last; False if there is none or it cannot be reached.

    The mirror's root folder must exist: an unmounted share must not become a folder on this disk.
    """
    target = selectors.mirror_folder_of(log.number)
    if target is None or not selectors.mirror_is_there():
        return False
    try:
        there = selectors.published(log, target)
        source = FolderStore(selectors.folder_of(log.number))
        copy_files(source, FolderStore(target), log, there.size if there else 0)
    except OSError:
        return False
    return True


def copy_files(source: TileStore, target: TileStore, log: Log, known: int) -> None:
    """Copy the files of the published size that a copy of size `known` lacks."""
    size = log.published_size
    if known >= size:
        return
    for level in (ENTRIES, *range(levels_of(size))):
        first = hashes_on(level, known) // TILE_WIDTH
        for index in range(first, tiles_of(level, size)):
            path = str(tile_at(level, index, size=size))
            content = source.read(path)
            if content is None:
                raise IntegrityError.of("ledger.file_missing", Place(file=path))
            target.write(path, content)
    publish_checkpoint(target, log.checkpoint.encode())
