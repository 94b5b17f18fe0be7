"""A further version of a sealed snapshot: evidence added, a fact corrected, an area or a batch left out.

The one way in which the input of an assessment may change after the count. In: the parent and a `Correction`.
Out: another sealed folder that names its parent's hash, in the register and in the ledger; the parent stays
as it is. Ballots are never edited: they are left out by whole area or by whole batch of interviews, never one
by one, and what was left out is counted in the manifest.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from minping_engine.snapshot import (
    CLUSTER,
    BallotPart,
    Snapshot,
    SnapshotHead,
    check_snapshot,
    open_snapshot,
    read_parquet,
    seal_snapshot,
)
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of
from minping_web.snapshots.services.writing import put_durably, snapshot_folder

ENTRY = "snapshot.version"
MAKE = "assessments.run"
FIXED = frozenset({"ballots", "comments", "sample", "dispositions", "margins", "cell_variables", "item_codes",
                   "targets"})  # fmt: skip
"""What residents and the draw said: no correction replaces these tables."""
BATCH = f"{CLUSTER}batch"


@dataclass(frozen=True)
class Correction:
    """What a version changes. `causes`: ids of steps in the ledger (an objection, an exclusion, a call)."""

    reason: str
    """Fixed words of the program, never what somebody typed: it stands in the sealed manifest."""
    causes: tuple[str, ...]
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    """Whole tables by name that take the place of the parent's, or come new."""
    excluded_areas: frozenset[str] = frozenset()
    """Codes of areas whose whole round does not count."""
    excluded_batches: frozenset[int] = frozenset()
    """Released numbers of interviewers' batches (`cluster_batch`)."""


def make_version(scope: Scope, parent: SealedSnapshot, correction: Correction) -> SealedSnapshot:
    """Seal a further version and register it; the parent must be the newest of its round.

    Raises `RefusedError` for a table that no correction may replace, an unknown area or batch, a parent that
    was corrected already, and with all that breaks the snapshot's contract.
    """
    scope.require(MAKE)
    _refuse_fixed(correction)
    folder = folder_of(parent)
    if not folder.is_dir():
        raise RefusedError.of("snapshots.folder_gone", folder=parent.folder)
    opened = open_snapshot(folder)
    if opened.sha256 != parent.sha256:
        raise RefusedError.of("snapshots.other_hash")
    left_out = _targets(opened, correction)
    _refuse_unknown_batches(opened, correction)
    draft = snapshot_folder() / f".round-{parent.round_id}-{secrets.token_hex(6)}"
    try:
        sha256, ballots = _sealed(opened, correction, left_out, draft)
        _refuse_broken(draft)
        home = snapshot_folder() / f"round-{parent.round_id}-{sha256[:12]}"
        if not home.exists():
            put_durably(draft, home)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return _registered(parent, correction, (home.name, sha256, ballots))


def _refuse_fixed(correction: Correction) -> None:
    fixed = sorted(FIXED & correction.tables.keys())
    if fixed:
        raise RefusedError.of("snapshots.fixed_table", tables=", ".join(fixed))
    if not correction.reason.strip():
        raise RefusedError.of("snapshots.version_reason_missing")


def _targets(opened: Snapshot, correction: Correction) -> frozenset[int]:
    """Numbers of the targets in areas that are left out."""
    rows = opened.table("targets").to_pylist()
    unknown = sorted(correction.excluded_areas - {row["area_id"] for row in rows})
    if unknown:
        raise RefusedError.of("snapshots.area_not_in_round", areas=", ".join(unknown))
    return frozenset(row["target"] for row in rows if row["area_id"] in correction.excluded_areas)


def _refuse_unknown_batches(opened: Snapshot, correction: Correction) -> None:
    """A number that no ballot has would leave nothing out and still be told as left out."""
    if not correction.excluded_batches:
        return
    known: set[int] = set()
    for part in opened.parts:
        table = read_parquet(part.path)
        known.update(pc.unique(table[BATCH]).to_pylist() if BATCH in table.column_names else ())
    unknown = sorted(correction.excluded_batches - known)
    if unknown:
        raise RefusedError.of("snapshots.batch_not_in_round", batches=", ".join(map(str, unknown)))


