"""One round in a real browser, everybody in turn: bureau, its second person, firm, residents, two custodians,
auditor, and a resident who checks the count.

The district is the demonstration's small one; jobs run in a worker beside the pages. Texts, questionnaire and
custodians are made by the services first, their pages have journeys of their own. Pictures go to
MINPING_PICTURES, to be looked at.
"""

from __future__ import annotations

import re
import subprocess
import zipfile
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from minping_engine.demo import DemoParameters, District, make_district
from minping_web.accounts.models import User
from minping_web.ballots.models import RoundClosing
from minping_web.ballots.rules import custody
from minping_web.ballots.rules.words import Body
from minping_web.channels.models import Provider
from minping_web.common.crypto import make_keys
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.tokens import grouped
from minping_web.site.demo.accounts import account_of
from minping_web.site.demo.closing_seed import KEEPERS, PASSPHRASE, key_file, seed_custodians
from minping_web.site.demo.round_plan import AUDITOR, BUREAU, FIRM, LAST, SECOND, demo_folder
from minping_web.site.demo.round_seed import seed_questionnaire, seed_texts
from minping_web.site.demo.seed import fill
from minping_web.site.demo.units_seed import QUARTER_FRAME
from minping_web.site.demo.votes_seed import Answering, Voting, links_of
from tests.web import entering
from tests.web.browser import PHONE, open_browser, overflow, screenshot
from tests.web.journeys.desks import SUBMIT, Desk, aside, desks
from tests.web.site.running import MINPING

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
NAME, PER_AREA = "浏览器里的一轮", 12


@dataclass
class World:
    """What was there before the browser opened."""

    district: District
    questionnaire: int
    sessions: dict[str, str]
    keys: Path


