"""Style guide, sign-in page and an error page in a real browser: wide, narrow, zoomed, by keyboard."""

from __future__ import annotations

import json

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from minping_web.jobs.models import Job
from tests.web.browser import DESKTOP, PHONE, axe, open_browser, overflow, speak

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("/styleguide/", "/accounts/login/", "/no-such-page/")


@pytest.mark.deep
def test_pages_are_accessible_fit_the_screen_and_break_no_rule_of_the_browser(
    live_server: LiveServer,
) -> None:
    found = {}
    with open_browser() as browser:
        for size in (DESKTOP, PHONE):
            with browser.page(size) as (page, watched):
                for address in PAGES:
                    page.goto(live_server.url + address)
                    found[address, size] = axe(page) + overflow(page)
                found["console", size] = [said for said in watched.complaints if "404" not in said]
    assert {where: faults for where, faults in found.items() if faults} == {}


def test_a_breach_of_accessibility_is_named_with_its_place() -> None:
    """That no page has one means something only if one is found here."""
    with open_browser() as browser, browser.page() as (page, _watched):
        page.set_content("<html lang='en'><title>t</title><main><h1>t</h1><img class='bare' src='data:,'>")
        assert [said for said in axe(page) if said.startswith("image-alt (1): ")] == axe(page) != []
        assert axe(page)[0].endswith(": .bare") or axe(page)[0].endswith(": img")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_at_twice_the_size_nothing_sticks_out_in_either_language(
    live_server: LiveServer, language: str
) -> None:
    with open_browser() as browser, browser.page((720, 900), zoom=2) as (page, _watched):
        speak(page, live_server.url, language)
        for address in PAGES:
            page.goto(live_server.url + address)
            assert overflow(page) == []


def test_the_content_policy_stops_a_script_in_the_page(live_server: LiveServer) -> None:
    """That the console stays silent elsewhere means something only if it speaks here."""
    with open_browser() as browser, browser.page() as (page, watched):
        page.goto(live_server.url + "/accounts/login/")
        page.evaluate(
            "() => { const s = document.createElement('script'); s.textContent = 'window.bad = 1';"
            " document.head.append(s); }"
        )
        assert page.evaluate("window.bad") is None
        assert any("Content Security Policy" in said for said in watched.complaints)


def test_the_keyboard_reaches_content_help_and_menu(live_server: LiveServer) -> None:
    with open_browser() as browser, browser.page() as (page, _watched):
        page.goto(live_server.url + "/styleguide/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("Shift+?")
        assert page.locator("details.help").get_attribute("open") is not None
        page.locator("#quick").fill("河湾")
        assert page.locator("#sample-table tbody tr:visible").count() == 1
        page.locator("#quick").press("Shift+?")
        assert page.locator("details.help").get_attribute("open") is not None


def test_on_the_phone_rows_become_cards_that_keep_their_headings(live_server: LiveServer) -> None:
    with open_browser() as browser, browser.page(PHONE) as (page, _watched):
        page.goto(live_server.url + "/styleguide/")
        cell = page.locator("#sample-table td[data-label]").nth(1)
        label = cell.evaluate("part => getComputedStyle(part, '::before').content")
        assert label.strip('"') == cell.get_attribute("data-label")
        heights = page.locator("main button:visible, main a.button:visible").evaluate_all(
            "parts => parts.map((part) => part.getBoundingClientRect().height)"
        )
        assert min(heights) >= 40


def test_print_leaves_out_the_frame(live_server: LiveServer) -> None:
    with open_browser() as browser, browser.page() as (page, _watched):
        page.goto(live_server.url + "/styleguide/")
        page.emulate_media(media="print")
        shown = [
            page.locator(part).first.is_visible() for part in (".bar", ".foot", ".actions", "#sample-table")
        ]
        assert shown == [False, False, False, True]
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_pages_work_without_scripts(live_server: LiveServer) -> None:
    with open_browser() as browser, browser.page(PHONE, scripts=False) as (page, _watched):
        page.goto(live_server.url + "/styleguide/")
        page.locator("details.help > summary").click()
        assert page.locator(".help-text").is_visible()
        page.locator(".language button").click()
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.url == live_server.url + "/styleguide/"


def bare_page(page: Page, base: str, body: str) -> None:
    """A page of this site that holds only these parts and the script."""
    script = '<script src="/static/minping/minping.js" defer></script>'
    text = f'<!doctype html><html lang="en"><title>x</title>{script}{body}'
    page.route(f"{base}/bare/", lambda route: route.fulfill(body=text, content_type="text/html"))
    page.goto(f"{base}/bare/")


def test_a_running_job_shows_its_progress_as_it_is_told(live_server: LiveServer) -> None:
    running = Job(pk=7, title="Import", state="running", done=1, total=4000)
    told = {"state": "running", "done": 3000, "total": 4000, "note": "grid 12", "state_label": "at work"}
    with open_browser() as browser, browser.page() as (page, _watched):
        events = f"retry: 60000\ndata: {json.dumps(told)}\n\n"
        page.route(
            "**/live/jobs/7", lambda route: route.fulfill(body=events, content_type="text/event-stream")
        )
        bare_page(page, live_server.url, render_to_string("minping/parts/job.html", {"job": running}))
        page.get_by_text("at work").wait_for()
        assert page.locator("progress").evaluate("bar => [bar.value, bar.max]") == [3000, 4000]
        assert page.locator("[data-job=count]").inner_text() == "3,000 of 4,000"
        assert page.locator("[data-job=note]").inner_text() == "grid 12"


def test_a_weighty_act_is_sent_only_after_a_yes(live_server: LiveServer) -> None:
    button = '<button name="act" value="end" data-confirm="End this grid?">End</button>'
    form = f'<form action="/styleguide/">{button}</form>'
    with open_browser() as browser, browser.page() as (page, _watched):
        bare_page(page, live_server.url, form)
        page.get_by_role("button", name="End").click()
        assert page.locator("dialog p").inner_text() == "End this grid?"
        page.get_by_role("button", name="Cancel").click()
        assert page.url.endswith("/bare/")
        page.get_by_role("button", name="End").click()
        page.get_by_role("button", name="Yes, go on").click()
        page.wait_for_url("**/styleguide/?act=end")
