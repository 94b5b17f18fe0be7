"""Desks of a journey: everybody's browser, a worker beside the pages, a look past the browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections
from playwright.sync_api import Page

from tests.web.browser import DESKTOP, OpenBrowser, sign_in

SUBMIT = "main form[method=post] button.primary, main form[method=post] button.danger"
PATIENCE = 150
"""Looks at a page before a job is given up; a look takes some tenths of a second."""


@dataclass
class Desk:
    """Somebody's browser."""

    page: Page
    base: str

    def go(self, path: str) -> Page:
        """Open a page that must answer."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page

    def fill(self, path: str, **values: str) -> None:
        """Open a form, fill it in, send it; it must lead on."""
        page = self.go(path)
        for name, value in values.items():
            field = page.locator(f"main [name={name}]").first
            if field.evaluate("(one) => one.tagName") == "SELECT":
                field.select_option(value)
            elif field.get_attribute("type") == "radio":
                page.locator(f"main [name={name}][value={value}]").check()
            else:
                field.fill(value)
        self.send(path)

    def send(self, path: str) -> None:
        """Press the form's button."""
        with self.page.expect_navigation():
            self.page.locator(SUBMIT).first.click()
        told = self.page.locator(".notice.bad, .problems").all_inner_texts()
        assert self.page.url != self.base + path, f"{path}: {told}"

    def until(self, path: str, found: str) -> Page:
        """Look at a page again and again until something is there: a job has ended."""
        for _look in range(PATIENCE):
            page = self.go(path)
            if page.locator(found).count():
                return page
            page.wait_for_timeout(200)
        raise AssertionError(f"{path} never showed {found}")


@contextmanager
def desks(browser: OpenBrowser, sessions: Mapping[str, str], base: str) -> Iterator[dict[str, Desk]]:
    """One browser for each of the staff."""
    with ExitStack() as open_ones:
        found = {}
        for key, session in sessions.items():
            page, _watched = open_ones.enter_context(browser.page(DESKTOP))
            sign_in(page, base, session)
            page.route("**/live/**", lambda route: route.abort())  # the test's server knows no streams
            found[key] = Desk(page, base)
        yield found


def aside(work: Callable[[], Any]) -> Any:
    """Ask the database in another thread: in this one the browser's loop runs."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found, "the work beside the browser failed"
    return found[0]
