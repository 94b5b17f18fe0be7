"""The list of texts: search, filters, export, pages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from minping_web.accounts.models import User
from minping_web.channels.models import MessageText, TextVersion
from minping_web.channels.services.wording import new_text, new_version
from tests.web.channels.conftest import Desk
from tests.web.entering import sign_in

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser(desk: Desk, client: Client) -> Client:
    """The bureau, with a draft over the approved invitation and a text without a wording."""
    client.cookies["minping_language"] = "zh-hans"
    new_text(desk.bureau, "停电通知", "notice")
    new_version(
        desk.bureau, desk.text.text_id, signature_id=desk.text.signature_id,
        zh="请为{place}评分：{link}", en="Please rate {place}: {link}",
    )  # fmt: skip
    return sign_in(client, User.objects.get(pk=desk.bureau.user_id or 0))


def listed(browser: Client, **wanted: str) -> set[str]:
    page = browser.get(reverse("channels:texts"), wanted)
    assert page.status_code == 200
    return {text.title for text in page.context["page_obj"]}


def test_filters_by_kind_state_and_words(browser: Client) -> None:
    everything = set(MessageText.objects.values_list("title", flat=True))
    assert listed(browser) == everything
    assert listed(browser, state="none") == {"停电通知"}
    assert listed(browser, state="draft") == {"邀请短信"}
    assert listed(browser, state="approved") == everything - {"停电通知", "邀请短信"}
    assert "停电通知" in listed(browser, purpose="notice")
    assert listed(browser, purpose="remind") == {"提醒短信"}
    assert listed(browser, q="请为") == {"邀请短信"}
    assert listed(browser, q="停电") == {"停电通知"}


def test_nothing_found_says_how_to_go_on(browser: Client) -> None:
    page = browser.get(reverse("channels:texts"), {"q": "没有这样的文本"}).content.decode()
    assert "没有符合条件的文本" in page


def test_the_export_holds_every_version_of_what_is_shown(browser: Client) -> None:
    sent = browser.get(reverse("channels:texts"), {"format": "csv", "purpose": "invite"})
    rows = sent.content.decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + TextVersion.objects.filter(text__purpose="invite").count()
    assert "请为{place}评分：{link}" in rows[1]
    assert browser.get(reverse("channels:texts"), {"format": "xlsx"}).content[:2] == b"PK"


def test_fifty_texts_a_page(desk: Desk, browser: Client, django_assert_max_num_queries: object) -> None:
    for number in range(60):
        new_text(desk.bureau, f"通知{number:02}", "notice")
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        assert len(listed(browser, purpose="notice")) == 50
    assert listed(browser, purpose="notice", page="2")
