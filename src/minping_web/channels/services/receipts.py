"""What a carrier tells afterwards: delivered, not delivered, somebody replied the word that unsubscribes.

It comes by a signed call (`take_call`) or is asked for (`ask_all`). A message is found by a keyed hash of
the carrier's number. Telling the same twice changes nothing, so a replayed call does no harm.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from minping_web.channels.events import MessagesDelivered, MessagesFailed
from minping_web.channels.models import OutgoingMessage, Provider, UnsubscribedNumber
from minping_web.channels.rules.phones import mobile
from minping_web.channels.rules.reasons import CARRIER
from minping_web.channels.services.carriers import HttpCarrier
from minping_web.channels.services.carriers.http import short_code
from minping_web.channels.services.carriers.template import HttpTemplate, at_path, listed, secret_of
from minping_web.channels.services.numbers import channel_rules, unsubscribe
from minping_web.channels.services.outcomes import ref_hash
from minping_web.common import clock
from minping_web.common.events import tell

State = OutgoingMessage.State
CLOCKS_APART = 300
"""Seconds that a call's time may differ from ours."""
MOST_ITEMS = 5_000
AT_ONCE = 500
"""Receipts that one transaction writes."""


def take_call(name: str, body: bytes, *, stamp: str, signature: str) -> int | None:
    """A signed call of a carrier; how many messages it settled, None where the signature does not hold.

    The signature is HMAC-SHA-256(secret, stamp + newline + body) in hex, the stamp seconds since 1970.
    """
    provider = Provider.objects.filter(name=name, kind=Provider.Kind.HTTP).first()
    secret = secret_of(name) if provider else None
    if provider is None or secret is None or not _is_signed(secret, body, stamp, signature):
        return None
    try:
        told = json.loads(body)
    except ValueError:
        return None
    return take(provider, told)


def signed(secret: str, body: bytes, stamp: str) -> str:
    """The signature of a call."""
    return hmac.digest(secret.encode(), stamp.encode() + b"\n" + body, hashlib.sha256).hex()


def _is_signed(secret: str, body: bytes, stamp: str, signature: str) -> bool:
    fresh = stamp.isascii() and stamp.isdecimal() and len(stamp) < 12
    near = fresh and abs(int(stamp) - clock.now().timestamp()) <= CLOCKS_APART
    return near and hmac.compare_digest(signed(secret, body, stamp).encode(), signature.encode())


def take(provider: Provider, told: Any) -> int:
    """Receipts and replies of one answer; items that cannot be read are passed over."""
    template = HttpTemplate.of(provider.config)
    _take_replies(template, told)
    items = at_path(told, template.receipts_path)
    if not isinstance(items, list):
        return 0
    told_of: dict[bytes, str] = {}
    for item in items[:MOST_ITEMS]:
        read = _read_item(template, item)
        if read is not None:  # told twice in one call: the first counts, as it does between calls
            told_of.setdefault(ref_hash(provider.name, read[0]), read[1])
    refs = list(told_of.items())
    return sum(_settle(dict(refs[at : at + AT_ONCE])) for at in range(0, len(refs), AT_ONCE))


def _read_item(template: HttpTemplate, item: Any) -> tuple[str, str] | None:
    """(the carrier's number, reason or empty for delivered); None for what says nothing yet."""
    ref, status = at_path(item, template.receipt_ref), at_path(item, template.receipt_status)
    if ref is None or status is None or str(status) in listed(template.pending_values):
        return None
    delivered = str(status) in listed(template.delivered_values)
    return str(ref), "" if delivered else CARRIER + short_code(status)


@transaction.atomic
def _settle(told_of: Mapping[bytes, str]) -> int:
    """Messages that were handed over and nothing else: a receipt that comes again changes nothing."""
    rows = OutgoingMessage.objects.select_for_update(of=("self",)).select_related("batch").order_by("pk")
    found = list(rows.filter(provider_ref__in=list(told_of), state=State.HANDED_OVER))
    by_reason: dict[str, list[OutgoingMessage]] = {}
    for row in found:
        by_reason.setdefault(told_of[bytes(row.provider_ref or b"")], []).append(row)
    for reason, those in sorted(by_reason.items()):
        state = State.FAILED if reason else State.DELIVERED
        OutgoingMessage.objects.filter(pk__in=[row.pk for row in those]).update(state=state, reason=reason)
        _tell(those, reason)
    return len(found)


def _tell(rows: Iterable[OutgoingMessage], reason: str) -> None:
    """One event for each owner and reason."""
    by_owner: dict[str, list[UUID]] = {}
    for row in rows:
        by_owner.setdefault(row.batch.owner, []).append(row.reference)
    for owner, those in sorted(by_owner.items()):
        references = tuple(those)
        tell(MessagesFailed(references, owner, reason) if reason else MessagesDelivered(references, owner))


def _take_replies(template: HttpTemplate, told: Any) -> None:
    items = at_path(told, template.inbound_path)
    word = channel_rules().stop_word.casefold()
    for item in items[:MOST_ITEMS] if isinstance(items, list) else ():
        phone, text = at_path(item, template.inbound_phone), at_path(item, template.inbound_text)
        said = str(text or "").strip().casefold()
        if mobile(str(phone or "")) and said in {word, "td", "t", "退订", "stop"}:
            unsubscribe(str(phone), UnsubscribedNumber.Way.REPLY)


def ask_all() -> int:
    """Ask every carrier that has a page of receipts; how many messages were settled."""
    settled = 0
    for provider in Provider.objects.filter(kind=Provider.Kind.HTTP, state=Provider.State.ACTIVE):
        carrier = HttpCarrier(
            provider.config, provider.name, provider.per_second, idempotent=provider.idempotent
        )
        told = carrier.ask_receipts()
        settled += take(provider, told) if told is not None else 0
    return settled
