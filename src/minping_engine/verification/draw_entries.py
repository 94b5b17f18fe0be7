"""What the log says of a draw: its frame, the naming of its seed and the draw itself, in this order.

In: the head of a draw, a log with its key; perhaps a checkpoint kept from before the public draw, and
disclosed records. Out: where the entries stand, and everything that does not fit. The log itself is checked
as by `verify_log`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from minping_engine.errors import InputError, IntegrityError, Place, Problem, Severity
from minping_engine.proof import FolderStore, VerifierKey, opens, read_entries, read_entry
from minping_engine.sampling import DRAWN, FRAME_SEALED, SEED_NAMED, DrawHead
from minping_engine.verification.log import verify_log
from minping_engine.verification.opened import Disclosed, read_disclosed
from minping_engine.verification.report import LogReport

HEAD = "draw.json"
KEYS = {FRAME_SEALED: "steps.frame", SEED_NAMED: "steps.named", DRAWN: "steps.drawn"}
Record = Mapping[str, object]


@dataclass(frozen=True)
class EntryCheck:
    """What the log showed."""

    log: LogReport | None = None
    indexes: Mapping[str, int] = field(default_factory=dict)
    namings: int = 0
    is_named_before: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass
class _Found:
    """Entries of the draw by kind, with all indexes; every naming there is."""

    entries: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    namings: dict[int, bytes] = field(default_factory=dict)


def check_entries(
    head: DrawHead,
    log_and_key: tuple[Path, VerifierKey | str],
    older_checkpoint: bytes | None,
    *,
    opened: Path | None,
    older_name: str,
) -> EntryCheck:
    """Check the log and look the draw up in it."""
    log, key = log_and_key
    report = verify_log(log, key, older_checkpoint, opened=opened, older_name=older_name)
    if report.size is None:  # nothing is signed, which the report says
        return EntryCheck(report, problems=report.problems)
    steps = {FRAME_SEALED: head.steps.frame, SEED_NAMED: head.steps.named, DRAWN: head.steps.drawn}
    found = _found(log, report.size, steps)
    indexes = {kind: some[0][0] for kind, some in found.entries.items()}
    disclosed = read_disclosed(opened)[0] if opened else []
    return EntryCheck(
        log=report,
        indexes=indexes,
        namings=len(found.namings),
        is_named_before=report.older_size is not None
        and indexes.get(SEED_NAMED, report.size) < report.older_size,
        problems=(
            *report.problems,
            *_entry_problems(steps, found),
            *_order_problems(indexes),
            *_record_problems(head, found, disclosed),
            *_older_problems(report, indexes),
            *_other_namings(head, found, disclosed),
        ),
    )


def _found(log: Path, size: int, steps: Mapping[str, str]) -> _Found:
    """Read all entries for those of the draw."""
    made = _Found()
    try:
        for index, entry in enumerate(read_entries(FolderStore(log), size=size)):
            read = read_entry(entry)
            if read is None:
                continue
            if read.kind == SEED_NAMED:
                made.namings[index] = entry
            if read.step_id and steps.get(read.kind) == read.step_id:
                made.entries.setdefault(read.kind, []).append((index, entry))
    except IntegrityError:
        pass  # a missing bundle stands in the log's own report
    return made


def _entry_problems(steps: Mapping[str, str], found: _Found) -> Iterator[Problem]:
    for kind, step in steps.items():
        place, params = Place(file=HEAD, key=KEYS[kind]), dict[str, object](kind=kind, step=step)
        entries = found.entries.get(kind, [])
        if not entries:
            yield Problem("sampling.entry_missing", place, params)
        elif len(entries) > 1:
            yield Problem("sampling.entry_repeated", place, {**params, "count": len(entries)})


def _order_problems(indexes: Mapping[str, int]) -> Iterator[Problem]:
    """The frame before the naming, the naming before the draw."""
    for first, second in ((FRAME_SEALED, SEED_NAMED), (SEED_NAMED, DRAWN)):
        if first in indexes and second in indexes and indexes[first] > indexes[second]:
            params: dict[str, object] = {
                "first": first, "second": second, "at": indexes[first], "before": indexes[second],
            }  # fmt: skip
            yield Problem("sampling.entry_order", Place(file=HEAD, key=KEYS[first]), params)


def _record_problems(head: DrawHead, found: _Found, lines: Sequence[Disclosed]) -> Iterator[Problem]:
    """Entries whose record is disclosed must say what `draw.json` says; the others are named."""
    for kind, entries in found.entries.items():
        index, entry = entries[0]
        record = _opened(index, entry, lines)
        if record is None:
            place = Place(file=HEAD, key=KEYS[kind])
            params: dict[str, object] = {"kind": kind, "index": index}
            yield Problem("sampling.entry_not_opened", place, params, Severity.WARNING)
            continue
        for key in _differing(kind, head, record):
            yield Problem(
                "sampling.record_differs", Place(file=HEAD, key=key), {"kind": kind, "index": index}
            )


def _differing(kind: str, head: DrawHead, record: Record) -> list[str]:
    """Keys of `draw.json` that the record of the log says otherwise."""
    if kind == FRAME_SEALED:
        return [] if record.get("root") == head.plan.frame_root else ["plan.frame_root"]
    if kind == SEED_NAMED:
        return list(_unequal(head.plan.record(), record, "plan"))
    return list(_unequal(head.outcome.record(), record, "outcome"))


def _unequal(stated: object, logged: object, key: str) -> Iterator[str]:
    """The innermost keys at which two records differ."""
    if isinstance(stated, Mapping) and isinstance(logged, Mapping):
        for name in sorted({*stated, *logged}):
            yield from _unequal(stated.get(name), logged.get(name), f"{key}.{name}")
    elif stated != logged:
        yield key


def _opened(index: int, entry: bytes, lines: Sequence[Disclosed]) -> Record | None:
    for line in lines:
        try:
            if line.index == index and opens(entry, line.record, line.nonce):
                return line.record
        except InputError:  # the log's report names the line
            continue
    return None


def _older_problems(report: LogReport, indexes: Mapping[str, int]) -> Iterator[Problem]:
    """A kept checkpoint that does not hold the naming yet cannot show that it came in time."""
    naming = indexes.get(SEED_NAMED)
    if report.older_size is not None and naming is not None and naming >= report.older_size:
        params: dict[str, object] = {"index": naming, "old": report.older_size}
        yield Problem(
            "sampling.named_later", Place(file=HEAD, key=KEYS[SEED_NAMED]), params, Severity.WARNING
        )


def _other_namings(head: DrawHead, found: _Found, lines: Sequence[Disclosed]) -> Iterator[Problem]:
    """Further seeds named for the same frame: who names many may pick one."""
    own = {index for index, _entry in found.entries.get(SEED_NAMED, [])}
    records = {
        index: _opened(index, entry, lines) for index, entry in found.namings.items() if index not in own
    }
    same = [
        index
        for index, record in records.items()
        if record and record.get("frame_root") == head.plan.frame_root
    ]
    if same:
        params: dict[str, object] = {"count": len(same), "first": same[0]}
        yield Problem("sampling.other_namings", Place(file=HEAD, key="plan.named"), params, Severity.WARNING)
