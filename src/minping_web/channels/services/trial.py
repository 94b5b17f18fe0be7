"""A trial message to the own number of who works here: seen on a real phone before a thousand leave.

It is no message of a household: no row, no token, an example for link and place, marked as a trial. It costs
like any other, so it counts in the batch's approved cost and the provider's day. The ledger keeps that it was
sent, and by whom; the number is kept nowhere (a carrier that takes files has it in the batch's file).
"""

from __future__ import annotations

from secrets import token_hex

from django.db import transaction
from django.db.models import F

from minping_engine.errors import Place, Problem
from minping_web.channels.models import MessageBatch
from minping_web.channels.rules.money import affordable_parts
from minping_web.channels.rules.phones import mobile
from minping_web.channels.rules.texts import EXAMPLE, as_trial, composed, filled, parts_of
from minping_web.channels.selectors.batches import MOST_TRIALS, trials_of
from minping_web.channels.selectors.texts import hosts
from minping_web.channels.services.batches import locked
from minping_web.channels.services.carriers import Outcome, Parcel, Receipt, carrier_of
from minping_web.channels.services.numbers import channel_rules, is_unsubscribed
from minping_web.channels.services.outcomes import count_day, give_back_parts
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage

State = MessageBatch.State
OPEN = (State.APPROVED, State.SENDING, State.PAUSED)
CODE = "TRIAL-TRIAL-TRIAL"
"""In the link: as long as a real code, and none."""


def trial_text(batch: MessageBatch) -> str:
    """What arrives: the batch's wording with an example, and the mark."""
    version, language = batch.text_version, batch.language
    body = as_trial(version.body(language), language)
    whole = composed(version.signature.name, body, language=language, stop_word=channel_rules().stop_word)
    return filled(whole, EXAMPLE | {"link": f"https://{hosts()[0]}/v/{CODE}"})


def send_trial(scope: Scope, batch_id: int, phone: str) -> Receipt:
    """Send one now and say what the carrier answered.

    Raises `RefusedError` for a batch without an approval, a number that cannot or will not be written to, no
    money left, too many trials, and where the carrier took nothing (then it costs nothing).
    """
    scope.require("channels.send")
    batch, parcel = _paid(scope, batch_id, mobile(phone))
    carrier = carrier_of(batch.provider, f"batch-{batch.pk}")
    (receipt,) = carrier.send([parcel])
    if receipt.outcome is Outcome.LATER:
        _give_back(batch.pk, parts_of(parcel.text))
        raise RefusedError.of("channels.trial_not_taken", answer=receipt.reason)
    return receipt


@transaction.atomic
def _paid(scope: Scope, batch_id: int, number: str) -> tuple[MessageBatch, Parcel]:
    """Counted before the carrier is called, as every message is."""
    batch = locked(batch_id)
    text = trial_text(batch)
    parts, before = parts_of(text), trials_of(batch)
    problems = _faults(batch, number, parts, before)
    if problems:
        raise RefusedError(problems)
    MessageBatch.objects.filter(pk=batch.pk).update(spent_parts=F("spent_parts") + parts)
    count_day(batch, 1)
    record = {"batch": batch.pk, "owner": batch.owner, "parts": parts, "by": scope.user_id or 0}
    stage("messages.trial", f"messages-{batch.pk}-trial-{before + 1}", record)
    return batch, Parcel(token_hex(16), number, text)


def _faults(batch: MessageBatch, number: str, parts: int, before: int) -> list[Problem]:
    found = []
    if batch.state not in OPEN:
        found.append(Problem("channels.not_approved"))
    if not number:
        found.append(Problem("channels.no_mobile", Place(key="phone")))
    elif is_unsubscribed(number):
        found.append(Problem("channels.trial_unwanted", Place(key="phone")))
    covered = affordable_parts(batch.approved_fen, batch.price_li)
    if covered is not None and batch.spent_parts + parts > covered:
        found.append(Problem("channels.trial_no_money"))
    if before >= MOST_TRIALS:
        found.append(Problem("channels.trial_too_many", Place(), {"most": MOST_TRIALS}))
    return found


@transaction.atomic
def _give_back(batch_id: int, parts: int) -> None:
    give_back_parts(locked(batch_id), parts, 1)
