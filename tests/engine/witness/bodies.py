"""Witnesses for tests: fixed keys, a memory without files, a clock that ticks; logs of `proof/logs.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from minping_engine.proof import MemoryStore, WitnessKey
from minping_engine.witness import NOTHING, Answer, Latest, Witness, request_from_tiles
from tests.engine.proof.logs import KEY, grown, numbered

BEGIN = 1_790_000_000
LOGS = {KEY.name: (KEY.verifier,)}


class KeptState:
    """The state of one log in memory."""

    def __init__(self) -> None:
        self.latest = NOTHING
        self.evidence: list[bytes] = []

    def record(self, latest: Latest) -> None:
        self.latest = latest

    def keep_evidence(self, note: bytes) -> None:
        self.evidence.append(note)


class KeptStates:
    """A memory without a file."""

    def __init__(self) -> None:
        self.all: dict[str, KeptState] = {}

    @contextmanager
    def exclusive(self, origin: str) -> Iterator[KeptState]:
        yield self.all.setdefault(origin, KeptState())


def key_of(number: int) -> WitnessKey:
    """The key of an invented body."""
    return WitnessKey(f"body-{number}.example.cn/witness", bytes([number]) * 32)


def ticking() -> Callable[[], int]:
    """A clock that goes on by a second each time it is read."""
    times = count(BEGIN)
    return lambda: next(times)


def witness(number: int = 1) -> Witness:
    """A witness that watches the log of `proof/logs.py`."""
    return Witness(key_of(number), LOGS, KeptStates(), ticking())


def log(size: int, *, edited: int | None = None) -> MemoryStore:
    """A log published at that size; one entry may be another one, signed again with the real key."""
    entries = numbered(size)
    if edited is not None:
        entries[edited] = b"edited"
    return grown(entries, [size])


def request(store: MemoryStore, old: int) -> bytes:
    """The request for the log's checkpoint."""
    return bytes(request_from_tiles(store, store.files["checkpoint"], old))


def sent(to: Witness, store: MemoryStore, old: int) -> Answer:
    """What the witness answers."""
    return to.add_checkpoint(request(store, old))


def state(of: Witness) -> KeptState:
    """What the witness remembers of the log."""
    assert isinstance(of.states, KeptStates)
    return of.states.all[KEY.name]
