"""Whoever takes everything but the private key before closing, and everything left after it, guesses.

The attacker of vote.md: tables with their physical order and transactions (data directory, WAL, base backup
and dump say no more), K1, K2 and KR from before closing, the snapshot and all files from after it. From
transactions he knows which slot a household has, when it voted first and when last: a third of the
households answer twice. He lays every order he can think of on the households
beside every order of the snapshot, inside the smallest cells that were released, and pairs first with
first. What he hits is what chance hits; on a spool without seal and shuffle, or with numbers in order, the
same attack names everybody.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings
from django.db import connection
from scipy.stats import binom

from minping_engine.snapshot import open_snapshot, read_parquet
from minping_web.ballots.models import BallotSlot, RoundKey
from minping_web.ballots.rules.sealing import Opener
from minping_web.ballots.rules.words import Body
from minping_web.ballots.services.key_files import read_private
from minping_web.places.models import Area
from minping_web.rounds.rules.words import Channel
from minping_web.rounds.services.secrets import key_folder, secrets_of
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.services import ballot_tables, writing
from tests.web import factories
from tests.web.postgres import programs
from tests.web.rounds.factory import OpenRound, open_round
from tests.web.snapshots import factory

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
KNOWN = ("target", "mode", "stratum", "randomised", "cell_tenure")
"""Released columns that somebody who has the frame and the invitations knows of a household."""
Answers = tuple[int, ...]
Keepers = dict[Body, factory.Keeper]


@dataclass(frozen=True)
class Household:
    """What the attacker has of one household before closing: places in every order, and its slot."""

    invitation: UUID
    h1: bytes
    h2: bytes
    receipt: str
    slot_place: tuple[int, ...]
    token_place: tuple[int, ...]
    sealed: bytes
    first_vote: int
    last_vote: int
    rev: int


@dataclass(frozen=True)
class Ballot:
    """One row of the snapshot, in the order of the file."""

    place: int
    number: int
    cell: tuple[int, ...]
    answers: Answers


@dataclass(frozen=True)
class Loot:
    """Everything that was taken, and the truth, which only the test knows."""

    households: list[Household]
    ballots: list[Ballot]
    truth: dict[UUID, Answers]


HOUSEHOLD_ORDERS: dict[str, Callable[[Household], Any]] = {
    "order of first votes (WAL)": lambda one: one.first_vote,
    "order of last votes (WAL)": lambda one: one.last_vote,
    "order of slots' rows": lambda one: one.slot_place,
    "revision, then row": lambda one: (one.rev, one.slot_place),
    "order of tokens' rows": lambda one: one.token_place,
    "h1": lambda one: one.h1,
    "h2": lambda one: one.h2,
    "receipt": lambda one: one.receipt,
    "sealed bytes": lambda one: one.sealed,
}
BALLOT_ORDERS: dict[str, Callable[[Ballot], Any]] = {
    "row": lambda one: one.place,
    "number": lambda one: one.number,
    "number, backwards": lambda one: -one.number,
    "low bits of the number": lambda one: one.number & 0xFFFF,
}


def attack(loot: Loot, of_household: Callable[[Household], Any], of_ballot: Callable[[Ballot], Any]) -> int:
    """How many households get their own ballot when both sides are laid in order, cell by cell."""
    owner = {answers: household for household, answers in loot.truth.items()}
    cell_of = {owner[ballot.answers]: ballot.cell for ballot in loot.ballots}
    hits = 0
    for cell in set(cell_of.values()):
        mine = [one for one in loot.households if cell_of[one.invitation] == cell]
        theirs = [one for one in loot.ballots if one.cell == cell]
        pairs = zip(sorted(mine, key=of_household), sorted(theirs, key=of_ballot), strict=True)
        hits += sum(loot.truth[one.invitation] == ballot.answers for one, ballot in pairs)
    return hits


def best(loot: Loot) -> dict[tuple[str, str], int]:
    """All pairs of orders."""
    return {
        (one, other): attack(loot, HOUSEHOLD_ORDERS[one], BALLOT_ORDERS[other])
        for one, other in product(HOUSEHOLD_ORDERS, BALLOT_ORDERS)
    }


def band(loot: Loot, miss: float) -> tuple[int, int]:
    """What chance hits, but for a share `miss` of all rounds: one hit in each cell on average."""
    n, cells = len(loot.ballots), len({ballot.cell for ballot in loot.ballots})
    return int(binom.ppf(miss / 2, n, cells / n)), int(binom.ppf(1 - miss / 2, n, cells / n))


# --- the round ---------------------------------------------------------------------------------


@pytest.fixture
def keepers(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Keepers:
    """Three custodians."""
    factory.cheap_scrypt(monkeypatch)
    return factory.three_keepers()


def areas(number: int) -> list[Area]:
    """Rated areas below one grid."""
    grid = factories.small_district().grids[0]
    return [factories.area("responsibility_area", f"第{at}责任田", grid) for at in range(number)]


@dataclass(frozen=True)
class Voted:
    """What happened: each household's last answers, the place of its votes among all, what they replaced."""

    truth: dict[UUID, Answers]
    votes: dict[UUID, list[int]]
    replaced: list[tuple[bytes, bytes]]
    """Slots with the sealed ballots that were in them."""


