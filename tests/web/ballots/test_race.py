"""Devices of one household and its paper form race: one ballot, whatever the order (vote.md; S4)."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from django.db import connection

from minping_web.ballots.models import BallotSlot, PaperSheet
from minping_web.ballots.rules.sealing import Opener
from minping_web.ballots.rules.words import SheetState
from minping_web.ballots.services.paper import key
from minping_web.ballots.services.paper_casting import cast_agreed
from minping_web.rounds.models import Invitation, InvitationToken
from minping_web.rounds.rules.words import Channel, TokenState
from minping_web.rounds.services.secrets import RoundSecrets, secrets_of
from tests.web import factories
from tests.web.ballots.served import Device, serving
from tests.web.rounds.factory import OpenRound, open_round

CLIENTS = 6
AREAS = 6
MODES = (Channel.SMS, Channel.QR, Channel.PAPER)
TYPED = {f"item_q{number}": "1" for number in range(1, 6)}


@dataclass
class Seen:
    """What the racing devices were told."""

    statuses: Counter[int] = field(default_factory=Counter)
    receipts: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    slips: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Per household the tokens that were thanked."""
    sheets: Counter[str] = field(default_factory=Counter)
    """What became of the paper forms."""

    def note(self, household: UUID, token: str, status: int, receipt: str) -> None:
        """One answer of the server; called by several threads, each step is one operation."""
        self.statuses[status] += 1
        if receipt:
            self.receipts[household].add(receipt)
            self.slips[household].add(token)


def keyed_on_paper(ready: OpenRound, every: int) -> None:
    """Every so many households sent their paper form in as well; two persons keyed it and agree."""
    first, second = (factories.scope_with("survey_manager") for _person in range(2))
    for slips in list(ready.by_invitation.values())[::every]:
        for who in (first, second):
            sheet = key(who, ready.round.pk, slips[-1], bundle="1", typed=TYPED)
        assert sheet.state == SheetState.AGREED


def race(ready: OpenRound, address: str) -> Seen:
    """Every device visits every household once, in an order of its own, with any of its slips, the one on the
    paper form too; meanwhile the paper job casts the forms, spread over the race."""
    seen, lock, start = Seen(), threading.Lock(), threading.Barrier(CLIENTS + 1)
    sheets = PaperSheet.objects.filter(round=ready.round).count()
    pace, until = len(ready.by_invitation) * CLIENTS / 2 / sheets, time.monotonic() + 120

    def after_sheet(done: int, _total: int) -> None:
        while seen.statuses.total() < done * pace and time.monotonic() < until:
            time.sleep(0.001)

    def run(number: int) -> None:
        rng, households = np.random.default_rng(number), list(ready.by_invitation.items())
        start.wait()
        if number == CLIENTS:
            seen.sheets = cast_agreed(ready.round.pk, after_sheet)
            return
        with Device(address) as device:
            for at in rng.permutation(len(households)):
                household, slips = households[at]
                token = slips[rng.integers(len(slips))]
                for status, receipt in visit(device, token, rng):
                    with lock:
                        seen.note(household, token, status, receipt)

    in_threads(run)
    return seen


def in_threads(run: Callable[[int], None]) -> None:
    """Run `CLIENTS` of them and the paper job; a fault in one is the test's fault."""
    faults: list[BaseException] = []

    def kept(number: int) -> None:
        try:
            run(number)
        except BaseException as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=kept, args=(number,)) for number in range(CLIENTS + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults


def visit(device: Device, token: str, rng: np.random.Generator) -> list[tuple[int, str]]:
    """Open and send; some send twice, some forget to wait and send a form that is long out of date."""
    form = device.open(token)
    assert form is not None
    hidden = form.hidden or {"form_id": f"old-{rng.integers(1 << 60)}", "rev": "0"}
    told = []
    for _time in range(rng.choice((1, 1, 2))):
        page = device.send(token, hidden, rng.integers(1, 6, size=5).tolist())
        assert page is not None
        told.append((page.status, page.receipt))
    return told


def check(ready: OpenRound, seen: Seen, households: int) -> None:
    """As many ballots as households, each readable, each spent by the one token that was ever thanked, or by
    the paper form; then nobody was thanked on a page."""
    keys = secrets_of(ready.round.pk)
    assert keys
    assert set(seen.statuses) <= {200, 409}
    spent = {row.pk: row for row in Invitation.objects.filter(round=ready.round, spent_token__isnull=False)}
    slots = list(BallotSlot.objects.filter(round=ready.round))
    assert len(slots) == len(spent) == households
    opener = Opener(ready.private_key)
    ballots = {
        bytes(slot.pk): opener.open(ready.round.pk, bytes(slot.pk), bytes(slot.sealed)) for slot in slots
    }
    winners = {pk: winner(keys, seen, row, ready.by_invitation[pk]) for pk, row in spent.items()}
    assert ballots.keys() == {h2 for _token, h2 in winners.values()}
    for pk, row in spent.items():
        token, h2 = winners[pk]
        used = InvitationToken.objects.get(h1=keys.h1(token))
        assert (used.pk, used.state) == (row.spent_token, TokenState.USED)
        assert (ballots[h2]["area"], ballots[h2]["mode_used"]) == (row.area_id, row.spent_mode)
        assert seen.receipts[pk] == (set() if row.spent_mode == Channel.PAPER else {keys.receipt(h2)})
    by_paper = sum(row.spent_mode == Channel.PAPER for row in spent.values())
    assert seen.sheets == {"cast": by_paper, "refused": PaperSheet.objects.count() - by_paper}
    assert min(seen.sheets.values()) > 0, "neither way won every time"


def winner(keys: RoundSecrets, seen: Seen, row: Invitation, slips: list[str]) -> tuple[str, bytes]:
    """The only slip of a household that got a receipt, or that of its paper form, and its slot."""
    thanked = seen.slips[row.pk]
    (token,) = slips[-1:] if row.spent_mode == Channel.PAPER else thanked
    assert thanked == (set() if row.spent_mode == Channel.PAPER else {token})
    return token, keys.h2(token)


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_six_racing_devices_and_the_paper_job_leave_one_ballot_per_household(tmp_path: Path) -> None:
    ready = open_round(factories.small_district(), n=9, channels=MODES)
    keyed_on_paper(ready, every=1)
    with serving(tmp_path) as server:
        seen = race(ready, server.address)
    assert seen.statuses[409] > 50
    check(ready, seen, households=9 * AREAS)


@pytest.mark.deep
@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_six_devices_race_for_a_thousand_households(tmp_path: Path) -> None:
    district = factories.small_district()
    ready = open_round(district, n=200, areas=district.responsibility_areas[:5], channels=MODES)
    keyed_on_paper(ready, every=5)
    with serving(tmp_path) as server:
        seen = race(ready, server.address)
    assert seen.statuses[409] > 1000
    check(ready, seen, households=1000)
