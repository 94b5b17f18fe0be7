"""Approve a batch: alone when it is small and within its budget, else by two persons.

The second person approves the cost that the page told; sending stops before it is passed.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from minping_engine.errors import Place
from minping_web.channels.models import MessageBatch
from minping_web.channels.rules.money import cost_fen
from minping_web.channels.services.batches import locked
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage

ACT = "channels.send_batch"
APPROVED_ALONE = 1_000
"""Messages that one person may let go."""


def estimate_fen(batch: MessageBatch) -> int:
    """What the queued messages cost; exact, since their texts are filled already."""
    return cost_fen(batch.parts, batch.price_li)


def needs_second(batch: MessageBatch) -> bool:
    """Whether one person is not enough."""
    return batch.messages > APPROVED_ALONE or estimate_fen(batch) > batch.budget_fen


@transaction.atomic
def approve_batch(scope: Scope, batch_id: int, *, reason: str = "") -> Proposal | None:
    """Approve at once (None), or open a proposal for a second person.

    Raises `RefusedError` when the batch is no draft or empty, or when a proposal lacks its reason.
    """
    scope.require("channels.edit")
    batch = locked(batch_id)
    if batch.state != MessageBatch.State.DRAFT:
        raise RefusedError.of("channels.not_draft")
    if not batch.messages:
        raise RefusedError.of("channels.empty")
    if not needs_second(batch):
        _approve(scope, batch, batch.budget_fen)
        return None
    if _waiting(batch_id):
        raise RefusedError.of("channels.proposed_already")
    title = ngettext("Send %(n)s message", "Send %(n)s messages", batch.messages) % {"n": batch.messages}
    payload = {"batch": batch.pk, "messages": batch.messages, "fen": estimate_fen(batch)}
    return approval.propose(scope, ACT, title=title, reason=reason, payload=payload)


def _waiting(batch_id: int) -> bool:
    open_ones = Proposal.objects.filter(kind=ACT, state=Proposal.State.OPEN, expires_at__gt=now())
    return any(payload["batch"] == batch_id for payload in open_ones.values_list("payload", flat=True))


def carry(scope: Scope, payload: dict[str, Any]) -> MessageBatch:
    """What the second person sets going: exactly what was proposed."""
    batch = locked(payload["batch"])
    if batch.state != MessageBatch.State.DRAFT:
        raise RefusedError.of("channels.not_draft")
    if (batch.messages, estimate_fen(batch)) != (payload["messages"], payload["fen"]):
        raise RefusedError.of("channels.batch_changed", Place())
    _approve(scope, batch, max(batch.budget_fen, payload["fen"]))
    return batch


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads: whom it concerns, what is said, what it costs."""
    batch = MessageBatch.objects.select_related("text_version__signature", "text_version__text", "provider")
    found = batch.filter(pk=payload["batch"]).first()
    if found is None:
        return []
    version = found.text_version
    return [
        (_("Batch"), found.title),
        (_("Used for"), str(found.get_purpose_display())),
        (_("Text messages"), str(payload["messages"])),
        (_("Text"), f"{version.signature} {version.body(found.language)}"),
        (_("Provider"), found.provider.title),
        (_("Cost"), yuan(payload["fen"])),
        (_("Budget"), yuan(found.budget_fen)),
    ]


def yuan(fen: int) -> str:
    """An amount for people.

    >>> yuan(123456)
    '¥1,234.56'
    """
    return f"¥{fen / 100:,.2f}"


def act() -> approval.Act:
    """The two-person act."""
    return approval.Act(
        ACT, gettext_lazy("Send a batch of messages"), "channels.edit", carry,
        describe=describe, decided_by="channels.approve",
    )  # fmt: skip


def _approve(scope: Scope, batch: MessageBatch, fen: int) -> None:
    batch.state, batch.approved_fen = MessageBatch.State.APPROVED, fen
    batch.approved_by_id, batch.approved_at = scope.user_id, now()
    batch.save(update_fields=["state", "approved_fen", "approved_by", "approved_at"])
    record = {"batch": batch.pk, "owner": batch.owner, "purpose": str(batch.purpose),
              "messages": batch.messages, "fen": fen, "text": batch.text_version_id,
              "by": scope.user_id or 0}  # fmt: skip
    stage("messages.approved", f"messages-{batch.pk}-approved", record)