def voted(number: int, each: int) -> tuple[OpenRound, Voted]:
    """A round in which everybody votes, in random order, by message or letter, each in a way of its own; a
    third change their mind later."""
    places = areas(number)
    ready = open_round(
        factories.SmallDistrict(places[0], [], [], [], places), n=each, channels=(Channel.SMS, Channel.QR)
    )
    factory.reseal(ready)
    rng, invited, keys = np.random.default_rng(), list(ready.by_invitation), secrets_of(ready.round.pk)
    assert keys
    done = Voted({}, {one: [] for one in invited}, [])
    again = rng.choice(len(invited), len(invited) // 3, replace=False)
    order, codes = rng.permutation([*range(len(invited)), *again]), rng.permutation(5**5)
    used = rng.integers(2, size=len(invited))
    for at, (place, code) in enumerate(zip(order, codes, strict=False)):
        invitation = invited[place]
        answers, before = tuple(int(code) // 5**power % 5 + 1 for power in range(5)), done.votes[invitation]
        token = ready.by_invitation[invitation][used[place]]
        if before:
            slot = BallotSlot.objects.get(pk=keys.h2(token))
            done.replaced.append((bytes(slot.pk), bytes(slot.sealed)))
        told = factory.vote(token, answers, about={}, base_rev=len(before), form_id=f"form {at}")
        before.append(at)
        assert told.kind.is_counted
        assert told.rev == len(before)
        done.truth[invitation] = answers
    return ready, done


def households(ready: OpenRound, done: Voted) -> list[Household]:
    """What tables and keys tell before closing; the transaction that wrote a slot marked its household."""
    keys = secrets_of(ready.round.pk)
    assert keys
    place = "(ctid::text::point)[0]::bigint, (ctid::text::point)[1]::bigint"
    place = place if connection.vendor == "postgresql" else "rowid, 0"
    slots, tokens = {}, {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT h2, {place}, sealed, rev FROM ballots_ballotslot")
        for h2, page, line, sealed, rev in cursor.fetchall():
            slots[bytes(h2)] = (int(page), int(line)), bytes(sealed), int(rev)
        cursor.execute(f"SELECT h1, {place} FROM rounds_invitationtoken")
        for h1, page, line in cursor.fetchall():
            tokens[bytes(h1)] = int(page), int(line)
    found = []
    for invitation, slips in ready.by_invitation.items():
        token = next(one for one in slips if keys.h2(one) in slots)
        h1, h2 = keys.h1(token), keys.h2(token)
        at, sealed, rev = slots[h2]
        votes = done.votes[invitation]
        found.append(
            Household(
                invitation, h1, h2, keys.receipt(h2), at, tokens[h1], sealed, votes[0], votes[-1], rev
            )
        )  # fmt: skip
    return found


def close(ready: OpenRound, keepers: Keepers) -> bytes:
    """Two custodians close; the private key, which only the test sees."""
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    private = read_private(ready.round.pk)
    factory.close(ready)
    assert private
    return private


def ballots(ready: OpenRound) -> list[Ballot]:
    """The sealed snapshot, as published."""
    folder = writing.snapshot_folder() / SealedSnapshot.objects.get(round=ready.round).folder
    (part,) = open_snapshot(folder).parts
    return [
        Ballot(
            place, row["ballot_id"], tuple(row[name] for name in KNOWN),
            tuple(row[f"item_q{item}"] for item in range(1, 6)),
        )
        for place, row in enumerate(read_parquet(part.path).to_pylist())
    ]  # fmt: skip


def looted(keepers: Keepers, number: int, each: int) -> Loot:
    """A round from its first vote to its purge."""
    ready, done = voted(number, each)
    taken = households(ready, done)
    assert Counter(one.rev for one in taken)[2] == number * each // 3
    close(ready, keepers)
    found = ballots(ready)
    assert len(found) == len(taken) == number * each
    assert Counter(one.answers for one in found) == Counter(done.truth.values())
    return Loot(taken, found, done.truth)


def spool(loot: Loot) -> Loot:
    """The same votes in a plain spool that was published as it stood: no seal, no shuffle."""
    cell_of = {ballot.answers: ballot.cell for ballot in loot.ballots}
    ordered = sorted(loot.households, key=lambda one: one.slot_place)
    rows = [(cell_of[loot.truth[one.invitation]], loot.truth[one.invitation]) for one in ordered]
    return Loot(
        loot.households,
        [Ballot(at, at, cell, answers) for at, (cell, answers) in enumerate(rows)],
        loot.truth,
    )


# --- what is promised --------------------------------------------------------------------------


def test_orders_name_nobody_and_would_on_a_plain_spool(keepers: Keepers) -> None:
    loot = looted(keepers, 3, 30)
    low, high = band(loot, miss=1e-7)
    assert high < 45
    assert all(low <= hits <= high for hits in best(loot).values()), best(loot)
    assert max(best(spool(loot)).values()) == 90


@pytest.mark.deep
def test_a_thousand_ballots_are_hit_as_chance_hits_them(keepers: Keepers) -> None:
    """In the 99 % band of all attacks together. Chance leaves it once in a hundred rounds, so there are three
    tries; a leak would not survive one."""
    for _time in range(3):
        loot = looted(keepers, 10, 100)
        found = best(loot)
        low, high = band(loot, miss=0.01 / len(found))
        assert high < 120
        assert max(best(spool(loot)).values()) == 1000
        if all(low <= hits <= high for hits in found.values()):
            return
    raise AssertionError(f"{found} not within {low}..{high}")


def test_the_attack_finds_a_snapshot_whose_numbers_follow_the_slots(
    keepers: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballot_tables, "fresh_numbers", lambda n: np.arange(n, dtype=np.int64))
    assert best(looted(keepers, 3, 20))["h2", "number"] == 60


# --- what is left on disks -------------------------------------------------------------------


def files() -> Iterator[Path]:
    """All of the database and of the data folder, write-ahead logs and free pages with them."""
    folders = [Path(settings.DATA_FOLDER)]
    if connection.vendor == "postgresql":
        told = connection.settings_dict
        with psycopg.connect(host=told["HOST"], dbname=told["NAME"], user="root_of_tests") as there:
            there.execute("CHECKPOINT")
        folders.append(Path(told["HOST"]) / "data")
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())


def holding(words: dict[str, bytes], paths: list[Path]) -> dict[str, set[str]]:
    """Which words stand in which files."""
    found: dict[str, set[str]] = {}
    for path in paths:
        try:
            data = path.read_bytes()
        except FileNotFoundError:  # the database removes files of its own
            continue
        for name, word in words.items():
            if word in data:
                found.setdefault(name, set()).add(path.name)
    return found


def spellings(name: str, secret: bytes) -> dict[str, bytes]:
    """A key as bytes, as hexadecimal digits, as PostgreSQL prints it."""
    return {f"{name}, raw": secret, f"{name}, hex": secret.hex().encode()}


def dumped(target: Path) -> list[Path]:
    """A logical copy of the whole database, as text, by PostgreSQL's own program."""
    if connection.vendor != "postgresql":
        return []
    told = connection.settings_dict
    subprocess.run(
        [
            str(programs() / "pg_dump"), "-h", told["HOST"], "-U", "root_of_tests",
            "-f", str(target), told["NAME"],
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return [target]


@pytest.mark.deep
def test_what_is_left_holds_no_key_no_token_and_no_open_ballot(keepers: Keepers, tmp_path: Path) -> None:
    ready, done = voted(2, 21)
    keys, tokens = secrets_of(ready.round.pk), [one for some in ready.by_invitation.values() for one in some]
    assert keys
    slots = [(bytes(slot.pk), bytes(slot.sealed)) for slot in BallotSlot.objects.all()]
    public = bytes(RoundKey.objects.get(pk=ready.round.pk).public_key)
    sealed = {f"slot {at}": one[1000:1400] for at, (_h2, one) in enumerate(slots)}  # within one page
    printed = {name: one.hex().encode() for name, one in sealed.items()}
    assert holding(sealed, list(files())).keys() == sealed.keys(), "the search finds what is there"
    old = {f"replaced {at}": one[1000:1400] for at, (_h2, one) in enumerate(done.replaced)}
    before = dumped(tmp_path / "before.sql")
    assert all(holding(printed, [dump]).keys() == printed.keys() for dump in before), "and so in a dump"
    private = close(ready, keepers)
    assert X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw() == public
    opener = Opener(private)
    words = {f"token {at}": token.encode() for at, token in enumerate(tokens)}
    for at, (h2, one) in enumerate([*slots, *done.replaced]):
        words[f"nonce {at}"] = str(opener.open(ready.round.pk, h2, one)["nonce"]).encode()
    for name, key in (("private", private), ("K1", keys.k1), ("K2", keys.k2), ("KR", keys.kr)):
        words |= spellings(name, key)
    after = dumped(tmp_path / "after.sql")
    left = [*files(), *before, *after]
    assert holding(words, left) == {}
    assert not key_folder(ready.round.pk).exists()
    kept = [path for path in left if "pg_wal" not in path.parts and path not in before]
    assert holding(sealed | printed | old, kept) == {}, (
        "only the write-ahead log of PostgreSQL still has sealed slots"
    )
