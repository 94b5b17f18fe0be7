"""What a carrier answered, written for a whole piece: a fixed number of statements, not one a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet

from minping_web.channels.events import MessagesFailed
from minping_web.channels.models import DayCount, MessageBatch, OutgoingMessage
from minping_web.channels.rules.reasons import CARRIER, Reason
from minping_web.channels.services.batches import locked
from minping_web.channels.services.carriers import Outcome, Receipt
from minping_web.channels.services.ending import end_if_over, erase
from minping_web.common import clock
from minping_web.common.crypto import keyring
from minping_web.common.events import tell

State = OutgoingMessage.State
Pause = MessageBatch.Pause
BETWEEN = (State.LEAVING, State.UNSURE)
_TABLE = OutgoingMessage._meta.db_table
_TAKEN = f"UPDATE {_TABLE} SET state = '{State.HANDED_OVER.value}', sealed = NULL"
_OPEN = ", ".join(f"'{state.value}'" for state in BETWEEN)


@transaction.atomic
def settle(batch_id: int, messages: Mapping[str, UUID], receipts: list[Receipt]) -> int:
    """Write the outcomes of a piece (`messages`: parcel's key -> message); how many were taken."""
    batch = locked(batch_id)
    by_outcome: dict[Outcome, list[Receipt]] = {outcome: [] for outcome in Outcome}
    for receipt in receipts:
        by_outcome[receipt.outcome].append(receipt)
    _take(batch, messages, by_outcome[Outcome.ACCEPTED])
    _fail(batch, messages, by_outcome[Outcome.REFUSED])
    unsure = [messages[one.key] for one in by_outcome[Outcome.UNSURE]]
    _between(unsure).update(state=State.UNSURE)
    _give_back(batch, [messages[one.key] for one in by_outcome[Outcome.LATER]])
    if batch.state == MessageBatch.State.SENDING and by_outcome[Outcome.UNSURE]:
        stand_still(batch, Pause.UNSURE)
    elif batch.state == MessageBatch.State.SENDING and by_outcome[Outcome.LATER]:
        stand_still(batch, Pause.PROVIDER)
    end_if_over(batch_id)
    return len(by_outcome[Outcome.ACCEPTED])


def _between(message_ids: Iterable[UUID]) -> QuerySet[OutgoingMessage]:
    return OutgoingMessage.objects.filter(pk__in=list(message_ids), state__in=BETWEEN)


def _take(batch: MessageBatch, messages: Mapping[str, UUID], receipts: list[Receipt]) -> None:
    """Each gets a hash of its own, so the statement carries all of them; the ORM's would be a page long."""
    if not receipts:
        return
    hashes = [ref_hash(batch.provider.name, one.ref) for one in receipts]
    ids = [messages[one.key] for one in receipts]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            found = "(SELECT unnest(%s::uuid[]) AS id, unnest(%s::bytea[]) AS ref) AS taken"
            where = f"{_TABLE}.id = taken.id AND {_TABLE}.state IN ({_OPEN})"
            cursor.execute(f"{_TAKEN}, provider_ref = taken.ref FROM {found} WHERE {where}", [ids, hashes])
        else:
            rows = [(ref, message_id.hex) for ref, message_id in zip(hashes, ids, strict=True)]
            where = f"id = %s AND state IN ({_OPEN})"
            cursor.executemany(f"{_TAKEN}, provider_ref = %s WHERE {where}", rows)


def _fail(batch: MessageBatch, messages: Mapping[str, UUID], receipts: list[Receipt]) -> None:
    """Refused for good, by reason; the round hears of each that was still open."""
    by_reason: dict[str, list[UUID]] = {}
    for one in receipts:
        reason = CARRIER + one.reason if one.reason else Reason.REFUSED.value
        by_reason.setdefault(reason, []).append(messages[one.key])
    for reason, message_ids in sorted(by_reason.items()):
        rows = _between(message_ids)
        references = tuple(rows.values_list("reference", flat=True))
        erase(rows, State.FAILED, reason)
        if references:
            tell(MessagesFailed(references, batch.owner, reason))


def _give_back(batch: MessageBatch, message_ids: list[UUID]) -> None:
    """What did not leave waits again and costs nothing; of a batch that was given up it ends."""
    if not message_ids:
        return
    rows = _between(message_ids)
    found = list(rows.values_list("parts", flat=True))
    if batch.state == MessageBatch.State.CANCELLED:
        erase(rows, State.CANCELLED)
    else:
        rows.update(state=State.WAITING)
    give_back_parts(batch, sum(found), len(found))


def give_back_parts(batch: MessageBatch, parts: int, messages: int) -> None:
    """What did certainly not leave was not spent, and counts for no day."""
    rows = MessageBatch.objects.filter(pk=batch.pk)
    rows.update(spent_parts=F("spent_parts") - parts)
    count_day(batch, -messages)


def count_day(batch: MessageBatch, messages: int) -> None:
    """Count messages of this day for the provider's ceiling."""
    day, _made = DayCount.objects.get_or_create(provider=batch.provider, day=clock.today())
    DayCount.objects.filter(pk=day.pk).update(messages=F("messages") + messages)


def ref_hash(provider: str, ref: str) -> bytes:
    """How a carrier's number is kept."""
    return keyring().blind(ref, f"provider-ref|{provider}")


def stand_still(batch: MessageBatch, why: str) -> None:
    """Pause a batch; the caller holds its row."""
    batch.state, batch.pause = MessageBatch.State.PAUSED, why
    batch.save(update_fields=["state", "pause"])
