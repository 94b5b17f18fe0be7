"""Invitations on their way: a batch of tokens for whom a selection names, filled into messages or letters.

The request makes batch and carrier and queues a job; the job fills piece by piece, each piece in one
transaction (tokens, sealed messages), so that a killed job goes on where it stopped and nobody gets two. A
plain token lives in memory between `issue_tokens` and the sealed message. Nothing leaves the house here: the
messages wait for approval in `channels`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime

from minping_engine.errors import Place
from minping_web.channels.models import Provider, TextVersion
from minping_web.channels.services.batches import cancel_messages, open_batch
from minping_web.channels.services.queueing import NewMessage, queue_messages
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import ContactAccess
from minping_web.frames.services.log import log_access
from minping_web.jobs.rules import Progress
from minping_web.jobs.services import enqueue
from minping_web.places.selectors.areas import called
from minping_web.rounds.models import (
    Invitation,
    InvitationToken,
    SurveyRound,
    TokenBatch,
)
from minping_web.rounds.rules.words import Channel, Purpose, TokenState
from minping_web.rounds.selectors.invitations import chosen, contacts_of, to_invite
from minping_web.rounds.selectors.rounds import locked_round
from minping_web.rounds.services.drafting import require_everywhere
from minping_web.rounds.services.issuing import Issued, invite, issue_tokens, make_batch

TASK = "rounds.send"
PIECE = 5_000
INVITE = "rounds.invite"
RUNNING = (SurveyRound.State.DRAWN, SurveyRound.State.OPEN)


class TokenGuard(Protocol):
    """Raises `RefusedError` where live tokens must not end yet; `one_household`: it is about one alone."""

    def __call__(self, tokens: QuerySet[InvitationToken], *, one_household: bool) -> None: ...


_guards: list[TokenGuard] = []


@dataclass(frozen=True)
class Sending:
    """What one sending is: by which channel, for whom, why, in which words."""

    title: str
    text_version: TextVersion
    provider: Provider
    budget_fen: int
    purpose: Purpose = Purpose.INVITE
    language: str = "zh"
    selection: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def send(scope: Scope, round_id: int, wanted: Sending) -> TokenBatch:
    """Make a batch of messages and queue the job that fills it.

    Raises `RefusedError` for a round that is not drawn or open, and what `channels` refuses.
    """
    require_everywhere(scope, INVITE)
    found = running(round_id)
    messages = open_batch(
        scope, owner_of(found), _channels_purpose(wanted.purpose),
        text_version=wanted.text_version, provider=wanted.provider, budget_fen=wanted.budget_fen,
        title=wanted.title, language=wanted.language,
    )  # fmt: skip
    batch = make_batch(found.pk, Channel.SMS, wanted.title, by=scope.user_id)
    batch.purpose, batch.selection, batch.owner_ref = wanted.purpose, wanted.selection, str(messages.pk)
    return queued(scope, batch)


def queued(scope: Scope, batch: TokenBatch, task: str = TASK) -> TokenBatch:
    """Save a batch with the job that fills it. Raises `RefusedError` where nobody would get anything."""
    batch.job = enqueue(scope, task, title=batch.title, batch_id=batch.pk)
    batch.save()
    if not (chosen(batch).exists() or to_invite(batch.round).exists()):
        raise RefusedError.of("round.nobody_chosen", Place(key="area"))
    return batch


def owner_of(survey_round: SurveyRound) -> str:
    """How `channels` knows the round."""
    return f"round-{survey_round.pk}"


def _channels_purpose(purpose: Purpose) -> str:
    return "remind" if purpose == Purpose.REMIND else "invite"


def running(round_id: int) -> SurveyRound:
    """The round, locked. Raises `RefusedError` unless it is drawn or open."""
    found = locked_round(round_id)
    if found.state not in RUNNING:
        raise RefusedError.of("round.not_running")
    return found


def invite_released(found: SurveyRound) -> None:
    """Invitations for released units that have none yet."""
    invite(to_invite(found).iterator(10_000))


def fill(scope: Scope, batch_id: int, progress: Progress) -> dict[str, int]:
    """The job: tokens and messages for everybody that the batch is for. Gives how many of each."""
    with entered(scope):
        batch = TokenBatch.objects.select_related("round__frame").get(pk=batch_id)
        ids: list[UUID] = []
        if batch.revoked_at is None:
            invite_released(batch.round)
            ids = list(chosen(batch).values_list("pk", flat=True))
        _log(scope, batch, len(ids))
    queued = 0
    for start in range(0, len(ids), PIECE):
        progress(start, len(ids))
        with entered(scope), transaction.atomic():
            queued += _piece(scope, batch, ids[start : start + PIECE])
    progress(len(ids), len(ids))
    return {"tokens": len(ids), "messages": queued}


def _log(scope: Scope, batch: TokenBatch, rows: int) -> None:
    if rows:
        log_access(
            scope, ContactAccess.Act.EXPORTED, reason=batch.title[:200], fields=("phone",),
            frame_id=batch.round.frame_id, rows=rows,
        )  # fmt: skip


def _piece(scope: Scope, batch: TokenBatch, ids: Sequence[UUID]) -> int:
    """One transaction: tokens, their messages, reminders counted."""
    issued = list(issue_tokens(batch, ids))
    queued = queue_messages(scope, int(batch.owner_ref), _messages(batch, issued))
    made = InvitationToken.objects.filter(batch=batch).count()
    TokenBatch.objects.filter(pk=batch.pk).update(tokens=made)
    if batch.purpose == Purpose.REMIND:
        Invitation.objects.filter(pk__in=ids).update(reminders=F("reminders") + 1)
    return queued


def _messages(batch: TokenBatch, issued: Sequence[Issued]) -> Iterator[NewMessage]:
    rows = Invitation.objects.filter(pk__in=[one.invitation_id for one in issued])
    about = {pk: (unit, area) for pk, unit, area in rows.values_list("pk", "unit_id", "area_id")}
    places = called(area for _unit, area in about.values())
    phones = {unit: one.phone or one.second_phone for unit, one in contacts_of(u for u, _a in about.values())}
    until = date_format(localtime(batch.round.closes_at), "n月j日")
    for one in issued:
        unit, area = about[one.invitation_id]
        fields = {"link": link_of(one.token), "place": places[area], "until": until}
        yield NewMessage(one.token_id, phones.get(unit, ""), fields)


def link_of(token: str) -> str:
    """The address that a token opens; short, since carriers bill by characters."""
    return f"{site_address()}/v/{token}"


def site_address() -> str:
    """Where residents reach this site."""
    origins = settings.CSRF_TRUSTED_ORIGINS
    return origins[0] if origins else "http://localhost:8000"


@transaction.atomic
def reissue(scope: Scope, round_id: int, invitation_id: UUID, wanted: Sending) -> TokenBatch:
    """A new token for one household that lost its own; the older ones end. Not after it has voted.

    The token goes to the contact that is held and is shown to nobody.
    """
    require_everywhere(scope, INVITE)
    found = Invitation.objects.select_for_update().get(pk=invitation_id, round_id=round_id)
    if found.spent_token is not None:
        raise RefusedError.of("round.voted_already")
    tokens = InvitationToken.objects.filter(invitation=found)
    guard_tokens(tokens, one_household=True)
    end_tokens(scope, tokens)
    selection = {"invitation": str(found.pk)}
    return send(scope, round_id, replace(wanted, purpose=Purpose.REISSUE, selection=selection))


def register_token_guard(guard: TokenGuard) -> TokenGuard:
    """Who keeps answers under way that live by their token (paper forms); asked before a token is ended."""
    if guard not in _guards:
        _guards.append(guard)
    return guard


def guard_tokens(tokens: QuerySet[InvitationToken], *, one_household: bool = False) -> None:
    """Raise `RefusedError` where an answer that was given would be lost with its token."""
    for guard in _guards:
        guard(tokens.filter(state=TokenState.LIVE), one_household=one_household)


def end_tokens(scope: Scope, tokens: QuerySet[InvitationToken]) -> int:
    """Revoke live tokens and take back their messages that have not left; how many tokens."""
    live = tokens.filter(state=TokenState.LIVE)
    ids = list(live.values_list("pk", flat=True))
    for start in range(0, len(ids), PIECE):
        part = ids[start : start + PIECE]
        InvitationToken.objects.filter(pk__in=part, state=TokenState.LIVE).update(state=TokenState.REVOKED)
        cancel_messages(scope, part)
    return len(ids)
