"""Open a batch, set it going, hold it, take it back. Its approval stands in `approving`."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from minping_engine.errors import Place, Problem
from minping_web.channels.models import MessageBatch, OutgoingMessage, Provider, TextVersion
from minping_web.channels.services.ending import end_if_over, erase
from minping_web.channels.services.keys import make_key
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.jobs.models import Job
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import kept

TASK = "channels.send"
State = MessageBatch.State


@transaction.atomic
def open_batch(
    scope: Scope,
    owner: str,
    purpose: str,
    *,
    text_version: TextVersion,
    provider: Provider,
    budget_fen: int,
    title: str = "",
    language: str = "zh",
) -> MessageBatch:
    """A draft without messages, with a key of its own.

    Raises `RefusedError` for a text that is not approved or of another purpose, a provider out of use.
    """
    scope.require("channels.edit")
    _refuse(_faults(text_version, provider, purpose))
    return MessageBatch.objects.create(
        owner=owner, purpose=purpose, title=title or f"{owner} · {text_version.text.title}",
        text_version=text_version, provider=provider, language=language, budget_fen=budget_fen,
        price_li=provider.price_li, key_name=make_key(), made_by_id=scope.user_id, made_at=now(),
    )  # fmt: skip


def _faults(text_version: TextVersion, provider: Provider, purpose: str) -> list[Problem]:
    found = []
    if text_version.state != "approved" or text_version.signature.state != "approved":
        found.append(Problem("channels.text_not_approved", Place(key="text_version")))
    if text_version.text.purpose != purpose:
        found.append(Problem("channels.text_of_other_purpose", Place(key="text_version")))
    if provider.state != Provider.State.ACTIVE:
        found.append(Problem("channels.provider_out_of_use", Place(key="provider")))
    return found


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise RefusedError(problems)


@transaction.atomic
def send_batch(scope: Scope, batch_id: int) -> Job:
    """Start, or go on after a pause; sending itself is a background job. A second call gives the same job.

    Raises `RefusedError` when the batch is not approved, is over, or waits for a decision about messages.
    """
    scope.require("channels.send")
    batch = locked(batch_id)
    if batch.job is not None and batch.job.is_open and batch.state == State.SENDING:
        return batch.job
    if batch.state not in (State.APPROVED, State.PAUSED, State.SENDING):
        raise RefusedError.of("channels.not_approved")
    if batch.rows.filter(state=OutgoingMessage.State.UNSURE).exists():
        raise RefusedError.of("channels.decide_first")
    return set_going(batch, scope)


def set_going(batch: MessageBatch, scope: Scope) -> Job:
    """Queue the job that sends; the caller holds the row."""
    batch.state, batch.pause = State.SENDING, ""
    batch.job = enqueue(scope, TASK, title=batch.title, batch_id=batch.pk)
    batch.save(update_fields=["state", "pause", "job"])
    return batch.job


@transaction.atomic
def pause(scope: Scope, batch_id: int) -> MessageBatch:
    """Stop after the messages that are leaving just now."""
    scope.require("channels.send")
    batch = locked(batch_id)
    if batch.state != State.SENDING:
        raise RefusedError.of("channels.not_sending")
    batch.state, batch.pause = State.PAUSED, MessageBatch.Pause.BY_HAND
    batch.save(update_fields=["state", "pause"])
    return batch


@transaction.atomic
def cancel_messages(scope: Scope, references: Iterable[UUID]) -> int:
    """Take back what has not left yet, for tokens that were revoked; how many messages."""
    scope.require("channels.edit")
    waiting = Q(state=OutgoingMessage.State.WAITING, reference__in=list(references))
    rows = OutgoingMessage.objects.filter(waiting)
    batches = set(rows.values_list("batch_id", flat=True))
    count = erase(rows, OutgoingMessage.State.CANCELLED)
    for batch_id in batches:
        end_if_over(batch_id)
    return count


@transaction.atomic
def revoke(scope: Scope, batch_id: int, *, reason: str) -> MessageBatch:
    """Give a batch up: nothing more leaves, its key goes. What has left, has left; the ledger says both."""
    scope.require("channels.send")
    batch = locked(batch_id)
    if batch.is_over:
        raise RefusedError.of("channels.over")
    if not reason.strip():
        raise RefusedError.of("approval.reason_missing", Place(key="reason"))
    rows = OutgoingMessage.objects.filter(batch=batch)
    cancelled = erase(rows.filter(state=OutgoingMessage.State.WAITING), OutgoingMessage.State.CANCELLED)
    batch.state, batch.pause = State.CANCELLED, ""
    batch.save(update_fields=["state", "pause"])
    end_if_over(batch.pk)
    step = f"messages-{batch.pk}-revoked"
    record = {"batch": batch.pk, "owner": batch.owner, "cancelled": cancelled, "by": scope.user_id or 0,
              "of": batch.messages, **kept("reason", reason.strip(), step=step)}  # fmt: skip
    stage("messages.revoked", step, record)
    return batch


def locked(batch_id: int) -> MessageBatch:
    """The row, held until the transaction ends."""
    rows = MessageBatch.objects.select_for_update(of=("self",)).select_related("job", "provider")
    return rows.get(pk=batch_id)
