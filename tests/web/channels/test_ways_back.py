"""No dead ends: addresses that take a form lead on when they are opened, long forms show what matters."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from minping_web.accounts.models import User
from minping_web.channels.models import TextVersion
from tests.web.channels.conftest import Desk
from tests.web.entering import sign_in

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser(desk: Desk, client: Client) -> Client:
    client.cookies["minping_language"] = "zh-hans"
    return sign_in(client, User.objects.get(pk=desk.bureau.user_id or 0))


def test_a_refused_number_may_be_read_in_the_other_language(browser: Client) -> None:
    """The switch of languages opens the address of the refused form."""
    assert browser.post(reverse("channels:number"), {"phone": "12", "wish": "stop"}).status_code == 422
    assert browser.get(reverse("channels:number"))["Location"] == reverse("channels:rules")


def test_taking_a_wording_out_of_use_is_asked_once_more(desk: Desk, browser: Client) -> None:
    address = reverse("channels:version_retire", args=[desk.text.pk])
    asked = browser.get(address).content.decode()
    assert "不能撤销" in asked
    assert TextVersion.objects.get(pk=desk.text.pk).state == "approved"
    assert browser.post(address).status_code == 302
    assert TextVersion.objects.get(pk=desk.text.pk).state == "retired"


def test_a_draft_is_deleted_after_a_question_and_an_approved_wording_never(
    desk: Desk, browser: Client
) -> None:
    kept = reverse("channels:version_drop", args=[desk.text.pk])
    assert browser.post(kept).status_code == 422
    draft = TextVersion.objects.create(
        text=desk.text.text, number=9, signature=desk.text.signature, zh="请评价：{link}", en="{link}",
        made_at=desk.text.made_at,
    )  # fmt: skip
    address = reverse("channels:version_drop", args=[draft.pk])
    assert "不能恢复" in browser.get(address).content.decode()
    assert browser.post(address).status_code == 302
    assert not TextVersion.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize(("kind", "is_open"), [("file", False), ("http", True)])
def test_the_fields_of_an_interface_stand_apart(browser: Client, kind: str, is_open: bool) -> None:
    page = browser.post(reverse("channels:provider_new"), {"kind": kind, "title": "试验"})
    assert page.status_code == 422
    shown = page.content.decode()
    (fold,) = re.findall(r"<details class=\"more\"( open)?><summary>运营商 HTTP 接口", shown)
    assert bool(fold) is is_open
    names = set(re.findall(r'name="(\w+)"', shown))
    assert {"name", "title", "url", "body", "pending_values", "reason"} <= names
