"""A trial message: to the own number, inside the cost, marked, of no household."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from minping_web.accounts.models import User
from minping_web.channels.models import DayCount, MessageBatch, OutgoingMessage
from minping_web.channels.services import trial
from minping_web.channels.services.approving import approve_batch
from minping_web.channels.services.batches import send_batch
from minping_web.channels.services.carriers import Outcome, Parcel, Receipt, batch_file
from minping_web.channels.services.numbers import unsubscribe
from minping_web.channels.services.sending import send_pieces
from minping_web.channels.services.trial import send_trial
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from tests.web.channels import factory
from tests.web.channels.conftest import Desk
from tests.web.entering import sign_in

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
OWN = factory.phone(99)


def approved(desk: Desk, *, budget_fen: int = 1000) -> MessageBatch:
    batch = factory.batch(desk.bureau, desk.text, 3, budget_fen=budget_fen)
    approve_batch(desk.bureau, batch.pk)
    batch.refresh_from_db()
    return batch


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


class Says:
    """A carrier with one answer."""

    most_at_once = 1
    idempotent = True

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    def send(self, parcels: list[Parcel]) -> list[Receipt]:
        return [Receipt(parcel.key, self.outcome, reason="x1") for parcel in parcels]


def test_a_trial_is_marked_carries_no_token_and_makes_no_row(desk: Desk) -> None:
    batch = approved(desk)
    assert send_trial(desk.firm, batch.pk, OWN).outcome is Outcome.ACCEPTED
    (line,) = [json.loads(line) for line in batch_file(batch.pk).read_text("utf-8").splitlines()]
    assert line["phone"] == OWN
    assert line["text"].startswith("【民评办】（测试）请您评价")
    assert line["text"].endswith("拒收请回复R")
    assert "TRIAL-TRIAL-TRIAL" in line["text"]
    assert "TOKEN" not in line["text"]
    assert OutgoingMessage.objects.count() == 3


def test_a_trial_counts_in_cost_day_and_ledger_and_keeps_no_number(desk: Desk) -> None:
    batch = approved(desk)
    send_trial(desk.firm, batch.pk, OWN)
    send_trial(desk.firm, batch.pk, OWN)
    batch.refresh_from_db()
    assert batch.spent_parts == 4
    assert DayCount.objects.get().messages == 2
    records = [entry.record or {} for entry in StagedEntry.objects.filter(kind="messages.trial")]
    assert [(record["parts"], record["by"]) for record in records] == [(2, desk.firm.user_id)] * 2
    assert OWN not in json.dumps(records)


def test_what_a_trial_cost_is_missing_from_the_batch(desk: Desk) -> None:
    """Two parts each: the approved cost covers three of the batch's three messages and the trial."""
    batch = approved(desk)
    MessageBatch.objects.filter(pk=batch.pk).update(approved_fen=27)
    send_trial(desk.firm, batch.pk, OWN)
    send_batch(desk.firm, batch.pk)
    send_pieces(factory.Reports(desk.firm), batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.pause, batch.spent_parts) == ("paused", "budget", 6)
    with pytest.raises(RefusedError) as refused:
        send_trial(desk.firm, batch.pk, OWN)
    assert codes(refused) == ["channels.trial_no_money"]


def test_no_trial_before_the_approval_and_none_by_the_bureau(desk: Desk) -> None:
    draft = factory.batch(desk.bureau, desk.text, 3)
    with pytest.raises(RefusedError) as refused:
        send_trial(desk.firm, draft.pk, OWN)
    assert "channels.not_approved" in codes(refused)
    with pytest.raises(PermissionDenied):
        send_trial(desk.bureau, approved(desk).pk, OWN)


def test_no_trial_to_a_landline_or_a_number_that_unsubscribed(desk: Desk) -> None:
    batch = approved(desk)
    with pytest.raises(RefusedError) as refused:
        send_trial(desk.firm, batch.pk, "025-1234567")
    assert codes(refused) == ["channels.no_mobile"]
    unsubscribe(OWN)
    with pytest.raises(RefusedError) as refused:
        send_trial(desk.firm, batch.pk, OWN)
    assert codes(refused) == ["channels.trial_unwanted"]


def test_after_five_it_is_enough(desk: Desk) -> None:
    batch = approved(desk)
    for _number in range(5):
        send_trial(desk.firm, batch.pk, OWN)
    with pytest.raises(RefusedError) as refused:
        send_trial(desk.firm, batch.pk, OWN)
    assert codes(refused) == ["channels.trial_too_many"]


def test_a_carrier_that_takes_nothing_is_told_and_costs_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = approved(desk)
    monkeypatch.setattr(trial, "carrier_of", lambda _provider, _name: Says(Outcome.LATER))
    with pytest.raises(RefusedError) as refused:
        send_trial(desk.firm, batch.pk, OWN)
    assert codes(refused) == ["channels.trial_not_taken"]
    batch.refresh_from_db()
    assert (batch.spent_parts, DayCount.objects.get().messages) == (0, 0)


def entered(client: Client, user_id: int | None) -> Client:
    client.cookies["minping_language"] = "zh-hans"
    return sign_in(client, User.objects.get(pk=user_id or 0))


def test_the_firm_sends_a_trial_from_the_page_of_the_batch(desk: Desk, client: Client) -> None:
    batch = approved(desk)
    browser = entered(client, desk.firm.user_id)
    page = reverse("channels:batch", args=[batch.pk])
    address = reverse("channels:trial", args=[batch.pk])
    assert address in browser.get(page).content.decode()
    assert "（测试）请您评价" in browser.get(address).content.decode()
    wrong = browser.post(address, {"phone": "12"})
    assert wrong.status_code == 422
    told = browser.post(address, {"phone": OWN}, follow=True).content.decode()
    assert "请查看手机" in told
    assert OWN not in told
    assert "测试短信</dt><dd>1" in told


@pytest.mark.parametrize(
    ("outcome", "words"), [(Outcome.REFUSED, "服务商拒收"), (Outcome.UNSURE, "可能已发出")]
)
def test_the_page_says_what_the_carrier_answered(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, words: str
) -> None:
    batch = approved(desk)
    monkeypatch.setattr(trial, "carrier_of", lambda _provider, _name: Says(outcome))
    browser = entered(client, desk.firm.user_id)
    address = reverse("channels:trial", args=[batch.pk])
    assert words in browser.post(address, {"phone": OWN}, follow=True).content.decode()
