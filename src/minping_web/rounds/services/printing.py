"""Letters with a code for each household, as a sealed print run of `channels`.

As with messages, the request queues a job; but a run is written as a whole: a killed job begins again with
fresh tokens, those that no letter carries are deleted. Addresses are opened in memory only, and logged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from minping_web.channels.services.letters import LetterRow, day_on_letters, standard_wording
from minping_web.channels.services.printing import open_print_run
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import ContactAccess
from minping_web.frames.services.log import log_access
from minping_web.jobs.rules import Progress
from minping_web.rounds.models import InvitationToken, TokenBatch
from minping_web.rounds.rules.tokens import grouped
from minping_web.rounds.rules.words import AccidentKind, Channel, Purpose
from minping_web.rounds.selectors.invitations import chosen, contacts_of, letter_facts
from minping_web.rounds.selectors.rounds import locked_round
from minping_web.rounds.services.accidents import ACCIDENT, written_down
from minping_web.rounds.services.drafting import require_everywhere
from minping_web.rounds.services.inviting import (
    INVITE,
    PIECE,
    invite_released,
    link_of,
    owner_of,
    queued,
    running,
    site_address,
)
from minping_web.rounds.services.issuing import issue_tokens, make_batch

TASK = "rounds.print"


@dataclass(frozen=True)
class Printing:
    """What one print run is: for whom, and who signs."""

    title: str
    office: str
    telephone: str
    purpose: Purpose = Purpose.INVITE
    selection: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def print_letters(scope: Scope, round_id: int, wanted: Printing) -> TokenBatch:
    """Make a batch of letters and queue the job that seals them. Raises `RefusedError` as sending does."""
    require_everywhere(scope, INVITE)
    found = running(round_id)
    batch = make_batch(found.pk, Channel.QR, wanted.title, by=scope.user_id)
    batch.purpose = wanted.purpose
    batch.selection = {**wanted.selection, "office": wanted.office, "telephone": wanted.telephone}
    return queued(scope, batch, TASK)


@transaction.atomic
def reprint(scope: Scope, payload: dict[str, Any]) -> TokenBatch:
    """New letters for every household of a place that did not vote; by two persons (`acts`)."""
    require_everywhere(scope, ACCIDENT)
    found = locked_round(payload["round"])
    selection = {"area": payload["area"]} if payload.get("area") else {}
    wanted = Printing(
        str(AccidentKind.REPRINT.label), payload["office"], payload["telephone"], Purpose.REISSUE, selection
    )
    batch = print_letters(scope, found.pk, wanted)
    written_down(scope, found, AccidentKind.REPRINT, payload["reason"], after=selection, batch=batch)
    return batch


def seal_letters(scope: Scope, batch_id: int, progress: Progress) -> dict[str, int]:
    """The job. Gives how many letters wait for their download."""
    with entered(scope):
        batch = TokenBatch.objects.select_related("round__frame").get(pk=batch_id)
        if batch.owner_ref or batch.revoked_at is not None:
            return {}
        InvitationToken.objects.filter(batch=batch).delete()
        invite_released(batch.round)
        ids = list(chosen(batch).values_list("pk", flat=True))
        log_access(
            scope, ContactAccess.Act.EXPORTED, reason=batch.title[:200], fields=("address",),
            frame_id=batch.round.frame_id, rows=len(ids),
        )  # fmt: skip
    with entered(scope), transaction.atomic():
        rows = _rows(batch, ids, progress)
        run = open_print_run(scope, owner_of(batch.round), rows, _wording(batch), title=batch.title[:80])
        TokenBatch.objects.filter(pk=batch.pk).update(owner_ref=str(run.pk), tokens=len(ids))
    return {"letters": len(ids)}


def _wording(batch: TokenBatch) -> Any:
    told = batch.selection
    until = day_on_letters(batch.round.closes_at)
    site = site_address().partition("://")[2]
    return standard_wording(office=told["office"], until=until, telephone=told["telephone"], site=site)


def _rows(batch: TokenBatch, ids: Sequence[UUID], progress: Progress) -> Iterator[LetterRow]:
    """In the order of places, so that a bundle of letters is one building; serials count on."""
    ordered, serial = letter_facts(batch.round, ids), 0
    for start in range(0, len(ordered), PIECE):
        progress(start, len(ordered))
        part = ordered[start : start + PIECE]
        addresses = {unit: one.address for unit, one in contacts_of([fact.unit_id for fact in part])}
        tokens = {
            one.invitation_id: one for one in issue_tokens(batch, [fact.invitation_id for fact in part])
        }
        for fact in part:
            serial += 1
            issued = tokens[fact.invitation_id]
            place = addresses.get(fact.unit_id) or fact.label
            code = grouped(issued.token).replace(" ", "")
            yield LetterRow(issued.token_id, link_of(issued.token), place, f"{batch.pk}-{serial:05d}", code)
    progress(len(ordered), len(ordered), _("letters sealed"))
