"""Every role enters the served demonstration in a real browser and opens every page of its menu.

The product runs as `minping serve --demo` runs it: real processes, real policy headers, SQLite. Each page
must answer, fit a desktop and a phone, break no rule of accessibility, and leave the console silent.
Pictures go to MINPING_PICTURES, to be looked at.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from minping_web.access.rules import Role
from tests.web.browser import DESKTOP, PHONE, axe, open_browser, overflow, screenshot
from tests.web.site.running import Deployment

QUICK = ("district_bureau", "worker")
STARTS_WITHIN = 240
FIRST_ROWS = re.compile(
    r"^/(places|people|organisations|frames|jobs|ledger|access|accounts|changes|approvals)/"
)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The address of a demonstration that serves."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    deployment = Deployment(data / "data")
    seeded = deployment.minping("seed", "--households", "2000")
    assert seeded.returncode == 0, seeded.stderr
    command = [sys.executable, "-m", "minping_engine", "serve", "--demo", "--port", str(port)]
    log = (data / "serve.log").open("w")
    process = subprocess.Popen(command, env=deployment.surroundings, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(process, address)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        log.close()


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        assert process.poll() is None, "the demonstration ended before it served"
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"nothing served within {STARTS_WITHIN} s")


def _enter(page: Page, address: str, role: str) -> None:
    page.goto(address)
    page.locator(f"form:has(input[value='{role}']) button").click()
    page.wait_for_load_state()


def _menu(page: Page) -> list[str]:
    """Addresses of the menu, and of the first thing in each list."""
    links = page.locator("nav.menu a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    return list(dict.fromkeys(links))


def _first_row(page: Page) -> str | None:
    rows = page.locator("main table.data tbody a[href^='/']")
    href = rows.first.get_attribute("href") if rows.count() else None
    return href if href and FIRST_ROWS.match(href) and "?" not in href else None


def _judge(page: Page, address: str, path: str, known: set[str]) -> list[str]:
    """What is wrong with a page, wide and narrow; accessibility once for each kind of page and size."""
    answer = page.goto(address + path)
    status = answer.status if answer else 0
    faults = [f"status {status}"] if status != 200 else []
    kind = re.sub(r"\d+|[0-9a-f-]{36}", "N", path)
    for width, height in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        faults += [f"{width} wide: {fault}" for fault in overflow(page)]
        if kind not in known:
            faults += [f"{width} wide: {fault}" for fault in axe(page)]
        if "MINPING_PICTURES" in os.environ:
            screenshot(page, f"{page.title().split(' ')[0]}{path.replace('/', '-')}{width}", whole=False)
    known.add(kind)
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    return faults


def _walk(address: str, roles: tuple[str, ...], known: set[str]) -> dict[tuple[str, str], list[str]]:
    """(role, path) -> faults."""
    found: dict[tuple[str, str], list[str]] = {}
    with open_browser() as browser:
        for role in roles:
            with browser.page(DESKTOP) as (page, watched):
                _enter(page, address, role)
                paths = ["/", *_menu(page)]
                menu = len(paths)
                for number, path in enumerate(paths):
                    found[role, path] = _judge(page, address, path, known)
                    if number < menu and (row := _first_row(page)) and row not in paths:
                        paths.append(row)
                found[role, "console"] = watched.complaints
    return {where: faults for where, faults in found.items() if faults}


def _told(faults: dict[tuple[str, str], list[str]]) -> str:
    return "\n".join(f"{role} {path}: {line}" for (role, path), lines in faults.items() for line in lines)


@pytest.mark.deep
@pytest.mark.long
@pytest.mark.parametrize(
    "roles",
    [
        QUICK,
        pytest.param(tuple(role.value for role in Role if role.value not in QUICK), marks=pytest.mark.deep),
    ],
    ids=["main roles", "all other roles"],
)
def test_every_page_of_the_menu_opens_fits_and_is_accessible(roles: tuple[str, ...], tmp_path: Path) -> None:
    with served(tmp_path) as address:
        faults = _walk(address, roles, set())
    assert not faults, _told(faults)
