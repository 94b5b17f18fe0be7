"""Entries staged in bulk: all of them or none, with the values that single ones have."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from minping_engine.proof import commitment_of
from minping_web.ledger.models import StagedEntry
from minping_web.ledger.services import stage, stage_many

pytestmark = pytest.mark.sqlite


@pytest.mark.django_db(transaction=True)
def test_a_repeated_step_keeps_the_whole_bulk_out() -> None:
    stage_many("test.step", [("b/1", {"n": 1})])
    with pytest.raises(IntegrityError):
        stage_many("test.step", [("b/2", {"n": 2}), ("b/1", {"n": 1})])
    assert list(StagedEntry.objects.values_list("step_id", flat=True)) == ["b/1"]


@pytest.mark.django_db
def test_bulk_entries_are_rows_like_single_ones() -> None:
    record = {"词": '民评 \t\\ "quoted"', "none": None, "list": [1, 2]}
    stage_many("test.step", [("b/1", record), ("b/2", {"n": 2})])
    first, second = StagedEntry.objects.order_by("pk")
    assert (first.step_id, second.step_id, first.record) == ("b/1", "b/2", record)
    assert bytes(first.commitment) == commitment_of(record, bytes(first.nonce or b""))
    assert (first.index, first.is_lost, first.staged_at <= second.staged_at) == (None, False, True)
    assert stage("test.step", "b/1", record) == first
