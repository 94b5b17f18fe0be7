"""The end of messages and batches: sealed contents are erased, keys destroyed after the commit."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from minping_web.channels.models import MessageBatch, OutgoingMessage
from minping_web.channels.services.keys import destroy_key
from minping_web.common.clock import now

OPEN = (OutgoingMessage.State.WAITING, OutgoingMessage.State.LEAVING, OutgoingMessage.State.UNSURE)


def erase(rows: QuerySet[OutgoingMessage], state: str, reason: str = "") -> int:
    """Set the last state of messages and forget what they said; how many."""
    return rows.update(state=state, reason=reason, sealed=None)


def end_if_over(batch_id: int) -> bool:
    """End a batch that has nothing left to send; True if it is over. Inside the caller's transaction.

    A batch that was never approved stays: it may get messages yet.
    """
    batch = MessageBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if OutgoingMessage.objects.filter(batch=batch, state__in=OPEN).exists():
        return False
    if batch.state in (MessageBatch.State.SENDING, MessageBatch.State.PAUSED):
        batch.state, batch.pause = MessageBatch.State.DONE, ""
    if not batch.is_over:
        return False
    batch.ended_at = batch.ended_at or now()
    batch.save(update_fields=["state", "pause", "ended_at"])
    name = batch.key_name
    transaction.on_commit(lambda: destroy_key(name))
    return True
