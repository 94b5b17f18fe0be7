"""Staff pages and the open link in a real browser: digits key a sheet, a small task opens the link."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from minping_web.access.selectors import scope_of
from minping_web.accounts.models import User
from minping_web.ballots.models import OpenBallot, OpenLink, PaperSheet
from minping_web.ballots.rules.words import SheetState
from minping_web.ballots.services.open_answers import switch_link
from minping_web.ballots.services.paper import key
from minping_web.ballots.services.reports import report_pressure, report_problem
from minping_web.common.scope import system_scope
from minping_web.rounds.rules.words import Channel
from tests.web import entering
from tests.web.browser import DESKTOP, PHONE, axe, open_browser, overflow, screenshot, sign_in
from tests.web.factories import SmallDistrict, grant, user
from tests.web.rounds.factory import OpenRound, open_round

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ready(district: SmallDistrict) -> OpenRound:
    """Two households in each area, with paper forms."""
    return open_round(district, n=2, channels=(Channel.PAPER,))


def member(role: str, district: SmallDistrict) -> tuple[User, str]:
    """Somebody of this role and the key of a session."""
    who = user()
    grant(who, role, area=district.district)
    return who, str(entering.sign_in(Client(), who).session.session_key)


def look(page: Page, address: str, name: str) -> None:
    """Open a page at both sizes: accessible, fitting, with a picture."""
    for size, (width, height) in (("1440", DESKTOP), ("360", PHONE)):
        page.set_viewport_size({"width": width, "height": height})
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200
        screenshot(page, f"desk-{name}-{size}")
        assert overflow(page) == []
        assert axe(page) == []


def test_a_sheet_is_keyed_by_digits_alone(
    ready: OpenRound, district: SmallDistrict, live_server: LiveServer
) -> None:
    _who, session = member("survey_manager", district)
    token = ready.token
    with open_browser() as browser, browser.page(DESKTOP) as (page, watched):
        sign_in(page, live_server.url, session)
        page.goto(f"{live_server.url}/paper/{ready.round.pk}/key/")
        page.keyboard.type("甲3")
        page.keyboard.press("Tab")
        page.keyboard.type(f"{live_server.url}/v/{token}/")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-keying]")
        page.wait_for_load_state("load")  # the script that moves from item to item is there
        page.keyboard.type("12345", delay=20)
        screenshot(page, "desk-keying-1440")
        assert axe(page) == []
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.id === 'comment'", timeout=5_000)
        page.keyboard.type("路灯坏了")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("#code")
        assert page.evaluate("document.activeElement.id") == "code"
        screenshot(page, "desk-keyed-1440")
        assert token not in page.content()
        assert watched.complaints == []
        page.set_viewport_size({"width": 360, "height": 760})
        page.locator("#code").fill(ready.all_tokens[1])
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-keying]")
        screenshot(page, "desk-keying-360")
        assert overflow(page) == []
    assert PaperSheet.objects.get().state == SheetState.ONCE


@pytest.mark.deep
def test_the_pages_of_reports_and_paper_at_both_sizes(
    ready: OpenRound, district: SmallDistrict, live_server: LiveServer
) -> None:
    bureau, bureau_session = member("district_bureau", district)
    manager, session = member("survey_manager", district)
    report_pressure(district.grids[0], "threatened", "有人上门要求打满分")
    report_problem(district.grids[1], "work_safety", "楼道有燃气味", contact="10000000001", is_urgent=True)
    switch_link(scope_of(bureau), ready.round.pk, on=True)
    sheet = different(ready, district)
    with open_browser() as browser:
        with browser.page(DESKTOP) as (page, watched):
            sign_in(page, live_server.url, bureau_session)
            look(page, f"{live_server.url}/reports/pressure/", "pressure")
            page.locator("table a").first.click()
            page.wait_for_url("**/reports/pressure/*-*/")
            look(page, page.url, "pressure-page")
            look(page, f"{live_server.url}/reports/problems/", "problems")
            look(page, f"{live_server.url}/open-links/", "open-links")
            look(page, f"{live_server.url}/open-links/{ready.round.pk}/", "open-link")
            assert watched.complaints == []
        with browser.page(DESKTOP) as (page, watched):
            sign_in(page, live_server.url, session)
            look(page, f"{live_server.url}/paper/{ready.round.pk}/", "paper")
            look(page, f"{live_server.url}/paper/{ready.round.pk}/different/", "different")
            look(page, f"{live_server.url}/paper/sheets/{sheet.pk}/", "decide")
            assert watched.complaints == []
    assert manager.pk


def different(ready: OpenRound, district: SmallDistrict) -> PaperSheet:
    """A sheet that two persons keyed differently."""
    best = {f"item_q{number}": "1" for number in range(1, 6)}
    one, other = (scope_of(member("survey_manager", district)[0]) for _person in range(2))
    key(one, ready.round.pk, ready.token, bundle="甲3", typed=best | {"comment": "太吵"})
    return key(other, ready.round.pk, ready.token, bundle="甲3", typed=best | {"item_q2": "5"})


@pytest.fixture
def link(ready: OpenRound) -> OpenLink:
    """The open link of the round."""
    return switch_link(system_scope(), ready.round.pk, on=True)


def test_the_open_link_on_a_telephone(ready: OpenRound, link: OpenLink, live_server: LiveServer) -> None:
    with open_browser() as browser, browser.page(PHONE) as (page, watched):
        page.goto(f"{live_server.url}/o/{link.code}/")
        screenshot(page, "open-street-360")
        assert axe(page) == []
        for _level in range(5):
            page.locator(".area-list a").first.click()
        page.wait_for_selector("form.vote")
        for number in range(1, 6):
            page.locator(f"label[for=item_q{number}-4]").click()
        page.locator("form.vote button").click()
        page.wait_for_selector("[role=status]", timeout=60_000)
        screenshot(page, "open-thanks-360")
        assert watched.complaints == []
        assert page.context.cookies() == []
    assert OpenBallot.objects.count() == 1


def test_where_the_script_of_the_open_link_does_not_arrive_the_page_says_what_else(
    ready: OpenRound, link: OpenLink, live_server: LiveServer
) -> None:
    """Scripts are on, so no `noscript` is shown; without its script the form would stay hidden in silence."""
    address = f"{live_server.url}/o/{link.code}/?area={ready.areas[0].code}&who=elderly"
    with open_browser() as browser, browser.page(PHONE) as (page, _watched):
        page.route(re.compile(r"\bwork[^/]*\.js$"), lambda route: route.abort())
        page.goto(address)
        page.locator("[data-without-work]").wait_for(state="visible")
    with open_browser() as browser, browser.page(PHONE) as (page, _watched):
        page.goto(address)
        page.wait_for_timeout(2500)
        assert page.locator("form.vote").is_visible()
        assert not page.locator("[data-without-work]").is_visible()


def test_without_scripts_the_open_link_says_why_and_what_else(
    ready: OpenRound, link: OpenLink, live_server: LiveServer
) -> None:
    address = f"{live_server.url}/o/{link.code}/?area={ready.areas[0].code}&who=elderly"
    with open_browser() as browser, browser.page(PHONE, scripts=False) as (page, _watched):
        page.goto(address)
        page.locator("[data-without-work]").wait_for(state="visible")
        assert page.locator("[data-without-work] a[href*='/v/']").count() == 1
        screenshot(page, "open-no-script-360")
