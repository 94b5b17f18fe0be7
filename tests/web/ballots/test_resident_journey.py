"""Residents vote in a real browser: on a telephone, without scripts, by keyboard, with large letters, on an
old browser, twice, in two tabs, with a broken connection.

Pictures go to MINPING_PICTURES, to be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route
from pytest_django.live_server_helper import LiveServer

from minping_web.ballots.models import BallotSlot, CoercionReport, ProblemReport
from minping_web.ballots.rules.sealing import Opener
from minping_web.rounds.services.secrets import secrets_of
from tests.web.browser import DESKTOP, PHONE, OpenBrowser, Watched, axe, open_browser, overflow, screenshot
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, open_round

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ready(district: SmallDistrict) -> OpenRound:
    """One household in each of six areas."""
    return open_round(district, n=1)


@pytest.fixture
def browser(ready: OpenRound, live_server: LiveServer) -> Iterator[OpenBrowser]:
    """Opened after everything was written: an event loop runs from here on."""
    with open_browser() as found:
        yield found


def answers_of(ready: OpenRound, token: str) -> dict[str, int]:
    """The one ballot of a token as closing will read it; call when the browser is closed."""
    keys = secrets_of(ready.round.pk)
    assert keys
    h2 = keys.h2(token)
    sealed = bytes(BallotSlot.objects.get(pk=h2).sealed)
    return dict(Opener(ready.private_key).open(ready.round.pk, h2, sealed)["answers"])  # type: ignore[call-overload]


def tap(page: Page, code: int = 5, items: int = 5) -> None:
    """One tap for each question, on the words as a finger does."""
    for number in range(1, items + 1):
        page.locator(f"label[for=item_q{number}-{code}]").click()


def send(page: Page) -> str:
    """Press the button; the receipt."""
    page.locator("form.vote button").click()
    return str(page.locator("[data-receipt]").get_attribute("data-receipt"))


def well(page: Page, watched: Watched, name: str) -> None:
    """Accessible, fitting, silent, without a cookie; with a picture."""
    screenshot(page, f"resident-{name}")
    assert axe(page) == []
    assert overflow(page) == []
    assert watched.complaints == []
    assert page.context.cookies() == []


def test_five_taps_on_a_telephone(ready: OpenRound, live_server: LiveServer) -> None:
    token, asked = ready.token, []
    with open_browser() as browser, browser.page(PHONE) as (page, watched):
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{live_server.url}/v/{token}/")
        well(page, watched, "360-vote")
        tap(page, 4)
        receipt = send(page)
        assert re.fullmatch("[A-Z2-7]{16}", receipt)
        well(page, watched, "360-thanks")
    assert set(answers_of(ready, token).values()) == {4}
    assert [url for url in asked if not url.startswith(live_server.url)] == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_without_scripts_in_both_languages(ready: OpenRound, live_server: LiveServer, language: str) -> None:
    token = ready.token
    with open_browser() as browser, browser.page(PHONE, scripts=False) as (page, _watched):
        page.goto(f"{live_server.url}/v/{token}/?lang={language}")
        page.locator("form.vote button").click()
        assert page.locator(".ballot-wrong a").count() == 5
        screenshot(page, f"resident-missing-{language}")
        tap(page, 3)
        assert len(send(page)) == 16
        assert page.locator("html").get_attribute("lang") == ("en" if language == "en" else "zh-Hans")
        screenshot(page, f"resident-thanks-{language}")
    assert set(answers_of(ready, token).values()) == {3}


def test_by_keyboard_alone(ready: OpenRound, live_server: LiveServer) -> None:
    token = ready.token
    with open_browser() as browser, browser.page(DESKTOP) as (page, watched):
        page.goto(f"{live_server.url}/v/{token}/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        for number in range(1, 6):
            to_field(page, f"item_q{number}")
            page.keyboard.press("ArrowDown")
        to_field(page, "")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-receipt]")
        well(page, watched, "1440-thanks")
    assert set(answers_of(ready, token).values()) == {4}


def to_field(page: Page, name: str) -> None:
    """Press the tabulator until the field of this name, or the button, has the focus."""
    for _press in range(40):
        page.keyboard.press("Tab")
        reached, kind = page.evaluate("[document.activeElement.name ?? '', document.activeElement.tagName]")
        if reached == name and (name or kind == "BUTTON"):
            return
    raise AssertionError(f"the keyboard does not reach {name or 'the button'}")


def test_letters_of_twice_the_size_need_no_sideways_scrolling(
    browser: OpenBrowser, ready: OpenRound, live_server: LiveServer
) -> None:
    with browser.page((720, 1200), zoom=2) as (page, watched):
        page.goto(f"{live_server.url}/v/{ready.token}/")
        well(page, watched, "200-percent")
    with browser.page(PHONE) as (page, watched):
        page.goto(f"{live_server.url}/v/{ready.token}/")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        screenshot(page, "resident-360-large-type")
        assert overflow(page) == []


def test_an_old_browser_shows_large_answers_too(
    browser: OpenBrowser, ready: OpenRound, live_server: LiveServer
) -> None:
    """Browsers of before 2022 skip layers of style sheets; WeChat on old telephones is one of them."""

    def without_layers(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=no_layers(answer.text()))

    with browser.page(PHONE) as (page, _watched):
        page.route("**/*.css", without_layers)
        page.goto(f"{live_server.url}/v/{ready.token}/")
        screenshot(page, "resident-old-browser")
        assert overflow(page) == []
        heights = page.evaluate("[...document.querySelectorAll('.choice, button')].map(e => e.offsetHeight)")
        assert min(heights) >= 44
        tap(page)
        send(page)
        screenshot(page, "resident-old-browser-thanks")


def no_layers(css: str) -> str:
    """A style sheet as a browser reads it that does not know `@layer`."""
    kept, at = [], 0
    for start in re.finditer(r"@layer[^;{]*([;{])", css):
        if start.start() < at:
            continue
        kept.append(css[at : start.start()])
        at = start.end() if start[1] == ";" else end_of_block(css, start.end())
    return "".join([*kept, css[at:]])


def end_of_block(css: str, at: int) -> int:
    """Behind the bracket that closes the block which begins here."""
    depth = 1
    while depth:
        depth += {"{": 1, "}": -1}.get(css[at], 0)
        at += 1
    return at


def test_back_and_change(ready: OpenRound, live_server: LiveServer) -> None:
    token = ready.token
    with open_browser() as browser, browser.page(PHONE) as (page, _watched):
        page.goto(f"{live_server.url}/v/{token}/")
        tap(page, 5)
        first = send(page)
        page.go_back()
        page.wait_for_selector("form.vote")
        assert page.locator("input:checked").count() == 0
        assert page.locator(".notice.info").count() == 1
        tap(page, 1)
        assert send(page) == first
        screenshot(page, "resident-replaced")
    assert set(answers_of(ready, token).values()) == {1}


def test_two_tabs_ask_before_one_replaces_the_other(ready: OpenRound, live_server: LiveServer) -> None:
    token = ready.token
    with open_browser() as browser, browser.page(PHONE) as (page, watched):
        other = page.context.new_page()
        for tab in (page, other):
            tab.goto(f"{live_server.url}/v/{token}/")
        tap(page, 2)
        first = send(page)
        tap(other, 4)
        other.locator("form.vote button").click()
        assert other.locator("[role=alert]").count() == 1
        assert other.locator("input[type=radio]:checked").count() == 5
        screenshot(other, "resident-conflict")
        assert axe(other) == []
        assert send(other) == first
        assert [line for line in watched.complaints if "409" not in line] == []
    assert set(answers_of(ready, token).values()) == {4}


def test_a_second_press_and_a_lost_connection(ready: OpenRound, live_server: LiveServer) -> None:
    token = ready.token
    with open_browser() as browser, browser.page(PHONE) as (page, _watched):
        page.goto(f"{live_server.url}/v/{token}/")
        tap(page, 5)
        page.context.set_offline(True)
        page.locator("form.vote button").click()
        assert page.locator("[data-state]").is_visible()
        assert page.locator("input[type=radio]:checked").count() == 5
        screenshot(page, "resident-offline")
        page.context.set_offline(False)
        page.locator("form.vote button").dblclick()
        page.wait_for_selector("[data-receipt]")
    assert set(answers_of(ready, token).values()) == {5}


def test_leaving_with_unsent_answers_is_asked_about(
    browser: OpenBrowser, ready: OpenRound, live_server: LiveServer
) -> None:
    asked: list[str] = []
    with browser.page(PHONE) as (page, _watched):
        page.goto(f"{live_server.url}/v/{ready.token}/")
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        tap(page, 5, items=1)
        page.locator("footer a").first.click()
        page.wait_for_url("**/report/pressure/**")
    assert asked == ["beforeunload"]


def test_other_pages_are_kind_and_clear(
    browser: OpenBrowser, ready: OpenRound, live_server: LiveServer
) -> None:
    with browser.page(PHONE) as (page, watched):
        page.goto(f"{live_server.url}/v/")
        well(page, watched, "enter")
        page.locator("#code").fill("0000")
        page.locator("button").click()
        assert page.locator("[role=alert]").is_visible()
        page.locator("#code").fill("0000 0000 0000 0000")
        page.locator("button").click()
        page.wait_for_url("**/v/0000000000000000/**")
        screenshot(page, "resident-unknown")
        assert axe(page) == []


def test_pressure_and_problems_are_reported_without_scripts(
    ready: OpenRound, district: SmallDistrict, live_server: LiveServer
) -> None:
    with open_browser() as browser, browser.page(PHONE, scripts=False) as (page, _watched):
        page.goto(f"{live_server.url}/v/{ready.token}/")
        page.locator("footer a").first.click()
        assert ready.token not in page.url
        page.locator("label[for=kind-told]").click()
        page.locator("#text").fill("有人上门要求打满分")
        screenshot(page, "resident-pressure")
        page.locator("form button").click()
        assert page.locator("[role=status]").is_visible()
        page.goto(f"{live_server.url}/report/problem/")
        for _level in ("street", "community"):
            assert not page.locator(".area-list a").first.is_visible()
            page.locator("summary").click()
            page.locator(".area-list a").first.click()
        page.locator("#text").fill("楼道有燃气味")
        page.locator("label[for=field-work_safety]").click()
        page.locator("label[for=urgent]").click()
        screenshot(page, "resident-problem")
        page.locator("form button").click()
        assert "119" in page.locator("[role=alert]").inner_text()
        screenshot(page, "resident-problem-sent")
    report, problem = CoercionReport.objects.get(), ProblemReport.objects.get()
    assert report.area in district.communities
    assert (problem.area, problem.is_urgent) == (district.communities[0], True)
