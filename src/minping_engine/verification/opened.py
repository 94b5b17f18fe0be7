"""Disclosed records: whoever gets record and nonce can see that the log promised just this record.

In: JSON lines with `index`, `nonce` (64 hex digits) and `record`. Out: the records with their indexes, and
how many of them open their entry.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from minping_engine.errors import InputError, Place, Problem
from minping_engine.proof import opens


@dataclass(frozen=True)
class Disclosed:
    """One line: the record and nonce said to be those of the entry `index`."""

    row: int
    index: int
    nonce: bytes
    record: Mapping[str, object]


def read_disclosed(file: Path) -> tuple[list[Disclosed], list[Problem]]:
    """The lines of a file, and those that cannot be read."""
    lines, problems = [], []
    try:
        rows = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.of("ledger.opened_unreadable", Place(file=str(file))) from error
    for number, text in enumerate(rows, 1):
        line = _line(number, text)
        if line:
            lines.append(line)
        elif text.strip():
            problems.append(Problem("ledger.opened_malformed", Place(file=file.name, row=number)))
    return lines, problems


def _line(row: int, text: str) -> Disclosed | None:
    try:
        match json.loads(text):
            case {"index": int(index), "nonce": str(nonce), "record": dict(record)}:
                return Disclosed(row, index, bytes.fromhex(nonce), record)
    except (ValueError, RecursionError):
        pass
    return None


def check_disclosed(
    lines: Sequence[Disclosed], entries: Mapping[int, bytes], file: str
) -> tuple[int, list[Problem]]:
    """How many lines open their entry, and a problem for each that does not."""
    problems = []
    for line in lines:
        place = Place(file=file, row=line.row)
        if line.index not in entries:
            problems.append(Problem("ledger.opened_no_entry", place, {"index": line.index}))
        elif not _opens(entries[line.index], line):
            problems.append(Problem("ledger.not_opened", place, {"index": line.index}))
    return len(lines) - len(problems), problems


def _opens(entry: bytes, line: Disclosed) -> bool:
    try:
        return opens(entry, line.record, line.nonce)
    except InputError:  # a nonce of another length, a number that JSON has no one spelling for
        return False
