"""200 random tamperings with a published log: every one is found, and the place is named.

The tamperer may change any file; for some of them he holds the log's real key. The auditor has the public
key, a checkpoint from before, and the word of two witnesses.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from minping_engine.errors import Severity
from minping_engine.proof import (
    FolderStore,
    MemoryStore,
    entry_of,
    leaf_hash,
    pack_entries,
    parse_lines,
    unpack_entries,
)
from minping_engine.verification import LogReport, OutsideProofs, verify_log
from minping_engine.witness import add_cosignatures, quorum_of
from tests.engine.proof.logs import KEY, grown
from tests.engine.witness.bodies import key_of, request, witness

pytestmark = pytest.mark.deep
SIZE, KEPT, OLDER = 3_000, 1_500, 700
TAMPERINGS = 200
FOUND = set[tuple[str, str]]
KEYS = [key_of(number).verifier for number in (1, 2)]
WITNESSED = OutsideProofs(policy=quorum_of(KEYS, 2))


def entries(count: int, first: int = 0) -> list[bytes]:
    return [
        entry_of("ballots", f"s/{n}", {"n": n}, n.to_bytes(32, "big")) for n in range(first, first + count)
    ]


def witnessed(made: list[bytes], sizes: list[int]) -> MemoryStore:
    """A log that two witnesses signed at each of its sizes, as far as they do."""
    bodies, store = [witness(1), witness(2)], MemoryStore()
    for number, old in enumerate([0, *sizes[:-1]], 1):
        store.files |= grown(made, sizes[:number]).files
        answers = [one.add_checkpoint(request(store, old)) for one in bodies]
        lines = [line for one in answers for line in parse_lines(one.body) or ()]
        store.files["checkpoint"] = add_cosignatures(store.files["checkpoint"], lines)
    return store


HONEST = entries(SIZE)
FILES = witnessed(HONEST, [OLDER, KEPT, SIZE]).files
OLD = grown(HONEST[:KEPT], [KEPT]).files["checkpoint"]


class Tampering:
    """One of them: acts on a folder, knows what must be found."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = np.random.default_rng(seed)

    def pick(self, *heads: str) -> str:
        """A file whose name begins like that."""
        return str(self.rng.choice([name for name in sorted(FILES) if name.startswith(heads)]))

    def index(self, count: int) -> int:
        """A place below a number."""
        return int(self.rng.integers(count))

    def write(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)

    def bundle(self) -> tuple[str, list[bytes], int]:
        """A bundle of the newest size, its entries, the index of the first."""
        number = self.index(SIZE // 256)
        name = f"tile/entries/{number:03}"
        return name, unpack_entries(FILES[name], 256) or [], number * 256

    # What is done, and what must be found: codes with the file that is named.

    def flipped_bit(self) -> FOUND:
        name = self.pick("tile", "checkpoint")
        content = bytearray(FILES[name])
        content[self.index(len(content))] ^= 1 << self.index(8)
        self.write(name, bytes(content))
        return {("", name)}

    def other_length(self) -> FOUND:
        name, cut = self.pick("tile"), 1 + self.index(40)
        self.write(name, FILES[name][:-cut] if self.index(2) else FILES[name] + bytes(cut))
        return {("ledger.file_malformed", name)}

    def missing_file(self) -> FOUND:
        newest = [f"tile/entries/{SIZE // 256:03}.p/{SIZE % 256}", f"tile/0/{SIZE // 256:03}.p/{SIZE % 256}"]
        name = str(
            self.rng.choice([*newest, f"tile/0/{self.index(11):03}", f"tile/entries/{self.index(11):03}"])
        )
        (self.folder / name).unlink()
        return {("ledger.file_missing", name)}

    def other_entry(self) -> FOUND:
        name, made, _ = self.bundle()
        made[self.index(256)] = b"another" * (1 + self.index(30))
        self.write(name, pack_entries(made))
        return {("ledger.entry_changed", name)}

    def swapped_entries(self) -> FOUND:
        name, made, _ = self.bundle()
        one, other = self.rng.choice(256, 2, replace=False)
        made[one], made[other] = made[other], made[one]
        self.write(name, pack_entries(made))
        return {("ledger.entry_changed", name)}

    def removed_entry(self) -> FOUND:
        name, made, _ = self.bundle()
        del made[self.index(256)]
        self.write(name, pack_entries(made))
        return {("ledger.file_malformed", name)}

    def entry_with_its_hash(self) -> FOUND:
        """Bundle and tile agree; only the hash above, which the root proves, tells on them."""
        name, made, first = self.bundle()
        made[self.index(256)] = b"another"
        tile = f"tile/0/{first // 256:03}"
        self.write(name, pack_entries(made))
        self.write(tile, b"".join(map(leaf_hash, made)))
        untold = {("ledger.history_unknown", "checkpoint")} if first < KEPT else set()
        return {("ledger.range_unproved", tile), *untold}

    def signed_again(self) -> FOUND:
        """All files made anew over another history, with the real key."""
        made = list(HONEST)
        made[self.index(KEPT)] = b"edited"
        return self.publish(made, "ledger.history_changed")

    def removed_and_signed_again(self) -> FOUND:
        made = list(HONEST)
        del made[self.index(KEPT)]
        return self.publish([*made, *entries(1, SIZE)], "ledger.history_changed")

    def rolled_back(self) -> FOUND:
        return self.publish(HONEST[: OLDER + self.index(KEPT - OLDER)], "ledger.rolled_back")

    def fork_after_the_kept_one(self) -> FOUND:
        """The kept checkpoint cannot tell: the witnesses, who signed later, can."""
        made = list(HONEST)
        made[KEPT + self.index(SIZE - KEPT)] = b"edited"
        return self.publish(made, "witness.quorum_missed")

    def publish(self, made: list[bytes], code: str) -> FOUND:
        """Replace the log; witnesses who know the honest one sign nothing of it."""
        shutil.rmtree(self.folder)
        grown(made, [len(made)], FolderStore(self.folder))
        return {(code, "checkpoint"), ("witness.quorum_missed", "checkpoint")}


KINDS: list[Callable[[Tampering], FOUND]] = [
    Tampering.flipped_bit, Tampering.other_length, Tampering.missing_file, Tampering.other_entry,
    Tampering.swapped_entries, Tampering.removed_entry, Tampering.entry_with_its_hash, Tampering.signed_again,
    Tampering.removed_and_signed_again, Tampering.rolled_back, Tampering.fork_after_the_kept_one,
]  # fmt: skip


def fill(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in FILES.items():
        FolderStore(folder).write(name, content)
    return folder


def checked(folder: Path) -> LogReport:
    return verify_log(folder, KEY.verifier, OLD, outside=WITNESSED)


def faults(report: LogReport) -> FOUND:
    return {(one.code, one.place.file) for one in report.problems if one.severity is Severity.ERROR}


def test_the_honest_log_is_sound(tmp_path: Path) -> None:
    report = checked(fill(tmp_path / "log"))
    assert (report.problems, report.older_size, len(report.cosigned)) == ((), KEPT, 2)


@pytest.mark.parametrize("number", range(TAMPERINGS))
def test_a_tampering_is_found_and_its_place_is_named(tmp_path: Path, number: int) -> None:
    """Each names the file; none but the tampered ones is accused."""
    tampering = Tampering(fill(tmp_path / "log"), number)
    wanted = KINDS[number % len(KINDS)](tampering)
    found = faults(checked(tampering.folder))
    assert found, "sound"
    assert {file for _, file in found} == {file for _, file in wanted}
    assert {one for one in wanted if one[0]} <= found


@pytest.mark.parametrize("number", range(0, TAMPERINGS, 5))
def test_a_changed_entry_is_named_by_its_index(tmp_path: Path, number: int) -> None:
    tampering = Tampering(fill(tmp_path / "log"), number)
    name, made, first = tampering.bundle()
    place = tampering.index(256)
    made[place] = b"another"
    tampering.write(name, pack_entries(made))
    (problem,) = checked(tampering.folder).problems
    assert (problem.code, problem.params["index"]) == ("ledger.entry_changed", first + place)
