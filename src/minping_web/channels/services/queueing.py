"""Fill a batch: 100,000 rows in seconds, each sealed, written shuffled and without a time.

Rows go in pieces, each its own transaction, with what is counted by them; a repeat after a crash leaves out
what is there already. Numbers that want no messages, or had theirs, get none: `MessagesFailed` says which.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from secrets import SystemRandom
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from minping_web.channels.events import MessagesFailed
from minping_web.channels.models import MessageBatch, OutgoingMessage
from minping_web.channels.rules.phones import mobile
from minping_web.channels.rules.reasons import Reason
from minping_web.channels.rules.texts import clean_fields, composed, filled, parts_of
from minping_web.channels.services.keys import PassingKey, key_of
from minping_web.channels.services.numbers import (
    PURPOSE,
    add_uses,
    channel_rules,
    unsubscribed,
    use_purpose,
    uses_of,
)
from minping_web.common.crypto import Keyring, keyring
from minping_web.common.events import tell
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope

PIECE = 10_000
COLUMNS = ("id", "batch_id", "reference", "sealed", "state", "provider_ref", "reason", "parts")


class NewMessage(NamedTuple):
    """One message on its way in: whose token, to which number, what fills the gaps of the text."""

    reference: UUID
    phone: str
    fields: Mapping[str, str]


@dataclass
class _Filling:
    """What stays the same over all pieces of one call."""

    batch: MessageBatch
    key: PassingKey
    ring: Keyring
    whole: str
    unwanted: frozenset[bytes]
    most: int
    purpose: str = ""
    rows: list[tuple[object, ...]] = field(default_factory=list)
    used: Counter[bytes] = field(default_factory=Counter)
    left_out: list[tuple[UUID, str]] = field(default_factory=list)
    parts: int = 0


def queue_messages(scope: Scope, batch_id: int, rows: Iterable[NewMessage]) -> int:
    """Add messages to a draft batch; how many were queued now.

    Missing numbers, unsubscribed ones and those that had their messages are left out and told as
    `MessagesFailed`. A reference stands once in a batch: rows that are there already are passed over.
    Raises `RefusedError` when the batch is no draft, KeyError for a gap without a value.
    """
    scope.require("channels.edit")
    batch = MessageBatch.objects.select_related("text_version__signature").get(pk=batch_id)
    waiting = list(rows)
    SystemRandom().shuffle(waiting)
    return sum(_piece(batch, waiting[at : at + PIECE]) for at in range(0, len(waiting), PIECE))


@transaction.atomic
def _piece(batch: MessageBatch, rows: list[NewMessage]) -> int:
    locked = MessageBatch.objects.select_for_update().get(pk=batch.pk)
    key = key_of(batch.key_name)
    if locked.state != MessageBatch.State.DRAFT or key is None:
        raise RefusedError.of("channels.not_draft")
    rules, version = channel_rules(), batch.text_version
    whole = composed(
        version.signature.name, version.body(batch.language),
        language=batch.language, stop_word=rules.stop_word,
    )  # fmt: skip
    filling = _Filling(batch, key, keyring(), whole, unsubscribed(), rules.most_per_number)
    filling.purpose = use_purpose(batch.owner)
    _prepare(filling, _new_ones(batch, rows))
    _insert(filling.rows)
    add_uses(batch.owner, {blind: count for blind, count in filling.used.items() if count})
    _store_counts(locked, filling)
    by_reason: dict[str, list[UUID]] = {}
    for reference, reason in filling.left_out:
        by_reason.setdefault(reason, []).append(reference)
    for reason, those in sorted(by_reason.items()):
        tell(MessagesFailed(tuple(those), batch.owner, reason))
    return len(filling.rows)


def _new_ones(batch: MessageBatch, rows: list[NewMessage]) -> list[NewMessage]:
    """Rows whose reference is not in the batch yet; a first call need not look for each."""
    wanted = {row.reference: row for row in rows}
    if OutgoingMessage.objects.filter(batch=batch).exists():
        there = OutgoingMessage.objects.filter(batch=batch, reference__in=list(wanted))
        for reference in there.values_list("reference", flat=True):
            del wanted[reference]
    return list(wanted.values())


def _prepare(filling: _Filling, rows: list[NewMessage]) -> None:
    numbers = [mobile(row.phone) for row in rows]
    blinds = [filling.ring.blind(number, filling.purpose) if number else b"" for number in numbers]
    before = uses_of(filling.batch.owner, {blind for blind in blinds if blind})
    chance = os.urandom(16 * len(rows))
    for at, (row, number, blind) in enumerate(zip(rows, numbers, blinds, strict=True)):
        reason = _kept_back(filling, number, before.get(blind, 0) + filling.used[blind])
        if reason:
            filling.left_out.append((row.reference, reason))
            continue
        filling.used[blind] += 1
        filling.rows.append(
            _sealed(filling, row, number, UUID(bytes=chance[16 * at : 16 * at + 16], version=4))
        )


def _kept_back(filling: _Filling, number: str, used: int) -> str:
    if not number:
        return Reason.NO_NUMBER
    if filling.unwanted and filling.unwanted.intersection(filling.ring.blinds(number, PURPOSE)):
        return Reason.UNSUBSCRIBED
    return Reason.TOO_OFTEN if used >= filling.most else ""


def _sealed(filling: _Filling, row: NewMessage, number: str, key: UUID) -> tuple[object, ...]:
    text = filled(filling.whole, clean_fields(row.fields))
    parts = parts_of(text)
    filling.parts += parts
    sealed = filling.key.seal(json.dumps([number, text], ensure_ascii=False).encode(), key.bytes)
    plain_ids = connection.vendor != "postgresql"
    ids = (key.hex, row.reference.hex) if plain_ids else (key, row.reference)
    return (ids[0], filling.batch.pk, ids[1], sealed, OutgoingMessage.State.WAITING.value, None, "", parts)


def _insert(rows: list[tuple[Any, ...]]) -> None:
    """COPY on PostgreSQL, executemany on SQLite: the ORM would take four times as long."""
    table, named = OutgoingMessage._meta.db_table, ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({named}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(COLUMNS))
            cursor.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", rows)


def _store_counts(locked: MessageBatch, filling: _Filling) -> None:
    reasons = Counter(locked.left_out) + Counter(reason for _reference, reason in filling.left_out)
    MessageBatch.objects.filter(pk=locked.pk).update(
        messages=F("messages") + len(filling.rows),
        parts=F("parts") + filling.parts,
        left_out={str(reason): count for reason, count in reasons.items()},
    )
