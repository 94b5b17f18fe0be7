"""Outcomes of a piece in few statements, receipts that come again, numbers that unsubscribed meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest

from minping_web.channels.events import MessagesDelivered, MessagesFailed
from minping_web.channels.models import DayCount, MessageBatch, OutgoingMessage, Provider
from minping_web.channels.services import outcomes, receipts
from minping_web.channels.services.approving import approve_batch
from minping_web.channels.services.batches import send_batch
from minping_web.channels.services.carriers import Outcome, Receipt, batch_file
from minping_web.channels.services.numbers import unsubscribe
from minping_web.channels.services.outcomes import ref_hash
from minping_web.channels.services.sending import send_pieces
from minping_web.common import clock, events
from tests.web.channels import factory
from tests.web.channels.conftest import Desk

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
AtMost = Callable[[int], AbstractContextManager[object]]
SETTLING, PIECE, RECEIVING = 12, 40, 7
"""Statements for a piece's outcomes, for a whole piece, for a call of receipts and the product's reaction,
with begin and commit."""


@pytest.fixture
def heard() -> list[object]:
    """What was told."""
    found: list[object] = []
    events.react({MessagesFailed: [found.append], MessagesDelivered: [found.append]})
    return found


def going(desk: Desk, count: int, *, owner: str = "round-1") -> MessageBatch:
    batch = factory.batch(desk.bureau, desk.text, count, owner=owner)
    approve_batch(desk.bureau, batch.pk)
    send_batch(desk.firm, batch.pk)
    return batch


def send(desk: Desk, batch: MessageBatch) -> MessageBatch:
    send_pieces(factory.Reports(desk.firm), batch.pk)
    batch.refresh_from_db()
    return batch


def states(batch: MessageBatch) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in batch.rows.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def leaving(desk: Desk, count: int) -> tuple[MessageBatch, dict[str, UUID]]:
    """A batch whose messages are with the carrier, and their keys."""
    batch = going(desk, count)
    batch.rows.update(state="leaving")
    parts = 2 * count
    MessageBatch.objects.filter(pk=batch.pk).update(spent_parts=parts)
    outcomes.count_day(batch, count)
    return batch, {f"key-{pk}": pk for pk in batch.rows.values_list("pk", flat=True)}


@pytest.mark.parametrize("count", [10, 400])
def test_outcomes_of_a_piece_take_a_fixed_number_of_statements(
    desk: Desk, django_assert_max_num_queries: AtMost, count: int
) -> None:
    batch, keys = leaving(desk, count)
    answers = [Receipt(key, Outcome.ACCEPTED, f"ref-{key}") for key in keys]
    with django_assert_max_num_queries(SETTLING):
        assert outcomes.settle(batch.pk, keys, answers) == count
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == ("done", {"handed_over": count})
    some = OutgoingMessage.objects.get(pk=keys[answers[3].key])
    assert bytes(some.provider_ref or b"") == ref_hash("outbox", answers[3].ref)
    assert some.sealed is None


@pytest.mark.parametrize("count", [20, 400])
def test_a_whole_piece_takes_a_fixed_number_of_statements(
    desk: Desk, django_assert_max_num_queries: AtMost, count: int
) -> None:
    batch = going(desk, count)
    with django_assert_max_num_queries(PIECE):
        send(desk, batch)
    assert states(batch) == {"handed_over": count}


def test_all_outcomes_of_a_mixed_piece_are_written_and_told(desk: Desk, heard: list[object]) -> None:
    batch, keys = leaving(desk, 6)
    names = list(keys)
    answers = [
        Receipt(names[0], Outcome.ACCEPTED, "r0"),
        Receipt(names[1], Outcome.REFUSED, reason="17"),
        Receipt(names[2], Outcome.REFUSED, reason="17"),
        Receipt(names[3], Outcome.REFUSED),
        Receipt(names[4], Outcome.UNSURE),
        Receipt(names[5], Outcome.LATER),
    ]
    assert outcomes.settle(batch.pk, keys, answers) == 1
    batch.refresh_from_db()
    assert states(batch) == {"handed_over": 1, "failed": 3, "unsure": 1, "waiting": 1}
    assert (batch.state, batch.pause, batch.spent_parts) == ("paused", "unsure", 10)
    assert DayCount.objects.get().messages == 5
    assert {one.reason: len(one.references) for one in heard} == {"carrier:17": 2, "refused": 1}  # type: ignore[attr-defined]
    assert set(batch.rows.filter(sealed=None).values_list("state", flat=True)) == {"handed_over", "failed"}


def test_an_outcome_that_comes_again_changes_nothing(desk: Desk, heard: list[object]) -> None:
    """A worker that was thought dead writes after its successor has settled the piece."""
    batch, keys = leaving(desk, 3)
    taken = [Receipt(key, Outcome.ACCEPTED, "first") for key in keys]
    outcomes.settle(batch.pk, keys, taken)
    late = [Receipt(key, Outcome.REFUSED) for key in keys]
    outcomes.settle(batch.pk, keys, late)
    outcomes.settle(batch.pk, keys, [Receipt(key, Outcome.ACCEPTED, "second") for key in keys])
    assert states(batch) == {"handed_over": 3}
    assert {bytes(ref or b"") for ref in batch.rows.values_list("provider_ref", flat=True)} == {
        ref_hash("outbox", "first")
    }
    assert heard == []


# --- receipts --------------------------------------------------------------------------------------


def carried(desk: Desk, count: int) -> tuple[Provider, MessageBatch]:
    """Handed over by a provider that tells receipts."""
    batch, keys = leaving(desk, count)
    answers = [Receipt(key, Outcome.ACCEPTED, f"ref-{number}") for number, key in enumerate(keys)]
    outcomes.settle(batch.pk, keys, answers)
    provider = factory.outbox()
    provider.config = {"receipts_path": "list", "delivered_values": "OK", "pending_values": "WAIT"}
    return provider, batch


def told(*items: tuple[int, str]) -> dict[str, object]:
    return {"list": [{"id": f"ref-{number}", "status": status} for number, status in items]}


def test_receipts_that_come_again_change_and_tell_nothing(desk: Desk, heard: list[object]) -> None:
    provider, batch = carried(desk, 4)
    first = told((0, "OK"), (1, "UNDELIV"), (2, "WAIT"))
    assert receipts.take(provider, first) == 2
    for again in (first, told((0, "UNDELIV"), (1, "OK")), told((0, "OK"), (0, "OK"))):
        assert receipts.take(provider, again) == 0
    assert states(batch) == {"delivered": 1, "failed": 1, "handed_over": 2}
    assert [type(one) for one in heard] == [MessagesDelivered, MessagesFailed]


def test_of_two_words_about_a_message_in_one_call_the_first_counts(desk: Desk) -> None:
    provider, batch = carried(desk, 2)
    assert receipts.take(provider, told((0, "OK"), (0, "UNDELIV"), (1, "UNDELIV"), (1, "OK"))) == 2
    assert states(batch) == {"delivered": 1, "failed": 1}


@pytest.mark.parametrize("count", [10, 300])
def test_a_call_of_receipts_takes_a_fixed_number_of_statements(
    desk: Desk, django_assert_max_num_queries: AtMost, count: int
) -> None:
    provider, batch = carried(desk, count)
    with django_assert_max_num_queries(RECEIVING):
        answer = told(*((number, "OK" if number % 2 else "E1") for number in range(count)))
        assert receipts.take(provider, answer) == count
    assert states(batch) == {"delivered": count // 2, "failed": count // 2}


# --- meanwhile -------------------------------------------------------------------------------------


def test_a_number_that_unsubscribes_after_filling_gets_nothing(desk: Desk, heard: list[object]) -> None:
    """Days may lie between filling a batch and its sending."""
    batch = going(desk, 5)
    unsubscribe(factory.phone(2))
    send(desk, batch)
    lines = [json.loads(line) for line in batch_file(batch.pk).read_text("utf-8").splitlines()]
    assert sorted(line["phone"] for line in lines) == [factory.phone(n) for n in (0, 1, 3, 4)]
    dropped = batch.rows.get(state="cancelled")
    assert (dropped.reason, dropped.sealed) == ("unsubscribed", None)
    assert (batch.state, batch.spent_parts) == ("done", 8)
    assert DayCount.objects.get().messages == 4
    assert heard == [MessagesFailed((dropped.reference,), "round-1", "unsubscribed")]


def test_a_batch_of_which_everybody_unsubscribed_ends_and_costs_nothing(desk: Desk) -> None:
    batch = going(desk, 2)
    for number in range(2):
        unsubscribe(factory.phone(number))
    send(desk, batch)
    assert (batch.state, batch.spent_parts, states(batch)) == ("done", 0, {"cancelled": 2})


def test_a_budget_that_runs_out_in_the_middle_goes_on_when_more_is_approved(desk: Desk) -> None:
    batch = going(desk, 10)
    MessageBatch.objects.filter(pk=batch.pk).update(approved_fen=40)
    send(desk, batch)
    assert (batch.state, batch.pause, batch.spent_parts) == ("paused", "budget", 8)
    send_batch(desk.firm, batch.pk)
    assert send(desk, batch).pause == "budget", "going on without more money sends nothing"
    assert states(batch) == {"waiting": 6, "handed_over": 4}
    MessageBatch.objects.filter(pk=batch.pk).update(approved_fen=90)
    send_batch(desk.firm, batch.pk)
    send(desk, batch)
    assert (batch.state, states(batch), batch.spent_parts) == ("done", {"handed_over": 10}, 20)
    assert len(batch_file(batch.pk).read_text("utf-8").splitlines()) == 10


def test_the_day_is_counted_where_the_clock_says(desk: Desk) -> None:
    send(desk, going(desk, 3))
    assert DayCount.objects.get().day == clock.today()
