"""Editor and resident's fields in a real browser: live preview, no scripts, phone, 200 %, keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from minping_web.common.scope import Scope
from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.services import from_content
from minping_web.schemes.services import freeze_version
from tests.web import factories
from tests.web.browser import DESKTOP, PHONE, OpenBrowser, axe, open_browser, overflow, screenshot, sign_in
from tests.web.entering import sign_in as enter
from tests.web.instruments.factory import content

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(client: Client) -> str:
    who = factories.user()
    factories.grant(who, "district_bureau")
    return str(enter(client, who).session.session_key)


@pytest.fixture
def draft(act_as: Callable[..., Scope]) -> InstrumentVersion:
    bureau = act_as("district_bureau")
    freeze_version(bureau, "gulou-worker", "2019.1")
    return from_content(bureau, content(2))


def opened(page: Page, live_server: LiveServer, session: str, name: str, *arguments: object) -> None:
    sign_in(page, live_server.url, session)
    page.goto(live_server.url + reverse(name, args=list(arguments)))


def test_the_preview_and_the_findings_follow_what_is_typed(
    live_server: LiveServer, session: str, draft: InstrumentVersion
) -> None:
    with open_browser() as browser, browser.page(DESKTOP) as (page, watched):
        opened(page, live_server, session, "instruments:edit", draft.pk)
        page.get_by_label("题目 · 中文").first.fill("难道您对照明不满意吗？")
        expect(page.locator("#live-preview")).to_contain_text("难道您对照明不满意吗？")
        expect(page.locator('[data-findings="items.0"]')).to_contain_text("暗示了答案")
        page.get_by_label("预览语言").select_option("en")
        expect(page.locator("#live-preview")).to_contain_text("Question 1 of 2")
        page.get_by_role("button", name="添加题目").click()
        expect(page.locator("section.part h3").filter(has_text="第 3 题")).to_be_visible()
        expect(page.get_by_label("题目 · 中文").first).to_have_value("难道您对照明不满意吗？")
        assert watched.complaints == []


def test_without_scripts_a_button_shows_the_preview(
    live_server: LiveServer, session: str, draft: InstrumentVersion
) -> None:
    with open_browser() as browser, browser.page(PHONE, scripts=False) as (page, _watched):
        opened(page, live_server, session, "instruments:edit", draft.pk)
        page.get_by_label("题目 · 中文").first.fill("您对电梯满意吗？")
        page.get_by_role("button", name="预览").click()
        expect(page.locator(".phone")).to_contain_text("您对电梯满意吗？")
        page.get_by_label("非常满意").first.check()
        expect(page.get_by_label("非常满意").first).to_be_checked()


PAGES = ("instruments:edit", "instruments:version", "instruments:compare", "instruments:freeze")
PLAIN = ("instruments:list", "instruments:new", "instruments:import", "schemes:list", "schemes:versions")


@pytest.mark.deep
def test_pages_are_accessible_and_fit_every_screen(
    live_server: LiveServer, session: str, draft: InstrumentVersion
) -> None:
    found = {}
    with open_browser() as browser:
        for size in (DESKTOP, PHONE):
            with browser.page(size) as (page, watched):
                for name, *arguments in (
                    *((name, draft.pk) for name in PAGES),
                    *((name,) for name in PLAIN),
                    ("schemes:scheme", "gulou-worker"),
                    ("schemes:freeze", "gulou-worker"),
                ):
                    opened(page, live_server, session, name, *arguments)
                    screenshot(page, f"{name.replace(':', '-')}-{size[0]}")
                    found[name, size] = axe(page) + overflow(page)
                found["console", size] = watched.complaints
    assert {where: faults for where, faults in found.items() if faults} == {}


def answers_by_keyboard(browser: OpenBrowser, address: str, session: str, base: str, zoom: float) -> None:
    with browser.page(PHONE, zoom=zoom, scripts=False) as (page, _watched):
        sign_in(page, base, session)
        page.goto(address)
        wide = page.locator(".ballot").evaluate("box => box.scrollWidth - box.clientWidth")
        assert wide <= 0
        first = page.locator('input[name="item_q1"]').first
        first.focus()
        page.keyboard.press("ArrowDown")
        expect(page.locator("#item_q1-4")).to_be_checked()
        for choice in page.locator("label.choice").all()[:10]:
            box = choice.bounding_box()
            assert box is not None
            assert box["height"] * zoom >= 44


@pytest.mark.parametrize("zoom", [1, 2])
def test_a_resident_answers_by_keyboard_or_thumb_on_a_small_phone(
    live_server: LiveServer, session: str, draft: InstrumentVersion, zoom: float
) -> None:
    """Also at 200 %: nothing sticks out, every answer is at least 44 pixels high."""
    address = live_server.url + reverse("instruments:version", args=[draft.pk])
    with open_browser() as browser:
        answers_by_keyboard(browser, address, session, live_server.url, zoom)
