"""Night, daily ceiling, messages per number, numbers that want none: what keeps a message back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from minping_web.channels.events import MessagesFailed
from minping_web.channels.models import ChannelRules, MessageBatch, NumberUse, Provider, UnsubscribedNumber
from minping_web.channels.rules.hours import may_send
from minping_web.channels.services import sending, tidying
from minping_web.channels.services.approving import approve_batch
from minping_web.channels.services.batches import send_batch
from minping_web.channels.services.keys import key_names, make_key
from minping_web.channels.services.numbers import (
    PURPOSE,
    forget_uses,
    is_unsubscribed,
    subscribe_again,
    unsubscribe,
)
from minping_web.channels.services.queueing import queue_messages
from minping_web.channels.services.sending import send_pieces
from minping_web.common import clock, events
from minping_web.common.crypto import add_index_key, keyring
from minping_web.common.problems import RefusedError
from minping_web.common.scope import system_scope
from minping_web.frames.services.rotation import move_to_newest
from tests.web.channels import factory
from tests.web.channels.conftest import Desk

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


def at_hour(monkeypatch: pytest.MonkeyPatch, utc_hour: int) -> None:
    """The rule of the night holds again, at this hour."""
    monkeypatch.setattr(sending, "may_send", may_send)
    real = timezone.now()
    monkeypatch.setattr(clock, "now", lambda: real.replace(hour=utc_hour))


def states(batch: MessageBatch) -> list[str]:
    return sorted(batch.rows.values_list("state", flat=True))


def test_at_night_nothing_leaves_and_in_the_morning_it_goes_on_by_itself(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = factory.batch(desk.bureau, desk.text, 3)
    approve_batch(desk.bureau, batch.pk)
    at_hour(monkeypatch, 14)  # 22 o'clock in Shanghai
    job = send_batch(desk.firm, batch.pk)
    send_pieces(factory.Reports(desk.firm), batch.pk)
    assert states(batch) == ["waiting"] * 3
    assert not tidying.wants_going_on(), "the job of the batch is open, and it is night"
    job.state = "done"
    job.save()
    assert not tidying.wants_going_on()
    at_hour(monkeypatch, 2)
    assert tidying.wants_going_on()
    assert tidying.go_on(system_scope()) == 1
    send_pieces(factory.Reports(system_scope()), batch.pk)
    assert states(batch) == ["handed_over"] * 3


def test_the_daily_ceiling_of_a_provider_holds_over_its_batches(desk: Desk) -> None:
    Provider.objects.filter(pk=factory.outbox().pk).update(per_day=5)
    first = factory.batch(desk.bureau, desk.text, 3)
    second = factory.batch(desk.bureau, desk.text, 4, first=50)
    for batch in (first, second):
        factory.sent(desk.bureau, desk.firm, batch)
    assert states(first) == ["handed_over"] * 3
    assert states(second) == ["handed_over"] * 2 + ["waiting"] * 2
    second.refresh_from_db()
    assert second.state == "sending", "it goes on tomorrow"


def test_a_number_gets_three_messages_of_a_round_and_the_fourth_is_told(desk: Desk) -> None:
    heard: list[MessagesFailed] = []
    events.react({MessagesFailed: [heard.append]})
    batches = [factory.batch(desk.bureau, desk.text, 2) for _ in range(4)]
    assert [batch.messages for batch in batches] == [2, 2, 2, 0]
    assert batches[3].left_out == {"too_often": 2}
    assert {one.reason for one in heard} == {"too_often"}
    assert factory.batch(desk.bureau, desk.text, 2, owner="round-2").messages == 2


def test_counts_of_two_rounds_cannot_be_put_together_and_end_with_the_round(desk: Desk) -> None:
    for owner in ("round-1", "round-2"):
        factory.batch(desk.bureau, desk.text, 3, owner=owner)
    blinds = [bytes(blind) for blind in NumberUse.objects.values_list("blind", flat=True)]
    assert len(set(blinds)) == 6
    assert forget_uses("round-1") == 3
    assert set(NumberUse.objects.values_list("owner", flat=True)) == {"round-2"}


def test_one_household_twice_in_a_batch_counts_twice(desk: Desk) -> None:
    ChannelRules.objects.create(pk=1, most_per_number=1)
    batch = factory.batch(desk.bureau, desk.text, 0)
    assert queue_messages(desk.bureau, batch.pk, [factory.message(1), factory.message(1)]) == 1


def test_an_unsubscribed_number_gets_nothing_until_it_asks_again(desk: Desk) -> None:
    assert unsubscribe("+86 " + factory.phone(1))
    assert not unsubscribe(factory.phone(1)), "already on the list"
    batch = factory.batch(desk.bureau, desk.text, 3)
    assert (batch.messages, batch.left_out) == (2, {"unsubscribed": 1})
    assert subscribe_again(desk.bureau, factory.phone(1))
    assert not is_unsubscribed(factory.phone(1))


def test_an_unsubscribed_number_is_kept_sealed_and_moves_to_new_index_keys(desk: Desk) -> None:
    unsubscribe(factory.phone(1))
    row = UnsubscribedNumber.objects.get()
    assert factory.phone(1).encode() not in bytes(row.phone)
    add_index_key(Path(settings.KEY_FOLDER))
    move_to_newest(factory.Reports(system_scope()))
    row.refresh_from_db()
    assert bytes(row.phone_blind) == keyring().blind(factory.phone(1), PURPOSE)


def test_a_landline_gets_no_message(desk: Desk) -> None:
    batch = factory.batch(desk.bureau, desk.text, 0)
    assert queue_messages(desk.bureau, batch.pk, [factory.message(1)._replace(phone="025 8323 0000")]) == 0
    with pytest.raises(RefusedError):
        unsubscribe("025 8323 0000")


def test_stray_keys_go_and_needed_ones_stay(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stray, batch = make_key(), factory.batch(desk.bureau, desk.text, 1)
    for name in key_names():
        os.utime(Path(settings.KEY_FOLDER) / "batches" / name, (0, 0))
    assert tidying.tidy()["keys"] == 1
    assert key_names() == {batch.key_name}
    assert stray not in key_names()
