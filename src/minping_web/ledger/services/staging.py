"""Stage entries in the transaction of the step that they seal: both happen, or neither."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from minping_engine.errors import InputError, Place
from minping_engine.proof import Entry, commitment_of
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry

NONCE_BYTES = 32
LONGEST_STEP = 118
"""Leaves room for the mark of a step that a recovery found twice."""
ROWS_AT_ONCE = 2_000

Record = dict[str, Any]


def stage(kind: str, step_id: str, record: Record) -> StagedEntry:
    """Commit to `record` (JSON without floats); a repeat of the same step returns the first entry.

    `kind` and `step_id` are public: no names, no times. Raises `RefusedError` if the step was staged with
    another record before, `InputError` for words that an entry cannot hold.
    """
    found = StagedEntry.objects.filter(step_id=step_id).first()
    if found is None:
        made = _entry(kind, step_id, record)
        values = {
            name: getattr(made, name) for name in ("kind", "commitment", "nonce", "record", "staged_at")
        }
        found, created = StagedEntry.objects.get_or_create(step_id=step_id, defaults=values)
        if created:
            return found
    if found.nonce is not None and bytes(found.commitment) != commitment_of(record, bytes(found.nonce)):
        raise RefusedError.of("ledger.step_differs", Place(key=step_id))
    return found


def stage_many(kind: str, records: Iterable[tuple[str, Record]]) -> int:
    """Stage (step id, record) pairs of new steps in bulk, in this order; gives how many.

    A repeated step id raises the database's IntegrityError: bulk steps guard themselves.
    """
    entries = [_entry(kind, step_id, record) for step_id, record in records]
    StagedEntry.objects.bulk_create(entries, batch_size=ROWS_AT_ONCE)
    return len(entries)


def _entry(kind: str, step_id: str, record: Record) -> StagedEntry:
    if len(step_id) > LONGEST_STEP:
        raise InputError.of("ledger.entry_words", kind=kind, step=step_id)
    nonce = secrets.token_bytes(NONCE_BYTES)
    entry = Entry(kind, step_id, commitment_of(record, nonce))
    bytes(entry)  # refuses words that the log cannot hold while the step can still be mended
    return StagedEntry(
        step_id=step_id, kind=kind, commitment=entry.commitment, nonce=nonce, record=record, staged_at=now()
    )
