"""A year of the log as a folder that anybody can check offline: `minping verify year FOLDER`.

In: a calendar year. Out: the log with witnesses and timestamps, the opened records of what was sealed in it
and of everything that it rests on, and the files themselves: draws, snapshots, rules, questionnaires,
receipts, results, what was published. Records of rights, exports and accounts stay closed. Without snapshots
and results the folder holds nothing but what is public anyway.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import Http404
from django.utils import timezone

from minping_engine.assessment import read_result
from minping_engine.errors import Place
from minping_engine.proof import CHECKPOINT_PATH, FolderStore
from minping_engine.verification import YearIndex, is_opened, part_name, write_index
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.selectors.runs import folder_of as result_folder_of
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.instruments.models import InstrumentVersion
from minping_web.ledger import selectors as log_selectors
from minping_web.ledger.models import Log, StagedEntry
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import kept
from minping_web.ledger.services.sequencing import copy_files
from minping_web.publications.models import Publication
from minping_web.publications.selectors.current import folder_of as publication_folder_of
from minping_web.rounds.services.folders import draw_folder
from minping_web.schemes.models import SchemeVersion
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import counted_lines, counted_round
from minping_web.snapshots.selectors.register import folder_of as snapshot_folder_of

ENTRY = "ledger.year_exported"
SNAPSHOTS = ("round.counted", "round.taken_over", "round.without_survey", "snapshot.version")
PUBLIC_DRAW = ("draw.json", "frame.csv", "drawn.csv")


@dataclass
class YearExport:
    """A folder while it is filled."""

    target: Path
    log: Log
    year: int
    whole: bool
    """With single ballots and tables about persons, for auditors; else only what is public."""
    left_out: set[str] = field(default_factory=set)
    written: int = 0


def export_year(scope: Scope, year: int, target: Path, *, reason: str, whole: bool = True) -> YearIndex:
    """Write the folder of a calendar year. Needs `ledger.export` in the whole district.

    The export is entered in the log itself. Raises `RefusedError` without a published log, for a folder that
    is there already, and where a sealed file is gone or differs from its hash.
    """
    scope.require(log_selectors.EXPORT, "")
    log = log_selectors.current_log()
    if log is None or not log.published_size:
        raise RefusedError.of("ledger.none_yet")
    if target.exists():
        raise RefusedError.of("site.target_not_empty", what=str(target))
    if not reason.strip():
        raise RefusedError.of("approval.reason_missing", Place(key="reason"))
    made = write_year(log, year, target, whole=whole)
    step = f"ledger.year/{secrets.token_hex(12)}"
    record = {
        "by": scope.user_id, **kept("reason", reason.strip()[:300], step=step), "year": year, "whole": whole,
        "first": made.first, "end": made.end, "files": len(made.files),
    }  # fmt: skip
    stage(ENTRY, step, record)
    return made


def write_year(log: Log, year: int, target: Path, *, whole: bool) -> YearIndex:
    """The folder alone. With `whole` somebody gets single ballots: that is an export with a reason."""
    target.mkdir(parents=True, mode=0o700)
    export = YearExport(target, log, year, whole)
    _write_log(export)
    first, end = extent_of(export.log, export.year)
    entries, forgotten = _entries(export.log, first, end)
    lines = "".join(f"{_line(one)}\n" for one in sorted(entries, key=lambda one: one.index or 0))
    (export.target / "opened.jsonl").write_text(lines, "utf-8")
    for one in entries:
        writer = WRITERS.get(one.kind)
        if writer is not None:
            writer(export, one)
    _write_outside(export)
    return write_index(
        export.target, export.year, export.log.verifier, (first, end),
        forgotten=forgotten, left_out=sorted(export.left_out),
    )  # fmt: skip


# --- which entries ---------------------------------------------------------------------------------------
def extent_of(log: Log, year: int) -> tuple[int, int]:
    """Indexes of what was staged in the year; nothing of it: an empty stretch at its place."""
    zone = timezone.get_current_timezone()
    begin, close = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    rows = StagedEntry.objects.filter(log=log, index__lt=log.published_size).order_by("index")
    inside = rows.filter(staged_at__gte=begin, staged_at__lt=close).values_list("index", flat=True)
    first, last = inside.first(), inside.last()
    return (int(first), int(last) + 1) if first is not None and last is not None else (0, 0)


def _entries(log: Log, first: int, end: int) -> tuple[list[StagedEntry], list[int]]:
    """Entries to open, with all that they rest on; and those whose records were deleted."""
    rows = StagedEntry.objects.filter(log=log, index__gte=first, index__lt=end)
    inside = [one for one in rows.iterator() if is_opened(one.kind)]
    found = {one.pk: one for one in inside if one.nonce is not None}
    policy = _policy_entry(log)
    found |= {policy.pk: policy} if policy else {}
    waiting = list(found.values())
    while waiting:
        further = [one for one in _needed(log, waiting) if one.pk not in found and one.nonce is not None]
        found |= {one.pk: one for one in further}
        waiting = further
    return list(found.values()), sorted(one.index or 0 for one in inside if one.nonce is None)


def _needed(log: Log, entries: Iterable[StagedEntry]) -> Iterable[StagedEntry]:
    """What these entries rest on, one step back."""
    asked = StagedEntry.objects.filter(log=log, index__lt=log.published_size)
    for one in entries:
        record: dict[str, Any] = one.record or {}
        if one.kind == "draw.made":
            number = one.step_id.partition("-drawn")[0]
            yield from asked.filter(step_id__in=[f"{number}-seed-named"])
            frame = json.loads((draw_folder(_round(one)) / PUBLIC_DRAW[0]).read_text("utf-8"))["steps"][
                "frame"
            ]
            yield from asked.filter(step_id=frame)
        if one.kind == "round.counted":
            yield from asked.filter(kind="round.opened", record__round=record["round"])
        if one.kind in ("assessment.result", "snapshot.version"):
            for key in ("snapshot_sha256", "parent_sha256"):
                kinds = SNAPSHOTS
                yield from asked.filter(kind__in=kinds, record__snapshot_sha256=record.get(key))
            yield from asked.filter(kind="scheme.frozen", record__package=record.get("scheme_sha256"))
        if one.kind == "publication.made":
            yield from asked.filter(kind="assessment.result", record__result_sha256=record["result_sha256"])
        if one.kind == "round.opened":
            yield from asked.filter(step_id=one.step_id.replace("-opened", "-drawn"))


def _round(one: StagedEntry) -> int:
    return int(one.step_id.split("-")[1])


def _line(one: StagedEntry) -> str:
    opened = {"index": one.index, "nonce": bytes(one.nonce or b"").hex(), "record": one.record}
    return json.dumps(opened, ensure_ascii=False, separators=(",", ":"))


# --- the files ----------------------------------------------------------------------------------------------
def _write_log(export: YearExport) -> None:
    """Tiles first, the checkpoint that speaks of them last."""
    folder = log_selectors.folder_of(export.log.number)
    (export.target / "log").mkdir()
    copy_files(FolderStore(folder), FolderStore(export.target / "log"), export.log, 0)
    (export.target / "log" / CHECKPOINT_PATH).write_text(export.log.checkpoint, "utf-8")


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise RefusedError.of("snapshots.folder_gone", folder=source.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)


def _write_draw(export: YearExport, one: StagedEntry) -> None:
    for name in PUBLIC_DRAW:
        _copy(draw_folder(_round(one)) / name, export.target / "draws" / part_name(one.step_id) / name)


def _write_count(export: YearExport, one: StagedEntry) -> None:
    file = export.target / "receipts" / f"{part_name(one.step_id)}.txt"
    file.parent.mkdir(exist_ok=True)
    try:
        file.write_text("".join(counted_lines(counted_round((one.record or {})["round"]))), "utf-8")
    except Http404:
        raise RefusedError.of("ledger.year_count_gone", round=one.step_id) from None
    _write_snapshot(export, one)


def _write_snapshot(export: YearExport, one: StagedEntry) -> None:
    sha256 = (one.record or {})["snapshot_sha256"]
    if not export.whole:
        export.left_out.add(f"snapshots/{sha256}")
        return
    found = SealedSnapshot.objects.get(sha256=sha256)
    _copy(snapshot_folder_of(found), export.target / "snapshots" / sha256)


def _write_scheme(export: YearExport, one: StagedEntry) -> None:
    found = SchemeVersion.objects.get(sha256=(one.record or {})["package"])
    home = export.target / "schemes" / found.sha256
    for path, text in found.files.items():
        file = home / "package" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    home.mkdir(parents=True, exist_ok=True)
    (home / "values.json").write_text(json.dumps(found.values, ensure_ascii=False, sort_keys=True), "utf-8")


def _write_instrument(export: YearExport, one: StagedEntry) -> None:
    sha256 = (one.record or {})["content"]
    found = InstrumentVersion.objects.filter(sha256=sha256).first()
    if found is None:
        return
    file = export.target / "instruments" / f"{sha256}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(found.content, ensure_ascii=False, sort_keys=True), "utf-8")


def _write_result(export: YearExport, one: StagedEntry) -> None:
    """Head and tables; papers with names are made from them and stay where they are."""
    name = f"results/{part_name(one.step_id)}"
    if not export.whole:
        export.left_out.add(name)
        return
    folder = result_folder_of(AssessmentRun.objects.get(pk=(one.record or {})["run"]))
    for file in ("result.json", *(f"{table}.parquet" for table in read_result(folder).tables)):
        _copy(folder / file, export.target / name / file)


def _write_publication(export: YearExport, one: StagedEntry) -> None:
    """Just the files that the record names; what offices hold is none of them."""
    record = one.record or {}
    folder = publication_folder_of(Publication.objects.get(pk=record["publication"]))
    for path in record["files"]:
        _copy(folder / path, export.target / "publications" / part_name(one.step_id) / path)


def _write_outside(export: YearExport) -> None:
    """The policy of witnesses and every answered timestamp of this log."""
    policy = _policy_entry(export.log)
    if policy is not None:
        (export.target / "policy").write_text((policy.record or {})["policy"], "utf-8")
    home = export.target / "stamps"
    stamps = log_selectors.timestamps(export.log).filter(size__lte=export.log.published_size)
    for one in stamps.exclude(answer=None):
        home.mkdir(exist_ok=True)
        (home / f"{one.size}.tsr").write_bytes(bytes(one.answer or b""))
        (home / f"{one.size}.checkpoint").write_text(one.note, "utf-8")


def _policy_entry(log: Log) -> StagedEntry | None:
    """The last change of the policy that is published."""
    rows = StagedEntry.objects.filter(log=log, kind="ledger.policy", index__lt=log.published_size)
    return rows.filter(nonce__isnull=False).order_by("index").last()


WRITERS: dict[str, Callable[[YearExport, StagedEntry], None]] = {
    "draw.made": _write_draw,
    "round.counted": _write_count,
    "round.taken_over": _write_snapshot,
    "round.without_survey": _write_snapshot,
    "snapshot.version": _write_snapshot,
    "scheme.frozen": _write_scheme,
    "instrument.frozen": _write_instrument,
    "assessment.result": _write_result,
    "publication.made": _write_publication,
}
