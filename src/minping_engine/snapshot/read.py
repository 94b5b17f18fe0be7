"""Opening a sealed snapshot: hashes verified, tables as arrow, ballot parts as paths.

Missing optional tables read as empty tables of the right type, so that later steps need no
special case. Verification reads every byte once; `verify=False` is for callers that just did.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from minping_engine.errors import IntegrityError, Place, Problem, SnapshotError
from minping_engine.snapshot.fingerprint import file_sha256, json_sha256
from minping_engine.snapshot.schema import BY_NAME, SCHEMA_VERSION, arrow_schema
from minping_engine.snapshot.seal import MANIFEST

BALLOTS_DEPTH = 4
"""ballots/instrument=.../district=.../file."""


def read_parquet(path: Path) -> pa.Table:
    """One Parquet file as a table. Not `pq.read_table`: that loads the dataset layer at start-up."""
    with pq.ParquetFile(path) as file:
        return file.read()


@dataclass(frozen=True)
class PartFile:
    """One district's ballots of one instrument version."""

    instrument: str
    district: str
    path: Path
    rows: int
    sha256: str


@dataclass(frozen=True)
class Snapshot:
    """An opened snapshot."""

    folder: Path
    manifest: dict[str, Any]

    @cached_property
    def sha256(self) -> str:
        """The snapshot's name: hash of the canonical manifest, which holds every file's hash."""
        return json_sha256(self.manifest)

    @property
    def period(self) -> str:
        """The assessment period, e.g. 2019Q1."""
        return str(self.manifest["period"])

    @cached_property
    def parts(self) -> tuple[PartFile, ...]:
        """Ballot parts, ordered by instrument and district."""
        parts = []
        for file in self.manifest["files"]:
            pieces = file["path"].split("/")
            if pieces[0] == "ballots":
                parts.append(
                    PartFile(
                        pieces[1].removeprefix("instrument="),
                        pieces[2].removeprefix("district="),
                        self.folder / file["path"],
                        int(file["rows"]),
                        str(file["sha256"]),
                    )
                )
        return tuple(sorted(parts, key=lambda part: (part.instrument, part.district)))

    def has(self, name: str) -> bool:
        """Whether the snapshot brings this table."""
        return any(file["path"] == f"{name}.parquet" for file in self.manifest["files"])

    def table(self, name: str) -> pa.Table:
        """A table by name; empty if the snapshot does not bring it."""
        if not self.has(name):
            return arrow_schema(BY_NAME[name]).empty_table()
        return read_parquet(self.folder / f"{name}.parquet")

    def ballot_columns(self) -> tuple[str, ...]:
        """Column names of the ballots, all parts together, in first-seen order."""
        names: dict[str, None] = {}
        for part in self.parts:
            names.update(dict.fromkeys(pq.read_schema(part.path).names))
        return tuple(names)


def open_snapshot(folder: Path, *, verify: bool = True) -> Snapshot:
    """Open `folder`.

    Raises `SnapshotError` if it is no snapshot of this schema version and `IntegrityError` if
    a file is missing, extra or differs from its hash; all such files are named at once.
    """
    file = folder / MANIFEST
    if not file.is_file():
        raise SnapshotError.of("snapshot.not_a_snapshot", Place(file=str(folder)))
    try:
        manifest = json.loads(file.read_text("utf-8"))
        version = manifest["schema_version"]
        if version == SCHEMA_VERSION:
            _ = [manifest[name] for name in ("period", "period_kind", "synthetic")]
            _ = [
                (_file_name(file["path"]), int(file["rows"]), str(file["sha256"]))
                for file in manifest["files"]
            ]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SnapshotError.of(
            "snapshot.broken_manifest", Place(file=str(file)), reason=str(error)
        ) from error
    if version != SCHEMA_VERSION:
        raise SnapshotError.of(
            "snapshot.other_version", Place(file=str(file)), found=version, known=SCHEMA_VERSION
        )
    snapshot = Snapshot(folder, manifest)
    if verify:
        verify_files(snapshot)
    return snapshot


def _file_name(path: object) -> str:
    """Plain and below the folder, ballots two folders deep; `ValueError` for what stands there else."""
    if not isinstance(path, str):
        raise ValueError(f"files: {path!r}")
    pieces = path.split("/")
    if ".." in pieces or path.startswith("/") or (pieces[0] == "ballots" and len(pieces) != BALLOTS_DEPTH):
        raise ValueError(f"files: {path}")
    return path


def verify_files(snapshot: Snapshot) -> None:
    """Compare every file with its hash; raise `IntegrityError` naming all that differ."""
    listed = {file["path"]: file["sha256"] for file in snapshot.manifest["files"]}
    there = {
        path.relative_to(snapshot.folder).as_posix()
        for path in snapshot.folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    problems = [Problem("snapshot.file_missing", Place(file=name)) for name in sorted(listed.keys() - there)]
    problems += [Problem("snapshot.file_extra", Place(file=name)) for name in sorted(there - listed.keys())]
    for name in sorted(listed.keys() & there):
        if file_sha256(snapshot.folder / name) != listed[name]:
            problems.append(Problem("snapshot.file_changed", Place(file=name)))
    if problems:
        raise IntegrityError(problems)