@pytest.fixture
def world(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    settings.DEMO, settings.DATA_FOLDER, settings.KEY_FOLDER = True, tmp_path / "data", tmp_path / "keys"
    settings.ROOT_URLCONF = "tests.web.site.demo_addresses"
    monkeypatch.setattr(custody, "SCRYPT_N", 2**10)  # guessing passphrases is not under test
    make_keys(settings.KEY_FOLDER)
    Provider.objects.get_or_create(name="outbox", defaults={"title": "文件", "kind": "file", "price_li": 45})
    district = make_district(DemoParameters.small(), 1)
    fill(district, households=400, tell=lambda line: None)
    seed_texts()
    seed_custodians()
    sessions = {key: _session(key) for key in (BUREAU, SECOND, FIRM, AUDITOR)}
    return World(district, seed_questionnaire().pk, sessions, demo_folder())


def _session(key: str) -> str:
    account = account_of(key)
    assert account is not None
    client = entering.sign_in(Client(), User.objects.get(username=account.username))
    return str(client.session.session_key)


def prepare(staff: dict[str, Desk], questionnaire: int) -> str:
    """From the empty form to the draw; gives the round's address."""
    bureau, second, auditor = staff[BUREAU], staff[SECOND], staff[AUDITOR]
    moment = timezone.localtime()
    page = bureau.go("/rounds/new/")
    frame = page.locator("[name=frame] option", has_text=QUARTER_FRAME).get_attribute("value") or ""
    bureau.fill(
        "/rounds/new/", name=NAME, period="2020Q4", scheme_id="gulou-worker", frame=frame,
        level="responsibility_area", subject="community_worker",
        opens_at=f"{moment - timedelta(minutes=2):%Y-%m-%dT%H:%M}",
        closes_at=f"{moment + timedelta(days=7):%Y-%m-%dT%H:%M}",
    )  # fmt: skip
    path = re.sub(r"questionnaires/.*", "", bureau.page.url.removeprefix(bureau.base))
    asked = str(questionnaire)
    bureau.fill(f"{path}questionnaires/", elderly=asked, young_and_middle_aged=asked)
    _sample(bureau, path)
    bureau.fill(
        f"{path}seed/", seed_source="演示用的值", seed_on=f"{moment:%Y-%m-%d}", seed_form="## ## ## ##",
        seed_fallback="掷骰", seed_fallback_form="########",
    )  # fmt: skip
    screenshot(bureau.go(path), "round-1-draft")
    bureau.fill(f"{path}fix/", reason="按计划开展")
    approve(second, "round-2-approve")
    bureau.until(path, "main a[href$='/value/']")  # the frame is being listed
    bureau.fill(f"{path}value/", value="07 11 15 22", again="07 11 15 22")
    approve(auditor, "round-2-value")
    return path


def approve(desk: Desk, picture: str) -> None:
    """Somebody else reads what is proposed for this round and approves it."""
    desk.go("/approvals/").locator("main a[href^='/approvals/']", has_text=NAME).first.click()
    screenshot(desk.page, picture)
    desk.page.locator("form[action$='/approve/'] button").first.click()
    with desk.page.expect_navigation():
        desk.page.locator("dialog button[value=yes]").click()


def _sample(bureau: Desk, path: str) -> None:
    page = bureau.go(f"{path}sample/")
    page.locator("[name=per_area]").fill(str(PER_AREA))
    page.locator("[name=wanted]").fill("6")
    page.locator("[name=audiences][value=organisation]").uncheck()
    screenshot(page, "round-1-sample")
    bureau.send(f"{path}sample/")


def invite(firm: Desk, path: str) -> None:
    """The third party makes the messages, approves the small batch, lets it go."""
    page = firm.go(f"{path}invitations/new/")
    text = page.locator("[name=text_version] option", has_text="邀请").first.get_attribute("value") or ""
    provider = page.locator("[name=provider] option[value]:not([value=''])").first.get_attribute("value")
    firm.fill(
        f"{path}invitations/new/", title="邀请短信", purpose="invite", text_version=text,
        provider=provider or "", language="zh", budget="500",
    )  # fmt: skip
    batch = firm.until(f"{path}invitations/", "main a[href^='/channels/']")
    carrier = batch.locator("main a[href^='/channels/']").first.get_attribute("href") or ""
    firm.until(carrier, "a[href$='/approve/']")
    screenshot(firm.page, "round-3-messages")
    firm.fill(f"{carrier}approve/", reason="按计划开展")
    firm.go(carrier)
    with firm.page.expect_navigation():
        firm.page.locator("form[action$='/send/'] button").click()
    firm.until(carrier, "form[action$='/file/']")


def vote(page: Page, address: str, name: str) -> str:
    """Five taps; the receipt."""
    page.goto(address)
    screenshot(page, f"round-4-{name}")
    assert overflow(page) == []
    return _answered(page, name)


def _answered(page: Page, name: str) -> str:
    for number in range(1, 6):
        page.locator(f"fieldset:has([name=item_q{number}]) label").first.click()
    page.locator("form.vote button").click()
    screenshot(page, f"round-4-{name}-thanks")
    return str(page.locator("[data-receipt]").get_attribute("data-receipt"))


def vote_by_code(page: Page, base: str, token: str) -> str:
    """The second household types the code of its letter."""
    page.goto(f"{base}/v/")
    page.locator("#code").fill(grouped(token).lower())
    page.locator("form button.primary").click()
    return _answered(page, "by-code")


def others_vote(district: District) -> int:
    """The rest of the district answers as in the demonstration, past the pages."""
    plan = replace(LAST, name=NAME)
    voting = Voting(plan, SurveyRound.objects.get(name=NAME), Answering(district))
    return voting.cast_all(lambda done, total: None)


def close(staff: dict[str, Desk], path: str, keys: Path) -> str:
    """Two of the bureau end the voting early, two custodians bring their files; the closing's address."""
    bureau, number = staff[BUREAU], path.strip("/").split("/")[1]
    bureau.fill(f"/closing/{number}/start/", reason="试验到此为止")
    approve(staff[SECOND], "round-5-early-end")
    for body in (Body.BUREAU, Body.AUDITOR):
        desk = staff[KEEPERS[body]]
        page = desk.go(f"/closing/{number}/key/")
        page.locator("main [name=file]").set_input_files(keys / key_file(body))
        page.locator("main [name=passphrase]").fill(PASSPHRASE)
        screenshot(page, f"round-5-key-{body.value}")
        desk.send(f"/closing/{number}/key/")
    screenshot(bureau.until(f"/closing/{number}/", f"a[href='/counted/{number}/']"), "round-6-counted")
    return number


def downloads(auditor: Desk, path: str, folder: Path) -> tuple[Path, Path]:
    """The auditor takes draw and snapshot; both unpacked."""
    with auditor.page.expect_download() as coming:
        auditor.go(path).locator(f"a[href='{path}draw/']").click()
    draw = _unpacked(coming.value.path(), folder / "draw")
    page = auditor.go("/snapshots/")
    page.locator("main table a[href^='/snapshots/']").first.click()
    screenshot(page, "round-7-snapshot")
    page.locator("main a[href$='/download/']").click()
    page.locator("main [name=reason]").fill("核对计票")
    with auditor.page.expect_download() as coming:
        page.locator(SUBMIT).first.click()
    return draw, _unpacked(coming.value.path(), folder / "snapshot")


def _unpacked(file: Path, target: Path) -> Path:
    with zipfile.ZipFile(file) as archive:
        archive.extractall(target)
    return next(one for one in target.iterdir() if one.is_dir())


def check_receipt(page: Page, base: str, receipt: str, name: str) -> None:
    """A resident looks the receipt up."""
    page.goto(f"{base}/counted/")
    page.locator("#receipt").fill(receipt)
    page.locator(SUBMIT).first.click()
    page.locator(".notice.ok").wait_for()
    screenshot(page, f"round-8-{name}")


def minping(*words: str) -> None:
    """A command that must end well."""
    done = subprocess.run([*MINPING, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.deep
def test_a_round_from_draft_to_score(
    world: World, worker: None, live_server: LiveServer, settings: Any, tmp_path: Path
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    base = live_server.url
    with open_browser() as browser, desks(browser, world.sessions, base) as staff:
        path = prepare(staff, world.questionnaire)
        staff[FIRM].until(path, f"a[href^='{path}invitations/']")
        staff[BUREAU].until(path, f"a[href='{path}open/']")
        invite(staff[FIRM], path)
        staff[BUREAU].go(f"{path}open/")
        staff[BUREAU].send(f"{path}open/")
        links = aside(lambda: list(links_of(SurveyRound.objects.get(name=NAME))))
        with browser.page(PHONE) as (phone, watched):
            receipts = [vote(phone, f"{base}/v/{links[0]}/", "link"), vote_by_code(phone, base, links[1])]
            assert watched.complaints == []
        cast = aside(lambda: others_vote(world.district))
        screenshot(staff[BUREAU].go(f"{path}progress/"), "round-4-progress")
        close(staff, path, world.keys)
        draw, snapshot = downloads(staff[AUDITOR], path, tmp_path)
        with browser.page(PHONE) as (phone, _watched):
            for number, receipt in enumerate(receipts):
                check_receipt(phone, base, receipt, f"receipt-{number}")
    minping("verify", "draw", str(draw))
    result = tmp_path / "result"
    minping("assess", "gulou-worker", str(snapshot), "--demo-values", "--no-cards", "-o", str(result))
    scores = pq.read_table(result / "scores.parquet")
    withheld = sum(row["withheld"] for row in RoundClosing.objects.get(round__name=NAME).counts)
    assert sum(scores["n_ballots"].to_pylist()) == cast + len(receipts) - withheld
    assert any(score is not None for score in scores["score"].to_pylist())
