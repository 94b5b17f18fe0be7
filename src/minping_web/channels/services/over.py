"""The round behind an owner is over: nothing of it leaves any more, and every key of it goes.

Whatever still waited is cancelled without being told to anybody; a batch or print run that had ended keeps
its state. It may be repeated: a killed run is finished by the next.
"""

from __future__ import annotations

from functools import partial

from django.db import transaction

from minping_web.channels.models import MessageBatch, OutgoingMessage
from minping_web.channels.services.carriers import erase_batch_file
from minping_web.channels.services.ending import OPEN, end_if_over, erase
from minping_web.channels.services.numbers import forget_uses
from minping_web.channels.services.printing import cancel_runs_of
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import kept

REASON = "round over"


def end_owner(scope: Scope, owner: str) -> None:
    """Cancel what waits, erase files, destroy keys of batches and print runs, forget uses of numbers."""
    for batch_id in MessageBatch.objects.filter(owner=owner, ended_at=None).values_list("pk", flat=True):
        _end_batch(batch_id)
    for batch_id in MessageBatch.objects.filter(owner=owner).values_list("pk", flat=True):
        transaction.on_commit(partial(erase_batch_file, batch_id))
    cancel_runs_of(scope, owner, reason=REASON)
    forget_uses(owner)


@transaction.atomic
def _end_batch(batch_id: int) -> None:
    batch = MessageBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    waiting = OutgoingMessage.objects.filter(batch=batch, state__in=OPEN)
    cancelled = erase(waiting, OutgoingMessage.State.CANCELLED)
    if not batch.is_over:
        batch.state, batch.pause = MessageBatch.State.CANCELLED, ""
        batch.save(update_fields=["state", "pause"])
        step = f"messages-{batch.pk}-revoked"
        stage(
            "messages.revoked",
            step,
            {"batch": batch.pk, "owner": batch.owner, "cancelled": cancelled, "by": 0,
             "of": batch.messages, **kept("reason", REASON, step=step)},
        )  # fmt: skip
    end_if_over(batch.pk)