def _sealed(
    opened: Snapshot, correction: Correction, left_out: frozenset[int], draft: Path
) -> tuple[str, int]:
    """Write the version; its hash and how many ballots it has."""
    names = [file["path"].removesuffix(".parquet") for file in opened.manifest["files"]]
    tables = {name: opened.table(name) for name in names if "/" not in name and name != "ballots"}
    if "comments" in tables:
        tables["comments"] = _without(tables["comments"], "target", left_out)
    tables.update(correction.tables)
    parts = list(_parts(opened, correction, left_out))
    before = sum(part.rows for part in opened.parts)
    kept = sum(part.ballots.num_rows for part in parts)
    head = _head(opened, correction, before - kept)
    return seal_snapshot(draft, head, tables, parts), kept


def _parts(opened: Snapshot, correction: Correction, left_out: frozenset[int]) -> Iterator[BallotPart]:
    for part in opened.parts:
        ballots = _without(read_parquet(part.path), "target", left_out)
        if correction.excluded_batches and BATCH in ballots.column_names:
            ballots = _without(ballots, BATCH, correction.excluded_batches)
        yield BallotPart(part.instrument, part.district, ballots)


def _without(table: pa.Table, column: str, values: frozenset[int]) -> pa.Table:
    """Rows whose `column` is none of `values`; empty cells stay."""
    if not values:
        return table
    wanted = pa.array(sorted(values), table.schema.field(column).type)
    return table.filter(pc.invert(pc.is_in(table[column], value_set=wanted)))


def _head(opened: Snapshot, correction: Correction, left_out: int) -> SnapshotHead:
    manifest = opened.manifest
    version: dict[str, Any] = {
        "parent_sha256": opened.sha256,
        "reason": correction.reason,
        "causes": list(correction.causes),
        "tables": sorted(correction.tables),
        "excluded_areas": sorted(correction.excluded_areas),
        "excluded_batches": sorted(correction.excluded_batches),
        "ballots_left_out": left_out,
    }
    return SnapshotHead(
        str(manifest["period"]), str(manifest["period_kind"]), str(manifest["source"]),
        synthetic=bool(manifest["synthetic"]),
        import_rule={**manifest.get("import_rule", {}), "version": version},
        merged_cells=tuple(manifest.get("merged_cells", ())),
    )  # fmt: skip


def _refuse_broken(draft: Path) -> None:
    problems = check_snapshot(draft)
    if problems:
        raise RefusedError(problems)


@transaction.atomic
def _registered(parent: SealedSnapshot, correction: Correction, made: tuple[str, str, int]) -> SealedSnapshot:
    """Register and ledger entry, or none of them; a round's versions are one line, never a fork."""
    folder, sha256, ballots = made
    SealedSnapshot.objects.select_for_update(of=("self",)).get(pk=parent.pk)
    newest = SealedSnapshot.objects.filter(round=parent.round_id).order_by("-pk").first()
    if newest is None or newest.pk != parent.pk:
        raise RefusedError.of("snapshots.not_the_newest")
    version = SealedSnapshot.objects.create(
        round_id=parent.round_id, sha256=sha256, folder=folder, period=parent.period, ballots=ballots,
        made_at=now(), parent=parent,
    )  # fmt: skip
    record = {
        "round": parent.round_id,
        "parent_sha256": parent.sha256,
        "snapshot_sha256": sha256,
        "causes": list(correction.causes),
        "excluded_areas": sorted(correction.excluded_areas),
        "excluded_batches": len(correction.excluded_batches),
        "tables": sorted(correction.tables),
        "ballots": ballots,
    }
    stage(ENTRY, f"snapshot-{version.pk}-version", record)
    return version
