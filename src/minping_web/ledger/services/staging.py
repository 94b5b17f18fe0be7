"""Stage entries in the transaction of the step that they seal: both happen, or neither.

A restore sets the database's numbers back, so a later step may get the name of one that was lost and came
back from the published log without its record (`is_lost`). Such a row is never taken for the new step: the
new one is entered under the next free name, `step@2`. A row that was emptied by `forget` is the step itself.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from django.db import connection, transaction

from minping_engine.errors import InputError, Place
from minping_engine.proof import Entry, commitment_of
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry

NONCE_BYTES = 32
LONGEST_STEP = 115
"""Leaves room for the mark of a step that was done again after a restore."""
ROWS_AT_ONCE = 2_000
AGAIN = "@{}"
"""Marks a step whose name was published before the database was set back."""

TABLE = StagedEntry._meta.db_table
COLUMNS = ("step_id", "kind", "commitment", "nonce", "record", "is_lost", "staged_at")

Record = dict[str, Any]


def stage(kind: str, step_id: str, record: Record) -> StagedEntry:
    """Commit to `record` (JSON without floats); a repeat of the same step returns the first entry.

    `kind` and `step_id` are public: no names, no times. Raises `RefusedError` if the step was staged with
    another record or kind before, `InputError` for words that an entry cannot hold.
    """
    found, name = _row_of(step_id)
    if found is None:
        made = _entry(kind, step_id, record)
        values = {one: getattr(made, one) for one in ("kind", "commitment", "nonce", "record", "staged_at")}
        found, created = StagedEntry.objects.get_or_create(step_id=name, defaults=values)
        if created:
            return found
    if found.kind != kind or not _is_of(found, record):
        raise RefusedError.of("ledger.step_differs", Place(key=step_id))
    return found


def _row_of(step_id: str) -> tuple[StagedEntry | None, str]:
    """The row of a step, past those that were lost; without one, the name that is free for it."""
    for name in names_of(step_id):
        found = StagedEntry.objects.filter(step_id=name).first()
        if found is None or not found.is_lost:
            return found, name
    raise AssertionError("names never end")


def _is_of(row: StagedEntry, record: Record) -> bool:
    """Whether the row commits to this record; of a forgotten one nobody can tell any more."""
    return row.nonce is None or bytes(row.commitment) == commitment_of(record, bytes(row.nonce))


def names_of(step_id: str) -> Iterator[str]:
    """The name of a step, then those that it gets when it is done once more after a restore."""
    yield step_id
    yield from (step_id + AGAIN.format(number) for number in count(2))


def free_name(step_id: str) -> str:
    """The first of these names that no row has."""
    return next(name for name in names_of(step_id) if not StagedEntry.objects.filter(step_id=name).exists())


def stage_many(kind: str, records: Iterable[tuple[str, Record]]) -> int:
    """Stage (step id, record) pairs of new steps in bulk, in this order; gives how many.

    A repeated step id raises the database's IntegrityError: bulk steps guard themselves.
    """
    entries = [_entry(kind, step_id, record) for step_id, record in records]
    _step_past_lost(entries)
    _write(entries)
    return len(entries)


def _write(entries: list[StagedEntry]) -> None:
    """Rows in this order, past the ORM: it takes five times as long as everything else about an entry."""
    named = ", ".join(COLUMNS)
    at = {entry.staged_at: connection.ops.adapt_datetimefield_value(entry.staged_at) for entry in entries}
    rows: Iterator[tuple[Any, ...]] = (
        (one.step_id, one.kind, one.commitment, one.nonce, json.dumps(one.record), False, at[one.staged_at])
        for one in entries
    )
    with transaction.atomic(), connection.wrap_database_errors, connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            marks = ", ".join(["%s"] * len(COLUMNS))
            cursor.executemany(f"INSERT INTO {TABLE} ({named}) VALUES ({marks})", list(rows))
            return
        with cursor.copy(f"COPY {TABLE} ({named}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _step_past_lost(entries: list[StagedEntry]) -> None:
    """Give other names to new entries whose names were published before a restore."""
    if not StagedEntry.objects.filter(is_lost=True).exists():
        return
    for start in range(0, len(entries), ROWS_AT_ONCE):
        some = entries[start : start + ROWS_AT_ONCE]
        lost = StagedEntry.objects.filter(is_lost=True, step_id__in=[entry.step_id for entry in some])
        taken = set(lost.values_list("step_id", flat=True))
        for entry in some:
            if entry.step_id in taken:
                entry.step_id = _row_of(entry.step_id)[1]


def _entry(kind: str, step_id: str, record: Record) -> StagedEntry:
    if len(step_id) > LONGEST_STEP:
        raise InputError.of("ledger.entry_words", kind=kind, step=step_id)
    nonce = secrets.token_bytes(NONCE_BYTES)
    entry = Entry(kind, step_id, commitment_of(record, nonce))
    bytes(entry)  # refuses words that the log cannot hold while the step can still be mended
    return StagedEntry(
        step_id=step_id, kind=kind, commitment=entry.commitment, nonce=nonce, record=record, staged_at=now()
    )
