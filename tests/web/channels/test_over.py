"""When a round is over nothing of it waits in the outbox, and no key of it lies anywhere."""

from __future__ import annotations

import pytest

from minping_web.channels.models import NumberUse
from minping_web.channels.services.keys import key_of
from minping_web.channels.services.over import end_owner
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
