"""Devices of one household race each other: one ballot, whatever the order (vote.md; S4)."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from django.db import connection

from minping_web.ballots.models import BallotSlot
from minping_web.ballots.rules.sealing import Opener
from minping_web.rounds.models import Invitation, InvitationToken
from minping_web.rounds.rules.words import Channel, TokenState
from minping_web.rounds.services.secrets import RoundSecrets, secrets_of
from tests.web import factories
from tests.web.ballots.served import Device, serving
from tests.web.rounds.factory import OpenRound, open_round

CLIENTS = 6
AREAS = 6
MODES = (Channel.SMS, Channel.QR)


@dataclass
class Seen:
    """What the racing devices were told."""

    statuses: Counter[int] = field(default_factory=Counter)
    receipts: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    slips: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Per household the tokens that were thanked."""

    def note(self, household: UUID, token: str, status: int, receipt: str) -> None:
        """One answer of the server; called by several threads, each step is one operation."""
        self.statuses[status] += 1
        if receipt:
            self.receipts[household].add(receipt)
            self.slips[household].add(token)


def race(ready: OpenRound, address: str) -> Seen:
    """Every device visits every household once, in an order of its own, with any of its slips."""
    seen, lock, start = Seen(), threading.Lock(), threading.Barrier(CLIENTS)

    def run(number: int) -> None:
        rng, households = np.random.default_rng(number), list(ready.by_invitation.items())
        start.wait()
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
    """Run `CLIENTS` of them; a fault in one is the test's fault."""
    faults: list[BaseException] = []

    def kept(number: int) -> None:
        try:
            run(number)
        except BaseException as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=kept, args=(number,)) for number in range(CLIENTS)]
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
    """As many ballots as households, each readable, each spent by the one token that was ever thanked."""
    keys = secrets_of(ready.round.pk)
    assert keys
    assert set(seen.statuses) <= {200, 409}
    spent = {row.pk: row for row in Invitation.objects.filter(round=ready.round, spent_token__isnull=False)}
    slots = list(BallotSlot.objects.filter(round=ready.round))
    assert len(slots) == len(spent) == households
    opener = Opener(ready.private_key)
    areas = Counter(opener.open(ready.round.pk, bytes(slot.pk), bytes(slot.sealed))["area"] for slot in slots)
    assert areas == Counter(row.area_id for row in spent.values())
    assert {bytes(slot.pk) for slot in slots} == {winner(keys, seen, pk)[1] for pk in spent}
    for pk, row in spent.items():
        token, h2 = winner(keys, seen, pk)
        used = InvitationToken.objects.get(h1=keys.h1(token))
        assert (used.pk, used.state) == (row.spent_token, TokenState.USED)
        assert seen.receipts[pk] == {keys.receipt(h2)}


def winner(keys: RoundSecrets, seen: Seen, household: UUID) -> tuple[str, bytes]:
    """The only slip of a household that got a receipt, and its slot."""
    (token,) = seen.slips[household]
    return token, keys.h2(token)


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_six_racing_devices_leave_one_ballot_per_household(tmp_path: Path) -> None:
    ready = open_round(factories.small_district(), n=9, channels=MODES)
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
    with serving(tmp_path) as server:
        seen = race(ready, server.address)
    assert seen.statuses[409] > 1000
    check(ready, seen, households=1000)
