"""`verify_year`: everything that a year's folder promises, from its files alone.

Log, opened records, every file hashed again, draws made again, the engine run again, receipts, publications,
and the chain between them. Parts are independent of each other and run in as many processes as are given.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from minping_engine.errors import MinpingError, Place, Problem, Severity
from minping_engine.sampling import DRAWN
from minping_engine.verification.draw import verify_draw
from minping_engine.verification.log import verify_log
from minping_engine.verification.outside import OutsideProofs
from minping_engine.verification.report import LogReport
from minping_engine.verification.yearly.ballots import check_ballots
from minping_engine.verification.yearly.chain import check_chain, check_publication
from minping_engine.verification.yearly.found import Found, joined, within
from minping_engine.verification.yearly.index import YearIndex, file_problems, read_index
from minping_engine.verification.yearly.inputs import (
    check_instrument,
    check_receipts,
    check_scheme,
    check_snapshot_folder,
)
from minping_engine.verification.yearly.layout import (
    COUNTED,
    DRAWS,
    INDEX,
    INSTRUMENT_FROZEN,
    INSTRUMENTS,
    LOG,
    OPENED,
    PUBLISHED,
    RECEIPTS,
    RESULT,
    RESULTS,
    SCHEME_FROZEN,
    SCHEMES,
    SNAPSHOT_KINDS,
    SNAPSHOTS,
    part_name,
)
from minping_engine.verification.yearly.outside import check_policy_file, check_stamps, policy_of
from minping_engine.verification.yearly.records import YearRecords, read_records
from minping_engine.verification.yearly.rerun import check_result

Part = Callable[[], Found]
LOG_FILES = frozenset({"checkpoint"})


@dataclass(frozen=True)
class YearReport:
    """What the check of a year found. `counts`: how many of what were checked."""

    year: int
    log: LogReport | None
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    key_is_own: bool = True
    """Whether the auditor brought the log's key; else it was read from the folder itself."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


def verify_year(
    folder: Path, key: str = "", *, older_checkpoint: bytes | None = None, older_name: str = "",
    outside: OutsideProofs | None = None, processes: int = 1,
) -> YearReport:  # fmt: skip
    """Check a year's folder. Without `key` that of the folder is taken, which then proves only itself.

    Raises `InputError` where there is no such folder or its index cannot be read.
    """
    index, wrong = read_index(folder)
    proofs = outside or OutsideProofs(policy=policy_of(folder))
    log, outcome = _log(folder, index, (key, older_checkpoint, older_name), proofs)
    size = log.size or 0 if log else 0
    records = read_records(folder, index, size)
    found = joined([outcome, *_run(_parts(folder, index, records, key), processes)])
    found.join(check_policy_file(folder, records))
    found.join(check_stamps(folder, key or index.key, size, proofs.roots))
    found.join(Found([*records.problems, *check_chain(records), *_withheld(index)]))
    found.count("records", len(records.all))
    found.join(Found([*wrong, *_key_problems(index, key), *_extent_problems(index, log)]))
    found.join(Found(list(file_problems(folder, index, frozenset(found.proved)))))
    problems = tuple(sorted(found.problems, key=lambda problem: problem.severity))
    return YearReport(index.year, log, dict(found.done), problems, bool(key))


def _log(
    folder: Path, index: YearIndex, kept: tuple[str, bytes | None, str], proofs: OutsideProofs
) -> tuple[LogReport | None, Found]:
    """The log with its witnesses; its files are named from the year's folder."""
    found, opened = Found(), folder / OPENED
    key, older, name = kept
    try:
        report = verify_log(
            folder / LOG, key or index.key, older, opened=opened if opened.is_file() else None,
            older_name=name or "older checkpoint", outside=proofs,
        )  # fmt: skip
    except MinpingError as error:
        found.take(error, LOG)
        return None, found
    found.problems += [_at_home(problem) for problem in report.problems]
    found.count("entries", report.entries)
    if report.is_sound:
        found.proved |= {f"{LOG}/{one}" for one in LOG_FILES}
    return report, found


def _at_home(problem: Problem) -> Problem:
    """Problems of opened records name their own file; files of the log lie in its folder."""
    name = problem.place.file
    is_of_log = name in LOG_FILES or name.startswith("tile/")
    return within(problem, LOG) if is_of_log else problem


