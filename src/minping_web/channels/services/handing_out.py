"""A batch's file in the outbox, for gateways that take files; each download and its end are in the ledger."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from uuid import uuid4

from django.db import transaction

from minping_web.channels.models import MessageBatch, Provider
from minping_web.channels.services.batches import locked
from minping_web.channels.services.carriers import batch_file, erase_batch_file
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage


def outbox_file_of(batch: MessageBatch) -> Path | None:
    """The file, as long as it is kept."""
    path = batch_file(batch.pk)
    return path if batch.provider.kind == Provider.Kind.FILE and path.is_file() else None


@transaction.atomic
def open_outbox_file(scope: Scope, batch_id: int) -> bytes:
    """Its content: numbers and texts in the clear. Raises `RefusedError` when it is gone."""
    scope.require("channels.send")
    batch = locked(batch_id)
    path = outbox_file_of(batch)
    if path is None:
        raise RefusedError.of("channels.file_gone")
    content = path.read_bytes()
    record = {
        "batch": batch.pk,
        "owner": batch.owner,
        "messages": content.count(b"\n"),
        "by": scope.user_id or 0,
    }
    stage("messages.file_taken", f"messages-{batch.pk}-file-{uuid4().hex[:8]}", record)
    return content


@transaction.atomic
def file_handed_over(scope: Scope, batch_id: int) -> None:
    """The gateway has it: the file is erased for good. Raises `RefusedError` while lines may still come."""
    scope.require("channels.send")
    batch = locked(batch_id)
    if outbox_file_of(batch) is None:
        raise RefusedError.of("channels.file_gone")
    if batch.ended_at is None:
        raise RefusedError.of("channels.file_unfinished")
    record = {"batch": batch.pk, "owner": batch.owner, "by": scope.user_id or 0}
    stage("messages.file_erased", f"messages-{batch.pk}-file-erased-{uuid4().hex[:8]}", record)
    transaction.on_commit(partial(erase_batch_file, batch.pk))
