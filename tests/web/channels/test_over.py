"""When a round is over nothing of it waits in the outbox, and no key of it lies anywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from minping_web.channels.models import MessageBatch, NumberUse
from minping_web.channels.services.carriers import batch_file
from minping_web.channels.services.handing_out import file_handed_over, open_outbox_file
from minping_web.channels.services.keys import key_of
from minping_web.channels.services.over import end_owner
from minping_web.common.problems import RefusedError
from minping_web.common.scope import system_scope
from minping_web.ledger.models import StagedEntry
from tests.web.channels import factory
from tests.web.channels.conftest import Desk

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


def test_what_still_waits_is_erased_and_its_key_destroyed(desk: Desk) -> None:
    waiting = factory.batch(desk.bureau, desk.text, 3, owner="round-7")
    other = factory.batch(desk.bureau, desk.text, 2, owner="round-8", first=10)
    end_owner(system_scope(), "round-7")
    end_owner(system_scope(), "round-7")
    assert key_of(waiting.key_name) is None
    assert not any(waiting.rows.values_list("sealed", flat=True))
    assert not NumberUse.objects.filter(owner="round-7").exists()
    assert StagedEntry.objects.filter(kind="messages.revoked").count() == 1
    assert key_of(other.key_name) is not None
    assert all(other.rows.values_list("sealed", flat=True))


def handed(desk: Desk, owner: str = "round-7", first: int = 0) -> MessageBatch:
    """A batch whose file lies in the outbox."""
    made = factory.batch(desk.bureau, desk.text, 3, owner=owner, first=first)
    return factory.sent(desk.bureau, desk.firm, made)


def second_name(batch: MessageBatch, folder: Path) -> Path:
    """Another name of the same bytes on the disk: shows whether they were overwritten, not only unnamed."""
    os.link(batch_file(batch.pk), folder / "same-bytes")
    return folder / "same-bytes"


def test_files_of_an_owner_that_is_over_are_overwritten_and_gone(desk: Desk, tmp_path: Path) -> None:
    batch, other = handed(desk), handed(desk, "round-8", first=10)
    left = second_name(batch, tmp_path)
    size = left.stat().st_size
    assert b"TOKEN" in left.read_bytes()
    end_owner(system_scope(), "round-7")
    assert not batch_file(batch.pk).exists()
    assert left.read_bytes() == bytes(size)
    assert b"TOKEN" in batch_file(other.pk).read_bytes()


def test_who_sends_says_that_a_file_was_handed_over_and_it_is_gone(desk: Desk, tmp_path: Path) -> None:
    batch = handed(desk)
    left = second_name(batch, tmp_path)
    with pytest.raises(PermissionDenied):
        file_handed_over(desk.bureau, batch.pk)
    assert b"TOKEN" in open_outbox_file(desk.firm, batch.pk)
    file_handed_over(desk.firm, batch.pk)
    assert b"TOKEN" not in left.read_bytes()
    assert StagedEntry.objects.get(kind="messages.file_erased").record["batch"] == batch.pk  # type: ignore[index]
    with pytest.raises(RefusedError) as caught:
        open_outbox_file(desk.firm, batch.pk)
    assert [problem.code for problem in caught.value.problems] == ["channels.file_gone"]


def test_a_file_that_still_grows_is_not_erased(desk: Desk) -> None:
    batch = handed(desk)
    MessageBatch.objects.filter(pk=batch.pk).update(state="sending", ended_at=None)
    with pytest.raises(RefusedError) as caught:
        file_handed_over(desk.firm, batch.pk)
    assert [problem.code for problem in caught.value.problems] == ["channels.file_unfinished"]
    assert batch_file(batch.pk).exists()
