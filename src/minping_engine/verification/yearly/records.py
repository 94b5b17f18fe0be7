"""The opened records of a year, by kind, each proved by its entry in the log.

In: the log as far as it is signed, `opened.jsonl`, the index. Out: the records that open their entries, in
the order of the log, and a problem for each entry that a year has to open and does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minping_engine.errors import InputError, IntegrityError, Place, Problem, Severity
from minping_engine.proof import Entry, FolderStore, opens, read_entries, read_entry
from minping_engine.verification.opened import Disclosed, read_disclosed
from minping_engine.verification.yearly.index import YearIndex
from minping_engine.verification.yearly.layout import LOG, OPENED, is_opened


@dataclass(frozen=True)
class Opened:
    """A record with the entry that promised it."""

    index: int
    kind: str
    step: str
    row: int
    record: Mapping[str, Any]

    def place(self, key: str = "") -> Place:
        """Its line."""
        return Place(file=OPENED, row=self.row, key=key)


@dataclass
class YearRecords:
    """Records in the order of the log, and what is wrong with them."""

    all: list[Opened] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)
    """Every step of the log with its index, opened or not."""
    problems: list[Problem] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Opened]:
        """Those of some kinds."""
        return [one for one in self.all if one.kind in kinds]


def read_records(folder: Path, index: YearIndex, size: int) -> YearRecords:
    """Open everything that the log's first `size` entries hold of this year."""
    made, entries = YearRecords(), _entries(folder / LOG, size)
    made.steps = {entry.step_id: number for number, (_raw, entry) in enumerate(entries)}
    if not (folder / OPENED).is_file():
        made.problems.append(Problem("year.file_missing", Place(file=OPENED)))
        return made
    lines: dict[int, list[Disclosed]] = {}
    for line in read_disclosed(folder / OPENED)[0]:  # lines that are none stand in the log's report
        lines.setdefault(line.index, []).append(line)
    for number, (raw, entry) in enumerate(entries):
        found = next((one for one in lines.get(number, ()) if _fits(raw, one)), None)
        if found:
            made.all.append(Opened(number, entry.kind, entry.step_id, found.row, found.record))
        elif index.first <= number < index.end and is_opened(entry.kind):
            made.problems.append(_unopened(number, entry, index.forgotten))
    made.problems += _repeated(lines)
    return made


def _entries(log: Path, size: int) -> list[tuple[bytes, Entry]]:
    """As far as they can be read; what cannot stands in the log's report."""
    found: list[tuple[bytes, Entry]] = []
    none = Entry("unreadable", "unreadable", bytes(32))
    try:
        for raw in read_entries(FolderStore(log), size=size):
            found.append((raw, read_entry(raw) or none))
    except IntegrityError:
        pass
    return found


def _fits(raw: bytes, line: Disclosed) -> bool:
    try:
        return opens(raw, line.record, line.nonce)
    except InputError:
        return False


def _unopened(number: int, entry: Entry, forgotten: Sequence[int]) -> Problem:
    params: dict[str, object] = {"index": number, "kind": entry.kind, "step": entry.step_id}
    if number in forgotten:
        return Problem("year.record_forgotten", Place(file=OPENED), params, Severity.WARNING)
    return Problem("year.record_missing", Place(file=OPENED), params)


def _repeated(lines: Mapping[int, Sequence[Disclosed]]) -> Iterator[Problem]:
    for number, some in lines.items():
        for again in some[1:]:
            yield Problem("year.record_twice", Place(file=OPENED, row=again.row), {"index": number})
