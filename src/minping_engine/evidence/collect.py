"""From a snapshot's parts to evidence folders, and reading them back, district by district.

Evidence lies in `<folder>/<spec hash>/district=CODE/`; the spec names the instrument. A part whose
evidence is there already, made from the same bytes by the same spec and library, is not reduced again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from minping_engine.errors import Place, SnapshotError
from minping_engine.evidence.asked import CLUSTERS, COUNTS, MOMENTS
from minping_engine.evidence.kernel import (
    CELLS,
    KERNEL_VERSION,
    MANIFEST,
    REJECTED,
    UNIT_MODES,
    UNITS,
    Task,
    reduce_part,
)
from minping_engine.evidence.schedulers import Scheduler
from minping_engine.evidence.spec import EvidenceSpec
from minping_engine.snapshot import PartFile, Snapshot, joint_fingerprint, read_parquet


@dataclass(frozen=True)
class DistrictEvidence:
    """One district's sums."""

    district: str
    folder: Path

    def cells(self) -> pa.Table:
        """Rows of `CELLS`: all whole numbers, sorted by key."""
        return read_parquet(self.folder / "cells.parquet").cast(CELLS)

    def units(self) -> pa.Table:
        """The same sums by unit and variable: rows of `UNITS`."""
        return read_parquet(self.folder / "units.parquet").cast(UNITS)

    def unit_modes(self) -> pa.Table:
        """Ballots by unit and mode: rows of `UNIT_MODES`."""
        return read_parquet(self.folder / "unit_modes.parquet").cast(UNIT_MODES)

    def rejected(self) -> pa.Table:
        """Rows of `REJECTED`."""
        return read_parquet(self.folder / "rejected.parquet").cast(REJECTED)

    def counts(self) -> pa.Table:
        """Ballots by answer value: rows of `COUNTS`, if the spec asks for histograms."""
        return read_parquet(self.folder / "counts.parquet").cast(COUNTS)

    def clusters(self) -> pa.Table:
        """Sums by cluster: rows of `CLUSTERS`, if the spec asks for clusters."""
        return read_parquet(self.folder / "clusters.parquet").cast(CLUSTERS)

    def moments(self) -> pa.Table:
        """Cross-products by target: rows of `MOMENTS`, if the spec asks for driver sets."""
        return read_parquet(self.folder / "moments.parquet").cast(MOMENTS)

    @property
    def manifest(self) -> dict[str, object]:
        """What was reduced, by what, with which fingerprints."""
        content: dict[str, object] = json.loads((self.folder / MANIFEST).read_text("utf-8"))
        return content


@dataclass(frozen=True)
class Evidence:
    """All districts' sums under one spec."""

    spec: EvidenceSpec
    districts: tuple[DistrictEvidence, ...]

    def __iter__(self) -> Iterator[DistrictEvidence]:
        return iter(self.districts)

    @property
    def fingerprint(self) -> str:
        """Of all tables of all districts."""
        return joint_fingerprint(
            {district.district: str(district.manifest["fingerprints"]) for district in self}
        )

    @property
    def rows(self) -> int:
        """Ballots read."""
        return sum(int(str(district.manifest["rows"])) for district in self)


def collect_evidence(
    snapshot: Snapshot,
    spec: EvidenceSpec,
    folder: Path,
    scheduler: Scheduler,
    on_progress: Callable[[int, int], None] | None = None,
) -> Evidence:
    """Reduce every part of the spec's instrument. Raises `SnapshotError` if there is none."""
    parts = [part for part in snapshot.parts if part.instrument == spec.instrument]
    if not parts:
        found = ", ".join(sorted({part.instrument for part in snapshot.parts})) or "-"
        raise SnapshotError.of(
            "evidence.no_ballots", Place(file=snapshot.folder.name), instrument=spec.instrument, found=found
        )
    homes = {part.district: _home(folder, spec, part) for part in parts}
    todo = [
        Task(part.path, part.sha256, spec, homes[part.district])
        for part in parts
        if not _is_done(homes[part.district], spec, part)
    ]
    for number, _ in enumerate(scheduler.map(reduce_part, todo), 1):
        if on_progress:
            on_progress(number, len(todo))
    return Evidence(spec, tuple(DistrictEvidence(part.district, homes[part.district]) for part in parts))


def _home(folder: Path, spec: EvidenceSpec, part: PartFile) -> Path:
    return folder / spec.sha256[:16] / f"district={part.district}"


def _is_done(home: Path, spec: EvidenceSpec, part: PartFile) -> bool:
    try:
        manifest = json.loads((home / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):  # not there, or a run was killed while writing it
        return False
    asked: dict[str, object] = {
        "kernel": KERNEL_VERSION,
        "spec": spec.sha256,
        "input": part.sha256,
        "duckdb": duckdb.__version__,
    }
    return isinstance(manifest, dict) and manifest.items() >= asked.items()
