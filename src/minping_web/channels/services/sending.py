"""Send a batch in pieces, so that a worker killed at any moment sends nothing twice without saying so.

1. One transaction marks a few messages as leaving, counts their cost and the day, and opens them.
2. The carrier is called, with a key per message that stays the same for every try.
3. One transaction writes the outcomes and erases what was said.
Messages that a dead worker left between 1 and 3 are sent again only by a carrier that sends equal keys once;
for others they become "not known whether it left", the batch stands still, and a person decides.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from minping_web.channels.events import MessagesFailed
from minping_web.channels.models import DayCount, MessageBatch, OutgoingMessage
from minping_web.channels.rules.hours import may_send
from minping_web.channels.rules.money import affordable_parts
from minping_web.channels.rules.reasons import Reason
from minping_web.channels.services.batches import locked
from minping_web.channels.services.carriers import Carrier, Parcel, carrier_of
from minping_web.channels.services.ending import OPEN, end_if_over, erase
from minping_web.channels.services.keys import PassingKey, key_of
from minping_web.channels.services.numbers import PURPOSE, channel_rules, unsubscribed
from minping_web.channels.services.outcomes import count_day, settle, stand_still
from minping_web.common import clock
from minping_web.common.crypto import keyring
from minping_web.common.events import tell
from minping_web.common.scope import Scope
from minping_web.jobs.rules import Progress
from minping_web.ledger.services import stage

State = OutgoingMessage.State
Pause = MessageBatch.Pause


@dataclass(frozen=True)
class Piece:
    """Messages that are leaving."""

    rows: dict[str, UUID]
    parcels: list[Parcel]


def send_pieces(progress: Progress, batch_id: int) -> dict[str, int]:
    """Send until nothing waits, or something stops it: a pause, the night, the budget, the carrier."""
    progress.scope.require("channels.send")
    batch = MessageBatch.objects.select_related("provider").get(pk=batch_id)
    carrier = carrier_of(batch.provider, f"batch-{batch.pk}")
    total, sent = batch.messages, 0
    piece = _left_behind(batch_id, carrier)
    while piece is not None:
        sent += _carried(batch_id, carrier, piece)
        progress(_done(batch_id), total)
        piece = _claimed(batch_id, carrier)
    return {"sent": sent}


def _carried(batch_id: int, carrier: Carrier, piece: Piece) -> int:
    if not piece.parcels:
        return 0
    receipts = carrier.send(piece.parcels)
    return settle(batch_id, piece.rows, receipts)


@transaction.atomic
def _left_behind(batch_id: int, carrier: Carrier) -> Piece | None:
    """What a dead worker had in its hands; only one job works on a batch, so it is not at work any more."""
    batch = locked(batch_id)
    if batch.state != MessageBatch.State.SENDING:
        return None
    rows = list(batch.rows.filter(state=State.LEAVING))
    if rows and not carrier.idempotent:
        batch.rows.filter(state=State.LEAVING).update(state=State.UNSURE)
        stand_still(batch, Pause.UNSURE)
        return None
    key = key_of(batch.key_name)
    if key is None:
        stand_still(batch, Pause.KEY_LOST)
        return None
    return _opened(rows, key, again=True)


@transaction.atomic
def _claimed(batch_id: int, carrier: Carrier) -> Piece | None:
    batch = locked(batch_id)
    if batch.state != MessageBatch.State.SENDING or not is_day(timezone.localtime(clock.now())):
        return None
    key = key_of(batch.key_name)
    if key is None:
        stand_still(batch, Pause.KEY_LOST)
        return None
    rows = list(batch.rows.filter(state=State.WAITING).order_by("pk")[: _room(batch, carrier)])
    paid = _paid_for(batch, rows)
    if rows and not paid:
        stand_still(batch, Pause.BUDGET)
        return None
    if not paid:
        end_if_over(batch_id)
        return None
    piece, unwanted = _wanted(_opened(paid, key, again=False))
    _drop(batch, unwanted)
    _mark(batch, [row for row in paid if row.pk not in unwanted])
    return piece


def _wanted(piece: Piece) -> tuple[Piece, set[UUID]]:
    """Without numbers that asked to be left alone since the batch was filled; and their messages."""
    ring = keyring()
    blinds = {parcel.key: ring.blinds(parcel.phone, PURPOSE) for parcel in piece.parcels}
    stopped = unsubscribed(blind for those in blinds.values() for blind in those)
    unwanted = {key for key, those in blinds.items() if stopped.intersection(those)}
    parcels = [parcel for parcel in piece.parcels if parcel.key not in unwanted]
    return Piece(piece.rows, parcels), {piece.rows[key] for key in unwanted}


def _drop(batch: MessageBatch, message_ids: set[UUID]) -> None:
    """They never leave and cost nothing; the round hears that these households were not reached."""
    if not message_ids:
        return
    rows = OutgoingMessage.objects.filter(pk__in=message_ids)
    references = tuple(rows.values_list("reference", flat=True))
    erase(rows, State.CANCELLED, Reason.UNSUBSCRIBED)
    tell(MessagesFailed(references, batch.owner, Reason.UNSUBSCRIBED.value))


def is_day(moment: datetime) -> bool:
    """Whether messages may leave at this local moment."""
    rules = channel_rules()
    return may_send(moment, rules.quiet_until, rules.quiet_from)


def _room(batch: MessageBatch, carrier: Carrier) -> int:
    """How many may leave now: the carrier's piece, and what is left of the provider's day."""
    day = DayCount.objects.filter(provider=batch.provider, day=clock.today()).first()
    return max(0, min(carrier.most_at_once, batch.provider.per_day - (day.messages if day else 0)))


def _paid_for(batch: MessageBatch, rows: list[OutgoingMessage]) -> list[OutgoingMessage]:
    """The first messages that the approved cost still covers."""
    covered = affordable_parts(batch.approved_fen, batch.price_li)
    if covered is None:
        return rows
    room, paid = covered - batch.spent_parts, []
    for row in rows:
        room -= row.parts
        if room < 0:
            break
        paid.append(row)
    return paid


def _mark(batch: MessageBatch, rows: list[OutgoingMessage]) -> None:
    OutgoingMessage.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.LEAVING)
    MessageBatch.objects.filter(pk=batch.pk).update(
        spent_parts=F("spent_parts") + sum(row.parts for row in rows)
    )
    count_day(batch, len(rows))


def _opened(rows: Sequence[OutgoingMessage], key: PassingKey, *, again: bool) -> Piece:
    parcels, by_key = [], {}
    for row in rows:
        phone, text = json.loads(key.open(row.sealed or b"", row.pk.bytes))
        name = parcel_key(key, row.pk)
        by_key[name] = row.pk
        parcels.append(Parcel(name, phone, text, again))
    return Piece(by_key, parcels)


def parcel_key(key: PassingKey, message_id: UUID) -> str:
    """The same for every try; without the batch's key it leads to no row."""
    return hmac.digest(key.secret, b"parcel" + message_id.bytes, hashlib.sha256)[:16].hex()


def _done(batch_id: int) -> int:
    return OutgoingMessage.objects.filter(batch_id=batch_id).exclude(state__in=OPEN).count()


@transaction.atomic
def decide_unsure(scope: Scope, batch_id: int, *, send_again: bool) -> int:
    """A person's word about messages that may have left: send them (again), or take them as sent.

    Either stands in the ledger with the count: a second message to a household is never a secret.
    """
    scope.require("channels.send")
    batch = locked(batch_id)
    rows = batch.rows.filter(state=State.UNSURE)
    count = rows.count()
    if not count:
        return 0
    if send_again and not batch.is_over:
        rows.update(state=State.WAITING)
    else:
        erase(rows, State.HANDED_OVER, Reason.GIVEN_UP)
    word = "sent_again" if send_again else "taken_as_sent"
    record = {
        "batch": batch.pk,
        "owner": batch.owner,
        "messages": count,
        "word": word,
        "by": scope.user_id or 0,
    }
    stage("messages.decided", f"messages-{batch.pk}-decided-{clock.now():%Y%m%d%H%M%S%f}", record)
    end_if_over(batch_id)
    return count
