"""The menu: a long one is folded to the group of the page, a short one is shown whole; pages can be found."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.web.browser import open_browser
from tests.web.browser import sign_in as take_seat
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, grant, user

GROUP = re.compile(r'<details class="menu-group"( open)?><summary>([^<]+)</summary>')
pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def enter(role: str, district: SmallDistrict, language: str = "en") -> Client:
    who = user()
    grant(who, role, area=district.district)
    client = sign_in(Client(), who)
    client.cookies["minping_language"] = language
    return client


def groups(page: str) -> list[tuple[str, bool]]:
    """(label, whether it is unfolded) of the menu at the left."""
    menu = page.split('<nav class="menu"')[1].split("</nav>")[0]
    return [(label, bool(is_open)) for is_open, label in GROUP.findall(menu)]


def test_of_a_long_menu_only_the_group_of_the_page_is_unfolded(district: SmallDistrict) -> None:
    page = enter("district_bureau", district).get("/people/").content.decode()
    shown = groups(page)
    assert [label for label, _ in shown][1:6] == [
        "1 Prepare a round", "2 Ask residents", "3 Count and assess", "4 Preview and publish",
        "5 Help and reward",
    ]  # fmt: skip
    assert [label for label, is_open in shown if is_open] == ["Who serves"]
    assert page.count("data-filter-menu") == 2, "one box at the left, one on the phone"


def test_a_short_menu_is_shown_whole_and_has_no_box(district: SmallDistrict) -> None:
    page = enter("worker", district).get("/").content.decode()
    assert groups(page)
    assert all(is_open for _, is_open in groups(page))
    assert "data-filter-menu" not in page


def test_the_search_finds_pages_of_the_own_menu_without_scripts(district: SmallDistrict) -> None:
    found = '<a href="/publications/">'
    for role, is_found in (("district_bureau", True), ("worker", False)):
        page = enter(role, district).get("/search/?q=two+persons+publish").content.decode()
        assert (found in page.split("<main")[1]) is is_found


def names(page: Page) -> list[str]:
    """Entries that one sees at the left."""
    return [one.inner_text() for one in page.locator("nav.menu a:visible").all()]


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_the_keyboard_filters_the_menu_and_opens_the_first_hit(
    district: SmallDistrict, live_server: LiveServer
) -> None:
    session = str(enter("district_bureau", district).session.session_key)
    with open_browser() as browser, browser.page() as (page, watched):
        take_seat(page, live_server.url, session)
        page.goto(live_server.url + "/search/")
        before = names(page)
        page.keyboard.press("Control+k")
        page.keyboard.type("网格")
        found = names(page)
        assert found
        assert all("网格" in name for name in found)
        page.keyboard.press("Escape")
        assert names(page) == before
        page.keyboard.type("异议")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == live_server.url + "/objections/"
        assert watched.complaints == []
