"""What the clock does: go on in the morning, put broken ends in order, remove keys and files that served."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from minping_web.channels.models import MessageBatch, OutgoingMessage, PrintRun
from minping_web.channels.rules.reasons import Reason
from minping_web.channels.services.batches import set_going
from minping_web.channels.services.carriers import erase_batch_file
from minping_web.channels.services.ending import OPEN, end_if_over, erase
from minping_web.channels.services.keys import destroy_key, key_names
from minping_web.channels.services.sending import is_day
from minping_web.common import clock
from minping_web.common.scope import Scope

FILES_KEPT = timedelta(days=7)
"""An outbox file after the end of its batch, unless the round ends or somebody says that it is done."""
State, Pause = MessageBatch.State, MessageBatch.Pause


def wants_going_on() -> bool:
    """Whether a batch stands still for the night, a full day or a busy carrier, and it is day now."""
    return is_day(timezone.localtime(clock.now())) and bool(_standing())


def _standing() -> list[int]:
    night = MessageBatch.objects.filter(state=State.SENDING)
    busy = MessageBatch.objects.filter(state=State.PAUSED, pause=Pause.PROVIDER)
    rows = (night | busy).select_related("job")
    held = ("queued", "running", "cancelled")  # a person who cancelled the job meant it
    return [batch.pk for batch in rows if batch.job is None or batch.job.state not in held]


def go_on(scope: Scope) -> int:
    """Start what stands still; how many batches."""
    return sum(_go_on(scope, batch_id) for batch_id in _standing())


@transaction.atomic
def _go_on(scope: Scope, batch_id: int) -> bool:
    rows = MessageBatch.objects.select_for_update(of=("self",)).select_related("job")
    batch = rows.get(pk=batch_id)
    if batch.job and batch.job.is_open:
        return False
    set_going(batch, scope)
    return True


def tidy() -> dict[str, int]:
    """Broken ends of cancelled batches, keys and files that nothing needs any more."""
    return {"ended": _end_broken(), "keys": _stray_keys(), "files": _old_files()}


@transaction.atomic
def _end_broken() -> int:
    """Messages that were leaving when their batch was given up and their worker died."""
    broken = MessageBatch.objects.filter(state=State.CANCELLED, rows__state__in=OPEN).distinct()
    ids = [batch.pk for batch in broken.select_related("job") if not (batch.job and batch.job.is_open)]
    for batch_id in ids:
        erase(OutgoingMessage.objects.filter(batch=batch_id, state__in=OPEN),
              OutgoingMessage.State.HANDED_OVER, Reason.GIVEN_UP)  # fmt: skip
        end_if_over(batch_id)
    return len(ids)


def _stray_keys() -> int:
    """Keys of nothing that is open: a crash came between the commit and the removal, or before the row."""
    needed = set(MessageBatch.objects.filter(ended_at=None).values_list("key_name", flat=True))
    needed |= set(PrintRun.objects.filter(ended_at=None).values_list("key_name", flat=True))
    stray = [name for name in key_names(older_than=timedelta(days=1)) if name not in needed]
    for name in stray:
        destroy_key(name)
    return len(stray)


def _old_files() -> int:
    over = MessageBatch.objects.filter(ended_at__lt=clock.now() - FILES_KEPT).values_list("pk", flat=True)
    return sum(erase_batch_file(batch_id) for batch_id in over)
