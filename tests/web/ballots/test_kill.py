"""kill -9 in the middle of voting: what was thanked for is there, with its last answer, once.

Devices vote, answer anew, try the other slip of a household, send old forms again and try again after
silence, while the server, and PostgreSQL itself, is killed at random moments. Afterwards the tables are
read past the product. The number of an answer is written in its five ticks.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from django.db import connection, transaction

from minping_web.ballots.rules.sealing import Opener
from minping_web.rounds.rules.words import Channel
from minping_web.rounds.services.secrets import RoundSecrets, secrets_of
from minping_web.rounds.services.spending import standing_of
from tests.web import factories
from tests.web.ballots.served import Device, Page, Served, database_address, serving
from tests.web.postgres import Cluster, own_cluster, programs
from tests.web.rounds.factory import OpenRound, open_round

DEVICES, CODES = 6, 5
CARELESS = "-c synchronous_commit=off -c listen_addresses='' -c max_connections=60"
"""A cluster that was told not to wait for its disk: the vote must wait all the same."""


@dataclass
class Slip:
    """What one device knows of one token."""

    token: str
    seen: Counter[str]
    number: int = 0
    acknowledged: int = 0
    open: list[int] = field(default_factory=list)
    """Answers sent after the last acknowledged one, of which nothing was heard."""
    receipt: str = ""
    old: tuple[int, dict[str, str]] | None = None

    def heard(self, number: int, page: Page | None) -> None:
        """What became of answer `number`."""
        if page is None or page.status == 500:
            self.open.append(number)
        elif page.status == 200:
            assert number >= self.acknowledged, "an older answer was thanked for after a newer one"
            assert page.receipt == (self.receipt or page.receipt)
            self.acknowledged, self.receipt = number, page.receipt
            self.seen["thanks"] += 1
            self.open = [one for one in self.open if one > number]
        else:
            assert page.status == 409, page.status


def ticks(number: int) -> list[int]:
    """Five answers that spell a number."""
    return [number // CODES**place % CODES + 1 for place in range(5)]


def spelled(answers: dict[str, int]) -> int:
    """The number again."""
    return sum((answers[f"q{place + 1}"] - 1) * CODES**place for place in range(5))


def keep_voting(
    device: Device, households: list[list[Slip]], rng: np.random.Generator, stop: threading.Event
) -> None:
    """Until told to stop."""
    while not stop.is_set():
        slips = households[rng.integers(len(households))]
        slip = slips[0] if rng.random() < 0.8 else slips[-1]
        if slip.old and rng.random() < 0.15:
            number, hidden = slip.old  # a form that lay in another window
            slip.heard(number, device.send(slip.token, hidden, ticks(number)))
            continue
        page = device.open(slip.token)
        if page is None or not page.hidden:
            time.sleep(0.02)
            continue
        slip.number += 1
        slip.old = (slip.number, page.hidden) if rng.random() < 0.3 else slip.old
        for _time in range(rng.integers(1, 4)):  # somebody who hears nothing presses again
            answer = device.send(slip.token, page.hidden, ticks(slip.number))
            slip.heard(slip.number, answer)
            if answer is not None and answer.status != 500:
                break


def under_load(ready: OpenRound, address: str, kills: Callable[[Counter[str]], None]) -> list[list[Slip]]:
    """All devices vote while `kills` does its work; each device has households of its own."""
    seen: Counter[str] = Counter()
    households = [[Slip(token, seen) for token in tokens] for tokens in ready.by_invitation.values()]
    stop, faults = threading.Event(), []

    def run(at: int) -> None:
        try:
            with Device(address, timeout=20) as device:
                keep_voting(device, households[at::DEVICES], np.random.default_rng(at), stop)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(at,)) for at in range(DEVICES)]
    for thread in threads:
        thread.start()
    try:
        kills(seen)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not faults, faults
    return households


def at_random(times: int, kill: Callable[[], None]) -> Callable[[Counter[str]], None]:
    """Some kills, each after a number of thanks and a moment that nobody chose."""

    def kills(seen: Counter[str]) -> None:
        rng = np.random.default_rng()
        for at in range(times + 1):
            wanted, until = seen["thanks"] + int(rng.integers(20, 60)), time.monotonic() + 60
            while seen["thanks"] < wanted and time.monotonic() < until:
                time.sleep(0.005)
            if at < times:
                time.sleep(float(rng.uniform(0, 0.05)))
                kill()

    return kills


def rows(address: str, sql: str) -> list[tuple[Any, ...]]:
    """Read the tables without the product."""
    if address.startswith("sqlite"):
        with sqlite3.connect(address.removeprefix("sqlite:///")) as there:
            found = there.execute(sql).fetchall()
        there.close()
        return found
    with psycopg.connect(address) as there:
        return there.execute(sql).fetchall()


def check(ready: OpenRound, households: list[list[Slip]], address: str) -> int:
    """Every acknowledged vote, its last answer, once; how many households voted."""
    keys = secrets_of(ready.round.pk)
    assert keys
    opener = Opener(ready.private_key)
    slots = rows(address, "SELECT h2, sealed FROM ballots_ballotslot")
    stored = {
        bytes(h2): spelled(opener.open(ready.round.pk, bytes(h2), bytes(sealed))["answers"])
        for h2, sealed in slots
    }
    assert len(stored) == len(slots)
    for slips in households:
        _check_household(keys, stored, slips)
    spent = rows(address, "SELECT count(*) FROM rounds_invitation WHERE spent_token IS NOT NULL")[0][0]
    assert spent == len(stored)
    return len(stored)


def _check_household(keys: RoundSecrets, stored: dict[bytes, int], slips: list[Slip]) -> None:
    found = [slip for slip in slips if keys.h2(slip.token) in stored]
    assert len(found) <= 1
    thanked = [slip for slip in slips if slip.receipt]
    assert thanked in ([], found)
    for slip in found:
        h2 = keys.h2(slip.token)
        assert slip.receipt in {"", keys.receipt(h2)}
        wanted = {slip.acknowledged, *slip.open} if slip.receipt else set(slip.open)
        assert stored[h2] in wanted


@pytest.fixture
def ready(transactional_db: None) -> OpenRound:
    """Ninety households with two slips each."""
    return open_round(factories.small_district(), n=15, channels=(Channel.SMS, Channel.QR))


def committing() -> str:
    """What a commit waits for now."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL")
