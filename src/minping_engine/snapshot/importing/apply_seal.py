"""Writing a worked-out import: ballot numbers, parts by district, seal, report.

In: `Prepared`, found faultless. Out: the sealed snapshot and `SNAPSHOT.import-report.xlsx` beside
it. Ballots get random-looking numbers drawn from the files' hashes: the same files give the same
bytes, and the order of rows is not the order of ballots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from minping_engine.snapshot.fingerprint import json_sha256
from minping_engine.snapshot.importing.mapping import ImportMap
from minping_engine.snapshot.importing.prepared import Prepared
from minping_engine.snapshot.importing.report import DroppedBallot, ImportReport, report_path, write_report
from minping_engine.snapshot.importing.texts import Codes
from minping_engine.snapshot.seal import BallotPart, SnapshotHead, seal_snapshot
from minping_engine.terms import PeriodKind

ID_BITS = (1 << 63) - 1
SECOND_BALLOT = "second_ballot"


def ballot_ids(salt: bytes, count: int) -> Codes:
    """`count` different 63-bit numbers that the salt alone decides."""
    for attempt in range(100):
        stream = hashlib.shake_256(salt + attempt.to_bytes(2)).digest(8 * count)
        ids = (np.frombuffer(stream, "<u8") & np.uint64(ID_BITS)).astype(np.int64)
        if len(np.unique(ids)) == count:
            return ids
    raise AssertionError("a hundred collisions of 63-bit numbers in a row")


def _ballot_parts(prepared: Prepared) -> Iterator[BallotPart]:
    """The kept ballots of each district."""
    kept = prepared.votes.kept
    ids = ballot_ids(prepared.salt, len(kept))
    rows = prepared.answers.first_row[kept]
    target = prepared.target[rows]
    districts = prepared.registers.district_of(target)
    for district in sorted(set(districts.tolist())):
        here = np.flatnonzero(districts == district)
        columns: dict[str, Any] = {"ballot_id": ids[here], "target": target[here].astype(np.int32)}
        for name, values in prepared.coded.columns.items():
            columns[name] = _masked(values[rows[here]], name)
        for item in prepared.answers.codes:
            columns[f"item_{item}"] = prepared.answers.column(item, kept[here])
        yield BallotPart(prepared.instrument, district, pa.table(columns))


def _masked(values: Codes, name: str) -> pa.Array:
    mask = values < 0 if name.startswith("cluster_") else None
    return pa.array(values, pa.int64(), mask=mask)


def write_import(
    prepared: Prepared, map_: ImportMap, folder: Path, kind: PeriodKind, *, replace: bool = False
) -> ImportReport:
    """Seal the snapshot into `folder` and write the report beside it."""
    counts = _counts(prepared)
    head = SnapshotHead(
        period=prepared.period,
        period_kind=kind.value,
        source=map_.source or ", ".join(name for name, _ in prepared.hashes),
        import_rule=_import_rule(prepared, map_, counts),
    )
    parts = list(_ballot_parts(prepared))
    folder.parent.mkdir(parents=True, exist_ok=True)
    sha256 = seal_snapshot(folder, head, prepared.tables, parts, replace=replace)
    report = ImportReport(
        folder=folder,
        snapshot_sha256=sha256,
        instrument=prepared.instrument,
        period=prepared.period,
        rows_read=prepared.rows.read,
        ballots=len(prepared.votes.kept),
        targets=prepared.tables["targets"].num_rows,
        dropped=counts,
        problems=prepared.faults.warnings,
        report_file=report_path(folder),
    )
    shown_counts = {"snapshot": sha256, "rows_read": report.rows_read, "ballots": report.ballots, **counts}
    write_report(report.report_file, shown_counts, _dropped(prepared), prepared.faults.warnings)
    return report


def _counts(prepared: Prepared) -> dict[str, int]:
    return {**prepared.rows.dropped, SECOND_BALLOT: len(prepared.votes.dropped)}


def _import_rule(prepared: Prepared, map_: ImportMap, counts: Mapping[str, int]) -> dict[str, Any]:
    described = map_.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {
        "rule": map_.rule if map_.columns.household else "none",
        "key": ["household", "target"] if map_.columns.household else [],
        "ties": ["file", "row"],
        "layout": map_.layout,
        "rows_read": prepared.rows.read,
        "ballots": len(prepared.votes.kept),
        "dropped": dict(counts),
        "files": [{"name": name, "sha256": digest} for name, digest in prepared.hashes],
        "map_sha256": json_sha256(described),
    }


def _dropped(prepared: Prepared) -> list[DroppedBallot]:
    votes, first = prepared.votes, prepared.answers.first_row
    _, running = np.unique(votes.households, return_inverse=True)
    places = prepared.rows.places(first[votes.dropped])
    return [
        DroppedBallot(
            place,
            SECOND_BALLOT,
            prepared.rows.place(int(first[instead])) if instead >= 0 else None,
            int(number) + 1,
        )
        for place, instead, number in zip(places, votes.instead.tolist(), running.tolist(), strict=True)
    ]
