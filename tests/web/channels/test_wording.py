"""Texts, signatures and providers change by two persons, and the second approves what was shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from minping_web.channels.models import Provider, Signature, TextVersion
from minping_web.channels.services.providing import describe, propose_provider
from minping_web.channels.services.wording import (
    drop_draft,
    findings,
    new_signature,
    new_version,
    propose_wording,
)
from minping_web.common.approval import approve
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from tests.web.channels.conftest import Desk

pytestmark = pytest.mark.sqlite

ZH, EN = "请评价{place}：{link}", "Please rate {place}: {link}"


def draft(desk: Desk, zh: str = ZH) -> TextVersion:
    text = desk.text.text
    return new_version(desk.firm, text.pk, signature_id=desk.text.signature_id, zh=zh, en=EN)


def test_a_new_version_is_a_draft_until_another_person_approves(desk: Desk) -> None:
    made = draft(desk)
    assert (made.number, made.state) == (2, "draft")
    proposal = propose_wording(desk.firm, "version", made.pk, reason="更短")
    with pytest.raises(PermissionDenied):
        approve(desk.firm, proposal.pk)
    approve(desk.second, proposal.pk)
    made.refresh_from_db()
    assert (made.state, made.approved_by_id) == ("approved", desk.second.user_id)
    assert StagedEntry.objects.filter(step_id=f"message-version-{made.pk}-approved").exists()


def test_a_wording_that_changed_after_the_proposal_is_not_approved(desk: Desk) -> None:
    made = draft(desk)
    proposal = propose_wording(desk.bureau, "version", made.pk, reason="更短")
    TextVersion.objects.filter(pk=made.pk).update(zh="请评价：{link}")
    with pytest.raises(RefusedError):
        approve(desk.second, proposal.pk)


def test_an_approved_wording_is_never_deleted(desk: Desk) -> None:
    with pytest.raises(RefusedError):
        drop_draft(desk.bureau, desk.text.pk)
    drop_draft(desk.bureau, draft(desk).pk)


def test_all_faults_of_both_languages_come_at_once(desk: Desk) -> None:
    found = findings("invite", "民评办", zh="抽奖啦", en="a prize")
    assert [(one.code, one.place.key) for one in found] == [
        ("channels.link_missing", "zh"), ("channels.selling_words", "zh"),
        ("channels.link_missing", "en"), ("channels.selling_words", "en"),
    ]  # fmt: skip
    with pytest.raises(RefusedError) as refused:
        draft(desk, zh="抽奖啦")
    assert len(refused.value.problems) == 2


def test_a_text_with_an_unapproved_signature_is_not_approved(desk: Desk) -> None:
    signature = new_signature(desk.bureau, "试验办", "试验")
    made = new_version(desk.bureau, desk.text.text_id, signature_id=signature.pk, zh=ZH, en=EN)
    proposal = propose_wording(desk.bureau, "version", made.pk, reason="x")
    with pytest.raises(RefusedError):
        approve(desk.second, proposal.pk)
    with pytest.raises(RefusedError):
        new_signature(desk.bureau, "试 验", "x")
    assert Signature.objects.get(pk=signature.pk).state == "draft"


VALUES: dict[str, Any] = {
    "title": "短信网关", "kind": "http", "state": "active", "number": "10690000", "price_li": 40,
    "per_second": 20, "per_day": 1000, "idempotent": False,
    "config": {"url": "https://sms.example.com/send", "body": '{"a": "{phone}", "b": "{text}"}'},
}  # fmt: skip


def test_where_phones_go_changes_by_two_persons_who_see_the_old_and_the_new(desk: Desk) -> None:
    first = propose_provider(desk.bureau, "gateway", dict(VALUES), reason="合同")
    assert not Provider.objects.filter(name="gateway").exists()
    approve(desk.second, first.pk)
    assert Provider.objects.get(name="gateway").config["url"] == "https://sms.example.com/send"
    moved = VALUES | {"config": VALUES["config"] | {"url": "https://elsewhere.example.com/"}}
    proposal = propose_provider(desk.bureau, "gateway", moved, reason="迁移")
    told = dict(describe(proposal.payload))
    assert "https://sms.example.com/send" in told["url"]
    assert "https://elsewhere.example.com/" in told["url"]


def test_a_provider_that_would_carry_phones_in_the_open_is_not_even_proposed(desk: Desk) -> None:
    open_one = VALUES | {"config": VALUES["config"] | {"url": "http://sms.example.com/send"}}
    with pytest.raises(RefusedError):
        propose_provider(desk.bureau, "gateway", open_one, reason="x")
