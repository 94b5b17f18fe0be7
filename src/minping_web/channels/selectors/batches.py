"""Batches with their figures. They have no place: who may see one, sees all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404

from minping_web.channels.models import MessageBatch, OutgoingMessage, PrintRun
from minping_web.channels.rules.money import cost_fen
from minping_web.channels.rules.reasons import reason_words
from minping_web.common.scope import Scope
from minping_web.ledger.models import StagedEntry

VIEW = "channels.view"
MOST_TRIALS = 5
"""Trial messages of one batch."""
State = OutgoingMessage.State


@dataclass(frozen=True)
class Figures:
    """What became of the messages of a batch, and what they cost."""

    states: Counter[str] = field(default_factory=Counter)
    reasons: list[tuple[str, int]] = field(default_factory=list)
    estimate_fen: int = 0
    spent_fen: int = 0
    left_out: list[tuple[str, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All messages."""
        return sum(self.states.values())

    @property
    def gone(self) -> int:
        """Handed over, whatever came after."""
        return self.states[State.HANDED_OVER] + self.states[State.DELIVERED] + self.states[State.FAILED]

    @property
    def open(self) -> int:
        """Not at their end."""
        return self.states[State.WAITING] + self.states[State.LEAVING] + self.states[State.UNSURE]

    @property
    def ended(self) -> int:
        """At their end, sent or not: what the bar shows."""
        return self.total - self.open


def batches_seen(
    scope: Scope, *, state: str = "", purpose: str = "", owner: str = "", q: str = ""
) -> QuerySet[MessageBatch]:
    """Batches, newest first."""
    if not scope.may_everywhere(VIEW):
        raise PermissionDenied(VIEW)
    wanted = {
        name: value for name, value in (("state", state), ("purpose", purpose), ("owner", owner)) if value
    }
    rows = MessageBatch.objects.filter(**wanted)
    if q:
        rows = rows.filter(title__icontains=q)
    return rows.select_related("provider", "text_version__text")


def batch_of(scope: Scope, batch_id: int) -> MessageBatch:
    """One batch; 404 for none."""
    rows = batches_seen(scope).select_related("job", "made_by", "approved_by", "text_version__signature")
    return get_object_or_404(rows, pk=batch_id)


def figures_of(batch: MessageBatch) -> Figures:
    """States and reasons in one query."""
    counted = OutgoingMessage.objects.filter(batch=batch).values_list("state", "reason")
    states: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for state, reason, count in counted.annotate(count=Count("pk")).order_by():
        states[state] += count
        if reason:
            reasons[reason] += count
    return Figures(
        states, [(reason_words(reason), count) for reason, count in reasons.most_common()],
        cost_fen(batch.parts, batch.price_li), cost_fen(batch.spent_parts, batch.price_li),
        [(reason_words(reason), count) for reason, count in sorted(batch.left_out.items())],
    )  # fmt: skip


def trials_of(batch: MessageBatch) -> int:
    """How many trial messages were sent; the ledger counts them, no row does."""
    return StagedEntry.objects.filter(
        kind="messages.trial", step_id__startswith=f"messages-{batch.pk}-trial-"
    ).count()


def state_counts(batches: list[MessageBatch]) -> dict[int, Counter[str]]:
    """States of the messages of a page of batches, in one query."""
    found: dict[int, Counter[str]] = {batch.pk: Counter() for batch in batches}
    rows = OutgoingMessage.objects.filter(batch__in=batches).values_list("batch", "state")
    for batch_id, state, count in rows.annotate(count=Count("pk")).order_by():
        found[batch_id][state] = count
    return found


def owner_counts(owner: str) -> dict[str, Counter[str]]:
    """For the page of a round: by purpose, how many messages are in which state."""
    found: dict[str, Counter[str]] = {}
    rows = OutgoingMessage.objects.filter(batch__owner=owner).values_list("batch__purpose", "state")
    for purpose, state, count in rows.annotate(count=Count("pk")).order_by():
        found.setdefault(purpose, Counter())[state] += count
    return found


def runs_seen(scope: Scope, *, state: str = "", q: str = "") -> QuerySet[PrintRun]:
    """Print runs, newest first."""
    if not scope.may_everywhere(VIEW):
        raise PermissionDenied(VIEW)
    rows = PrintRun.objects.select_related("made_by")
    if q:
        rows = rows.filter(title__icontains=q)
    return rows.filter(state=state) if state else rows


def run_of(scope: Scope, run_id: int) -> PrintRun:
    """One print run; 404 for none."""
    return get_object_or_404(runs_seen(scope), pk=run_id)
