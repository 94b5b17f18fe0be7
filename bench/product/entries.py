"""The ledger in bulk: stage records, give indexes, write and sign files; and what the pure part takes.

The floor is the engine alone: entries that are in memory already, appended to tiles in a folder, sealed,
signed, published.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from bench.product.meter import Figure, Spent, spent_on

KIND = "bench.entry"


def measure_ledger(folder: Path, entries: int, runs: int) -> list[Figure]:
    """Figures per `entries` entries; tables divide by their number."""
    from minping_web.ledger.services import sequence, stage_many

    sequence()  # what the seed staged goes first
    staged, indexed, written = [], [], []
    for run in range(runs):
        records = [(f"bench/{run}/{at}", {"unit": at, "kind": "household"}) for at in range(entries)]
        staged.append(spent_on(partial(stage_many, KIND, records)))
        first, second = _sequenced()
        indexed.append(first)
        written.append(second)
    return [
        Figure("floor: the engine appends, seals, signs, publishes", tuple(_floor(folder, entries, runs))),
        Figure("stage: commit to a record, one row each", tuple(staged)),
        Figure("give indexes in the database", tuple(indexed)),
        Figure("read back, append to tiles, sign, publish", tuple(written)),
        Figure("**integrate: indexes and files**", _sums(indexed, written), note="aim: at most 10 µs"),
    ]


def _sums(some: list[Spent], others: list[Spent]) -> tuple[Spent, ...]:
    return tuple(
        Spent(one.wall + other.wall, one.own + other.own, one.server + other.server)
        for one, other in zip(some, others, strict=True)
    )


def _sequenced() -> tuple[Spent, Spent]:
    """The two parts of `sequence`, batch by batch as it does, timed apart."""
    from minping_web.ledger import selectors
    from minping_web.ledger.services.sequencing import assign, publish

    log = selectors.current_log()
    if log is None:
        raise RuntimeError("the first sequencing opens the log")
    given, parts = [1], {"assign": [Spent(0, 0, 0)], "publish": [Spent(0, 0, 0)]}
    while given[-1]:
        parts["assign"].append(spent_on(lambda: given.append(assign(log))))
        parts["publish"].append(spent_on(lambda: publish(log)))
    return _total(parts["assign"]), _total(parts["publish"])


def _total(runs: list[Spent]) -> Spent:
    return Spent(*(sum(getattr(run, name) for run in runs) for name in ("wall", "own", "server")))


def _floor(folder: Path, entries: int, runs: int) -> list[Spent]:
    from minping_engine.proof import SigningKey, entry_of

    key = SigningKey("bench.example/log", bytes(32))
    made = [bytes(entry_of(KIND, f"bench/{at}", {"unit": at}, bytes(32))) for at in range(entries)]
    return [spent_on(partial(_publish, folder / f"floor-{run}", made, key)) for run in range(runs)]


def _publish(folder: Path, entries: list[Any], key: Any) -> None:
    from minping_engine.proof import Appender, FolderStore, publish_checkpoint, sign_checkpoint

    folder.mkdir()
    store = FolderStore(folder)
    appender = Appender(store)
    appender.append(entries)
    publish_checkpoint(store, sign_checkpoint(appender.seal(key.name), key))
