"""A real browser for journeys: pages with no outside network, pictures, accessibility, what the console said.

Uses the system's Chromium (`CHROMIUM` names another one); nothing is downloaded. The functions know no
fixture, so that any test or script may use them:

    with open_browser() as browser, browser.page(PHONE) as (page, watched):
        page.goto(live_server.url)
        screenshot(page, "start")
        assert axe(page) == []
        assert overflow(page) == []
        assert watched.complaints == []

Write to the database before the browser opens or after it is closed: while it is open, an event loop runs
in this thread and Django refuses.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser as ChromiumBrowser
from playwright.sync_api import ConsoleMessage, Error, Page, sync_playwright

ASSETS = Path(__file__).parents[1] / "assets"
PICTURES = Path(os.environ.get("MINPING_PICTURES", "/tmp/minping-pictures"))
FLAGS = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none",
)  # fmt: skip
DESKTOP, PHONE = (1440, 900), (360, 760)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium_path() -> str:
    """The browser's program; RuntimeError says what to install."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise RuntimeError("Chromium is needed for these tests: sudo apt-get install chromium fonts-noto-cjk")
    return found


@dataclass
class Watched:
    """What a page complained about: console errors, breaches of the content policy, faults of scripts."""

    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to everything this page says from now on."""
        page.on("console", self._said)
        page.on("pageerror", self._failed)
        page.on("requestfailed", lambda request: self._missed(request.url, request.failure))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, fault: Error) -> None:
        self.complaints.append(f"script: {fault}")

    def _missed(self, url: str, failure: str | None) -> None:
        if failure != "net::ERR_ABORTED":  # a page that was left while it still loaded
            self.complaints.append(f"not loaded: {url}: {failure}")


@dataclass
class OpenBrowser:
    """A running browser; every page has cookies of its own."""

    chromium: ChromiumBrowser

    @contextmanager
    def page(
        self,
        size: tuple[int, int] = DESKTOP,
        *,
        scripts: bool = True,
        language: str = "zh-CN",
        zoom: float = 1,
    ) -> Iterator[tuple[Page, Watched]]:
        """A fresh visitor. `zoom` 2 shows what a reader at 200 % sees."""
        width, height = (round(side / zoom) for side in size)
        context = self.chromium.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=zoom,
            java_script_enabled=scripts,
            locale=language,
            timezone_id="Asia/Shanghai",
            has_touch=size[0] < 600,
            reduced_motion="reduce",
        )
        watched = Watched()
        try:
            page = context.new_page()
            watched.watch(page)
            yield page, watched
        finally:
            context.close()


@contextmanager
def open_browser() -> Iterator[OpenBrowser]:
    """Start the browser, close it afterwards."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        try:
            yield OpenBrowser(chromium)
        finally:
            chromium.close()


def sign_in(page: Page, base: str, session: str) -> None:
    """Enter with the key of a session (`client.session.session_key` after `force_login`)."""
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": base}])


def speak(page: Page, base: str, language: str) -> None:
    """Choose the language as the switch does: `zh-hans` or `en`."""
    page.context.add_cookies([{"name": "minping_language", "value": language, "url": base}])


def screenshot(page: Page, name: str, *, whole: bool = True) -> Path:
    """A picture of the page, to be looked at; its path."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=str(path), full_page=whole)
    return path


def printed(page: Page, name: str) -> Path:
    """The page as it would be printed, a PDF; its path."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.pdf"
    page.pdf(path=str(path), format="A4", prefer_css_page_size=True, print_background=False)
    return path


def axe(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """Breaches of accessibility rules, one line each: rule, how many places, the first of them.

    The rules of axe-core are run from a file through the debugger, which the page's content policy does
    not concern. Only lines come back: what the rules found in order is megabytes.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate((ASSETS / "axe.min.js").read_text("utf-8") + "\n;null")
    return list(page.evaluate(_BREACHES, rules or RULES))


_BREACHES = """async (rules) => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]});
  return found.violations.map(({id, nodes, help}) => `${id} (${nodes.length}): ${help}: ${nodes[0].target}`);
}"""


def overflow(page: Page) -> list[str]:
    """Elements that stick out to the right of the window: the page would scroll sideways."""
    return list(page.evaluate(_STICKING_OUT))


_STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter((part) => part.getBoundingClientRect().right > width + 1)
    .slice(0, 8)
    .map((part) => `${part.tagName.toLowerCase()}.${part.className} ${part.textContent.trim().slice(0, 30)}`);
}"""
