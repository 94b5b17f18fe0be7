"""A batch on its way: queued sealed, approved, handed over once, then forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied

from minping_web.channels.models import MessageBatch, OutgoingMessage
from minping_web.channels.services.approving import approve_batch
from minping_web.channels.services.batches import cancel_messages, open_batch, pause, revoke, send_batch
from minping_web.channels.services.carriers import outbox_folder
from minping_web.channels.services.keys import key_of
from minping_web.channels.services.queueing import queue_messages
from minping_web.channels.services.sending import send_pieces
from minping_web.common.approval import approve
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from tests.web.channels import factory
from tests.web.channels.conftest import Desk

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


def outbox_lines(batch: MessageBatch) -> list[dict[str, str]]:
    path = outbox_folder() / f"batch-{batch.pk}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def states(batch: MessageBatch) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in batch.rows.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_a_batch_reaches_the_outbox_with_signature_link_and_the_way_to_unsubscribe(desk: Desk) -> None:
    batch = factory.sent(desk.bureau, desk.firm, factory.batch(desk.bureau, desk.text, 5))
    assert batch.state == "done"
    lines = outbox_lines(batch)
    assert sorted(line["phone"] for line in lines) == [factory.phone(n) for n in range(5)]
    first = next(line for line in lines if line["phone"] == factory.phone(3))
    assert first["text"] == (
        "【民评办】请您评价和平社区的社区工作者，约2分钟，10月31日前有效："
        "https://minping.example.cn/v/TOKEN0000003 拒收请回复R"
    )


def test_what_was_said_is_erased_and_the_key_destroyed_when_the_batch_ends(desk: Desk) -> None:
    batch = factory.batch(desk.bureau, desk.text, 5)
    assert key_of(batch.key_name) is not None
    assert all(batch.rows.values_list("sealed", flat=True))
    factory.sent(desk.bureau, desk.firm, batch)
    assert key_of(batch.key_name) is None
    assert not any(batch.rows.values_list("sealed", flat=True))


def test_no_phone_text_or_token_lies_in_the_clear_in_the_database(desk: Desk) -> None:
    batch = factory.batch(desk.bureau, desk.text, 5)
    for row in batch.rows.all():
        assert b"TOKEN" not in bytes(row.sealed)
        assert factory.phone(3).encode() not in bytes(row.sealed)
    assert {field.get_internal_type() for field in OutgoingMessage._meta.get_fields()} == {
        "UUIDField", "ForeignKey", "BinaryField", "CharField", "PositiveSmallIntegerField"
    }, "a message holds no time and no text"  # fmt: skip


def test_rows_are_not_written_in_the_order_in_which_they_came(desk: Desk) -> None:
    batch = open_batch(
        desk.bureau, "r", "invite", text_version=desk.text, provider=factory.outbox(), budget_fen=1
    )
    rows = list(factory.messages(200))
    queue_messages(desk.bureau, batch.pk, rows)
    stored = list(OutgoingMessage.objects.raw("SELECT id, reference FROM channels_outgoingmessage"))
    assert {row.reference for row in stored} == {row.reference for row in rows}
    assert [row.reference for row in stored] != [row.reference for row in rows]


def test_a_repeat_of_the_same_rows_adds_nothing(desk: Desk) -> None:
    batch = factory.batch(desk.bureau, desk.text, 0)
    rows = list(factory.messages(50))
    assert queue_messages(desk.bureau, batch.pk, rows[:30]) == 30
    assert queue_messages(desk.bureau, batch.pk, rows) == 20
    batch.refresh_from_db()
    assert (batch.messages, batch.rows.count()) == (50, 50)


def test_more_than_a_thousand_messages_take_two_persons(desk: Desk) -> None:
    batch = factory.batch(desk.bureau, desk.text, 1001, budget_fen=10**9)
    with pytest.raises(RefusedError):
        approve_batch(desk.bureau, batch.pk)  # without a reason
    proposal = approve_batch(desk.bureau, batch.pk, reason="第三轮邀请")
    assert isinstance(proposal, Proposal)
    with pytest.raises(RefusedError):
        send_batch(desk.firm, batch.pk)
    with pytest.raises(RefusedError):
        approve(desk.bureau, proposal.pk)
    with pytest.raises(PermissionDenied):
        approve(desk.firm, proposal.pk)
    approve(desk.second, proposal.pk)
    batch.refresh_from_db()
    assert batch.state == "approved"


def test_over_the_budget_takes_two_persons_and_raises_what_may_be_spent(desk: Desk) -> None:
    batch = factory.batch(desk.bureau, desk.text, 10, budget_fen=10)
    proposal = approve_batch(desk.bureau, batch.pk, reason="必须发送")
    assert isinstance(proposal, Proposal)
    approve(desk.second, proposal.pk)
    batch.refresh_from_db()
    # 77 characters are two parts: 10 x 2 x 45 li = 900 li = 90 fen
    assert batch.parts == 20
    assert batch.approved_fen == 90


def test_sending_stops_before_the_approved_cost_is_passed(desk: Desk) -> None:
    batch = factory.batch(desk.bureau, desk.text, 10, budget_fen=1000)
    approve_batch(desk.bureau, batch.pk)
    MessageBatch.objects.filter(pk=batch.pk).update(approved_fen=40)
    send_batch(desk.firm, batch.pk)
    send_pieces(factory.Reports(desk.firm), batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.pause) == ("paused", "budget")
    assert states(batch) == {"waiting": 6, "handed_over": 4}  # 4 x 2 parts x 4.5 fen = 36 fen, a fifth is 45


def test_the_bureau_approves_and_does_not_send_the_firm_sends_and_does_not_approve(desk: Desk) -> None:
    batch = factory.batch(desk.firm, desk.text, 3)
    approve_batch(desk.firm, batch.pk)
    with pytest.raises(PermissionDenied):
        send_batch(desk.bureau, batch.pk)
    assert send_batch(desk.firm, batch.pk).pk == send_batch(desk.firm, batch.pk).pk


def test_messages_of_revoked_tokens_are_taken_back_and_erased(desk: Desk) -> None:
    batch = factory.batch(desk.bureau, desk.text, 5)
    two = list(batch.rows.values_list("reference", flat=True)[:2])
    assert cancel_messages(desk.bureau, two) == 2
    assert batch.rows.filter(reference__in=two, state="cancelled", sealed=None).count() == 2
    factory.sent(desk.bureau, desk.firm, batch)
    assert len(outbox_lines(batch)) == 3
    assert cancel_messages(desk.bureau, two) == 0


def test_a_paused_batch_goes_on_where_it_stopped(desk: Desk) -> None:
    batch = factory.batch(desk.bureau, desk.text, 5)
    approve_batch(desk.bureau, batch.pk)
    send_batch(desk.firm, batch.pk)
    pause(desk.firm, batch.pk)
    send_pieces(factory.Reports(desk.firm), batch.pk)
    assert states(batch) == {"waiting": 5}
    send_batch(desk.firm, batch.pk)
    send_pieces(factory.Reports(desk.firm), batch.pk)
    assert states(batch) == {"handed_over": 5}


def test_a_batch_that_is_given_up_sends_nothing_and_loses_its_key(desk: Desk) -> None:
    batch = factory.batch(desk.bureau, desk.text, 5)
    approve_batch(desk.bureau, batch.pk)
    revoke(desk.firm, batch.pk, reason="链接泄露")
    assert states(batch) == {"cancelled": 5}
    assert key_of(batch.key_name) is None
    with pytest.raises(RefusedError):
        send_batch(desk.firm, batch.pk)
    assert StagedEntry.objects.filter(kind="messages.revoked").count() == 1


def test_only_an_approved_text_of_the_purpose_opens_a_batch(desk: Desk) -> None:
    with pytest.raises(RefusedError) as refused:
        open_batch(
            desk.bureau, "r", "remind", text_version=desk.text, provider=factory.outbox(), budget_fen=1
        )
    assert [problem.code for problem in refused.value.problems] == ["channels.text_of_other_purpose"]


def test_keys_of_batches_are_in_no_copy_of_the_keys(desk: Desk, tmp_path: Path) -> None:
    from minping_web.site.key_files import read_key_file, write_key_file

    batch = factory.batch(desk.bureau, desk.text, 2)
    file, elsewhere = tmp_path / "keys.sealed", tmp_path / "elsewhere"
    write_key_file(Path(settings.KEY_FOLDER), file, "a long passphrase")
    read_key_file(file, elsewhere, "a long passphrase")
    assert (elsewhere / "field-keys").is_dir()
    assert not [path for path in elsewhere.rglob("*") if batch.key_name in path.name]