def _parts(folder: Path, index: YearIndex, records: YearRecords, key: str) -> list[Part]:
    """Everything that can be checked by itself; the longest first."""
    left_out = frozenset(index.left_out)
    parts: list[tuple[str, Part]] = [
        (f"{RESULTS}/{part_name(one.step)}", partial(check_result, folder, one)) for one in records.of(RESULT)
    ]
    parts += [
        (f"{DRAWS}/{part_name(one.step)}", partial(check_draw_folder, folder, one.step, key or index.key))
        for one in records.of(DRAWN)
    ]
    hashes = [str(one.record["snapshot_sha256"]) for one in records.of(*SNAPSHOT_KINDS)]
    parts += [(f"{SNAPSHOTS}/{one}", partial(check_snapshot_folder, folder, one)) for one in hashes]
    parts += [
        (f"{SNAPSHOTS}/{one.record['snapshot_sha256']}", partial(check_ballots, folder, one))
        for one in records.of(COUNTED)
    ]
    parts += [(_receipts(one.step), partial(check_receipts, folder, one)) for one in records.of(COUNTED)]
    parts += [
        (f"{SCHEMES}/{one.record['package']}", partial(check_scheme, folder, one))
        for one in records.of(SCHEME_FROZEN)
    ]
    parts += [
        (f"{INSTRUMENTS}/{one.record['content']}.json", partial(check_instrument, folder, one))
        for one in records.of(INSTRUMENT_FROZEN)
    ]
    parts += [("", partial(check_publication, folder, one, left_out)) for one in records.of(PUBLISHED)]
    return [part for name, part in parts if name not in left_out]


def _receipts(step: str) -> str:
    return f"{RECEIPTS}/{part_name(step)}.txt"


def check_draw_folder(folder: Path, step: str, key: str) -> Found:
    """A draw made again, with what the log says of it; the log's own problems are told once, elsewhere."""
    found, name = Found(), f"{DRAWS}/{part_name(step)}"
    found.count("draws")
    try:
        report = verify_draw(folder / name, folder / LOG, key, opened=folder / OPENED)
    except MinpingError as error:
        found.take(error, name)
        return found
    logged = report.log.problems if report.log else ()
    found.problems += [within(one, name) for one in report.problems if one not in logged]
    found.count("units drawn from", report.units)
    if report.is_sound:
        found.proved |= {f"{name}/{file}" for file in ("draw.json", "frame.csv", "drawn.csv")}
    return found


def _run(parts: Sequence[Part], processes: int) -> Iterable[Found]:
    """In order, here or in spawned processes: they write nothing that another one reads."""
    if processes < 2 or len(parts) < 2:
        return [_guarded(part) for part in parts]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        return list(pool.map(_guarded, parts))


def _guarded(part: Part) -> Found:
    """A record of another form than ours is a problem of the folder, no crash of the check."""
    try:
        return part()
    except (KeyError, TypeError, ValueError, OSError) as error:
        found = Found()
        found.add("year.part_malformed", _named(part), reason=f"{type(error).__name__}: {error}"[:200])
        return found


def _named(part: Part) -> str:
    words = [str(one) for one in getattr(part, "args", ())[1:2]]
    return words[0] if words and "\n" not in words[0] and len(words[0]) < 120 else INDEX


def _withheld(index: YearIndex) -> list[Problem]:
    return [Problem("year.left_out", Place(file=name), severity=Severity.WARNING) for name in index.left_out]


def _key_problems(index: YearIndex, key: str) -> list[Problem]:
    if not key:
        return [Problem("year.key_from_folder", Place(file=INDEX, key="key"), severity=Severity.WARNING)]
    if key.strip() != index.key:
        return [Problem("year.other_key", Place(file=INDEX, key="key"))]
    return []


def _extent_problems(index: YearIndex, log: LogReport | None) -> list[Problem]:
    """A year cannot reach beyond what was signed."""
    if log is None or log.size is None or index.end <= log.size:
        return []
    params: dict[str, object] = {"end": index.end, "size": log.size}
    return [Problem("year.beyond_log", Place(file=INDEX, key="entries"), params)]
