"""From a closed round to paid money and a checked receipt, everybody in a real browser: bureau, the assessed
worker, community, street, auditor, resident.

The round of two workers is closed past the pages (it has a journey of its own). Jobs run in a worker beside
the pages. Pictures go to MINPING_PICTURES, to be looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from minping_web.accounts.models import User
from minping_web.assessments.models import AssessmentRun
from minping_web.ballots.models import CountedReceipt
from minping_web.common.clock import today
from minping_web.common.crypto import make_keys
from minping_web.ledger.services import sequence
from minping_web.objections.models import Preview
from minping_web.people.models import Person
from minping_web.places.models import Area
from minping_web.publications.models import Publication
from tests.web import entering, factories
from tests.web.assessments import factory
from tests.web.browser import PHONE, open_browser, overflow, screenshot
from tests.web.factories import SmallDistrict
from tests.web.journeys.desks import SUBMIT, Desk, aside, desks
from tests.web.ledger.logs import report
from tests.web.snapshots import factory as closing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
BUREAU, SECOND, THIRD, WORKER, COMMUNITY, STREET, AUDITOR = (
    "bureau", "second", "third", "worker", "community", "street", "auditor",
)  # fmt: skip
WHY = "请说明我的分数是怎样自动算出来的，并请工作人员复核。"


@dataclass
class World:
    """What was there before the browser opened."""

    sessions: dict[str, str]
    snapshot: int
    receipt: str


@pytest.fixture
def world(district: SmallDistrict, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    settings.DEMO, settings.DATA_FOLDER, settings.KEY_FOLDER = True, tmp_path / "data", tmp_path / "keys"
    settings.LEDGER_FOLDER = tmp_path / "ledger"
    make_keys(settings.KEY_FOLDER)
    closing.cheap_scrypt(monkeypatch)
    ready = factory.open_for_two(district)
    sealed = factory.close_for_two(ready)
    receipt = CountedReceipt.objects.filter(round=ready.round).earliest("receipt").receipt
    return World(_sessions(ready.areas[1]), sealed.pk, receipt)


def _sessions(area: Area) -> dict[str, str]:
    """Who takes part; the worker is the one whom residents rated low."""
    above = {one.level: one for one in Area.objects.filter(pk__in=area.ancestor_ids)}
    made: dict[str, User] = {}
    for key, role, place in (
        (BUREAU, "district_bureau", None), (SECOND, "district_bureau", None),
        (THIRD, "district_bureau", None),
        (WORKER, "worker", None), (COMMUNITY, "community_staff", above["community"]),
        (STREET, "street_staff", above["street"]), (AUDITOR, "auditor", None),
    ):  # fmt: skip
        made[key] = factories.user(f"journey-{key}")
        factories.grant(made[key], role, area=place)
    Person.objects.filter(code="W1").update(user=made[WORKER])
    return {key: str(entering.sign_in(Client(), who).session.session_key) for key, who in made.items()}


def assess(bureau: Desk, snapshot: int) -> int:
    """Start the assessment and wait for it; gives the run."""
    bureau.fill("/assessments/new/", snapshot=str(snapshot))
    bureau.until(bureau.page.url.removeprefix(bureau.base), "main table.data a[href*='/results/']")
    screenshot(bureau.page, "results-1-run")
    return int(re.findall(r"\d+", bureau.page.url.removeprefix(bureau.base))[0])


def object_and_lose(staff: dict[str, Desk], run: int) -> None:
    """The worker sees the preview and asks for a person; community checks, bureau answers with reasons."""
    staff[BUREAU].go(f"/objections/results/{run}/")
    screenshot(staff[BUREAU].page, "results-2-before-preview")
    staff[BUREAU].go(f"/objections/results/{run}/open/")
    staff[BUREAU].send(f"/objections/results/{run}/open/")
    worker = staff[WORKER]
    page = worker.go("/results/mine/")
    screenshot(page, "results-2-mine-preview")
    page.locator("main a[href*='/objections/mine/'][href$='/new/']").first.click()
    path = page.url.removeprefix(worker.base)
    worker.fill(path, subject="automated", text=WHY)
    screenshot(page, "results-3-objection")
    address = worker.page.url.removeprefix(worker.base)
    staff[COMMUNITY].go("/objections/check/")
    screenshot(staff[COMMUNITY].page, "results-3-to-check")
    number = aside(lambda: Preview.objects.get(run=run).objections.get().pk)
    staff[COMMUNITY].fill(f"/objections/{number}/check/", findings="答卷数量和方式正常，已当面说明。")
    page = staff[BUREAU].go(f"/objections/{number}/decide/")
    screenshot(page, "results-3-decide")
    staff[BUREAU].fill(f"/objections/{number}/decide/", outcome="refused", reasons="已逐项复核，计算无误。")
    screenshot(worker.go(address), "results-3-decided")
    assert "已逐项复核" in worker.page.inner_text("main")


def publish(staff: dict[str, Desk], run: int) -> int:
    """When the window is over two persons publish; gives the publication."""
    aside(lambda: Preview.objects.filter(run=run).update(ends_on=today() - timedelta(days=1)))
    screenshot(staff[BUREAU].go(f"/publications/runs/{run}/"), "results-4-ready")
    staff[BUREAU].page.locator("main [name=reason]").fill("预览期满，异议已全部办结")
    _press(staff[BUREAU].page, SUBMIT)
    approve(staff[SECOND], "results-4-approve")
    staff[BUREAU].until("/publications/", "main a[href^='/publications/'][href$='/']:not([href*='runs'])")
    made = aside(lambda: Publication.objects.get(run=run).pk)
    screenshot(staff[BUREAU].go(f"/publications/{made}/"), "results-4-published")
    return int(made)


def approve(desk: Desk, picture: str) -> None:
    """Somebody else reads the newest proposal and approves it."""
    desk.go("/approvals/").locator("main table a[href^='/approvals/']").first.click()
    screenshot(desk.page, picture)
    desk.page.locator("form[action$='/approve/'] button").first.click()
    _press(desk.page, "dialog button[value=yes]")


def _press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator(button).first.click()


def pay(staff: dict[str, Desk]) -> bytes:
    """One prepares the pay sheet, two others sign it, payroll takes it; gives the file."""
    page = staff[BUREAU].go("/rewards/")
    screenshot(page, "results-5-sheets")
    page.locator("main table a[href^='/rewards/']", has_text="绩效").first.click()
    path = page.url.removeprefix(staff[BUREAU].base)
    screenshot(page, "results-5-sheet")
    prepare(staff[BUREAU], path)
    for key in (SECOND, THIRD):
        sign(staff[key], path)
    screenshot(staff[BUREAU].go(path), "results-5-signed")
    return take(staff[BUREAU], path)


def prepare(bureau: Desk, path: str) -> None:
    """Budget, then ready for signatures."""
    bureau.fill(f"{path}budget/", yuan="10000", source="年度预算（演示）")
    bureau.go(path)
    _press(bureau.page, f"form[action$='{path}prepare/'] button")


def sign(desk: Desk, path: str) -> None:
    """With a second factor, which the session has given."""
    desk.go(f"{path}sign/")
    for box in desk.page.locator("main input[type=checkbox]").all():
        box.check()
    for field in desk.page.locator("main textarea").all():
        field.fill("已核对规则和结果")
    desk.send(f"{path}sign/")


def take(bureau: Desk, path: str) -> bytes:
    """The export for payroll."""
    page = bureau.go(f"{path}export/")
    page.locator("main [name=reason]").fill("本季度发放")
    with page.expect_download() as coming:
        page.locator(SUBMIT).first.click()
    return Path(coming.value.path()).read_bytes()


def look_as_resident(page: Page, base: str, receipt: str, publication: int) -> Path:
    """The bulletin, a file that is checked, a receipt that was counted."""
    page.goto(f"{base}/published/{publication}/")
    screenshot(page, "results-6-bulletin")
    assert overflow(page) == []
    assert "王试" not in page.content(), "persons are never public"
    link = page.locator(f"a[href^='/published/{publication}/files/']").first
    with page.expect_download() as coming:
        link.evaluate("(one) => { one.setAttribute('download', ''); one.click(); }")
    file = Path(coming.value.path())
    page.goto(f"{base}/counted/")
    page.locator("#receipt").fill(receipt)
    page.locator(SUBMIT).first.click()
    page.locator(".notice.ok").wait_for()
    return file


def check_file(page: Page, base: str, file: Path, *, is_known: bool) -> None:
    """Anybody asks whether a file was published."""
    page.goto(f"{base}/published/check/")
    page.locator("main [type=file]").set_input_files(file)
    page.locator(SUBMIT).first.click()
    page.locator("main .notice").first.wait_for()
    screenshot(page, f"results-7-check-{is_known}")
    assert (page.locator(".notice.ok").count() == 1) is is_known


def test_from_a_closed_round_to_paid_money_and_a_checked_receipt(
    world: World, worker: None, live_server: LiveServer, settings: Any, tmp_path: Path
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    base = live_server.url
    with open_browser() as browser, desks(browser, world.sessions, base) as staff:
        run = assess(staff[BUREAU], world.snapshot)
        object_and_lose(staff, run)
        publication = publish(staff, run)
        paid = pay(staff)
        for path in ("/results/mine/", "/rewards/mine/", "/coaching/mine/"):
            screenshot(staff[WORKER].go(path), f"results-8-worker{path.replace('/', '-')}")
        screenshot(staff[STREET].go("/results/"), "results-8-street")
        screenshot(staff[AUDITOR].go(f"/publications/{publication}/"), "results-8-auditor")
        with browser.page(PHONE) as (phone, watched):
            file = look_as_resident(phone, base, world.receipt, publication)
            check_file(phone, base, file, is_known=True)
            file.write_bytes(file.read_bytes() + b" ")
            check_file(phone, base, file, is_known=False)
            assert watched.complaints == []
    _paid_as_assessed(paid, run)
    sequence()
    assert report().is_sound


def _paid_as_assessed(file: bytes, run: int) -> None:
    """The payroll file has the workers of the run, each with the amount of the grade."""
    names = set(AssessmentRun.objects.get(pk=run).results.values_list("name", flat=True))
    rows = list(openpyxl.load_workbook(BytesIO(file)).active.values)  # type: ignore[union-attr]
    assert names == {cell for row in rows[1:] for cell in row if cell in names}