def test_a_vote_waits_for_the_disk_where_the_server_was_told_not_to(ready: OpenRound) -> None:
    assert committing() == "off"
    with transaction.atomic():
        assert standing_of(ready.round.pk, ready.areas[0].pk)
        assert committing() == "on"
    assert committing() == "off"


def killed_and_started(server: Served) -> Callable[[], None]:
    """kill -9, and the watcher's part: start it again."""

    def kill() -> None:
        server.kill()
        server.start()

    return kill


@pytest.mark.sqlite
def test_a_killed_server_loses_no_acknowledged_vote(ready: OpenRound, tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        households = under_load(ready, server.address, at_random(1, killed_and_started(server)))
    assert check(ready, households, database_address()) > 15


@pytest.mark.deep
@pytest.mark.sqlite
def test_a_server_killed_many_times_loses_no_acknowledged_vote(ready: OpenRound, tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        households = under_load(ready, server.address, at_random(8, killed_and_started(server)))
    assert check(ready, households, database_address()) > 50


@pytest.fixture
def own(ready: OpenRound) -> Iterator[Cluster]:
    """A cluster of its own with a copy of this test's tables."""
    if connection.vendor != "postgresql":
        pytest.skip("about PostgreSQL")
    with own_cluster() as cluster:
        cluster.stop("fast")
        cluster.start(CARELESS)
        told = connection.settings_dict
        dump = [
            str(programs() / "pg_dump"),
            "-h",
            told["HOST"],
            "-U",
            "root_of_tests",
            "--no-owner",
            told["NAME"],
        ]
        load = [str(programs() / "psql"), "-q", "-h", str(cluster.socket), "-U", "minping", "minping"]
        text = subprocess.run(dump, check=True, capture_output=True).stdout
        subprocess.run(load, input=text, check=True, capture_output=True)
        yield cluster


def kill_postgresql(cluster: Cluster) -> None:
    """kill -9 of every process of the cluster, and its start."""
    master = int((cluster.folder / "data" / "postmaster.pid").read_text("ascii").split()[0])
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(master)], capture_output=True, text=True, check=True
    )
    for pid in (master, *map(int, listed.stdout.split())):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    for _time in range(20):  # until the kernel has let go of their shared memory
        try:
            return cluster.start(CARELESS)
        except subprocess.CalledProcessError:
            time.sleep(0.2)
    raise AssertionError((cluster.folder / "log").read_text("utf-8")[-2000:])


@pytest.mark.deep
def test_a_killed_postgresql_loses_no_acknowledged_vote(
    ready: OpenRound, own: Cluster, tmp_path: Path
) -> None:
    address = f"postgresql://minping@/minping?host={own.socket}"
    with serving(tmp_path, database=address) as server:
        households = under_load(ready, server.address, at_random(5, lambda: kill_postgresql(own)))
    assert check(ready, households, address) > 50
