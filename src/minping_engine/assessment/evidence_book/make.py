"""A filled workbook -> a sealed snapshot, or every fault at once and nothing written.

In: workbook, scheme, period, and a snapshot with ballots where the scheme has a questionnaire. Out:
the snapshot. Its hash depends on what the workbook says, not on its name or the order of its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from minping_engine.assessment.evidence_book.earlier import earlier_rows
from minping_engine.assessment.evidence_book.plan import book_plan
from minping_engine.assessment.evidence_book.references import note_unknown
from minping_engine.assessment.evidence_book.rows import typed_rows
from minping_engine.assessment.evidence_book.sheets import read_sheets
from minping_engine.assessment.evidence_book.tables import Filled, book_tables
from minping_engine.errors import ImportRefusedError, Place, Problem, Severity
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import (
    BallotPart,
    Snapshot,
    SnapshotHead,
    check_tables,
    open_snapshot,
    read_parquet,
    seal_snapshot,
)
from minping_engine.snapshot.importing.faults import Faults
from minping_engine.terms import NAMED_LIKE, PeriodKind, period_kind


@dataclass(frozen=True)
class MadeSnapshot:
    """What was made: rows by table, problems are warnings."""

    folder: Path
    sha256: str
    period: str
    rows: Mapping[str, int]
    problems: tuple[Problem, ...]


def make_snapshot(
    workbook: Path,
    scheme: LoadedScheme,
    period: str,
    folder: Path,
    *,
    ballots: Path | None = None,
    replace: bool = False,
) -> MadeSnapshot:
    """Seal the workbook's evidence in `folder`.

    `ballots` is an imported snapshot of the same period: its tables and ballots are taken over. Raises
    `ImportRefusedError` with all faults, each with sheet, row and column.
    """
    faults = Faults()
    base = open_snapshot(ballots) if ballots else None
    _note_period(scheme, period, base, faults)
    filled = _read(workbook, scheme, period, base, faults)
    note_unknown(filled, faults)
    earlier = list(earlier_rows(filled.of("earlier"), scheme, period, faults))
    faults.refuse_if_any()
    tables = book_tables(filled, earlier)
    _refuse_broken(tables)
    sha256 = seal_snapshot(folder, _head(scheme, period, base), tables, _parts(base), replace=replace)
    rows = {name: table.num_rows for name, table in tables.items()}
    return MadeSnapshot(folder, sha256, period, rows, faults.warnings)


def _note_period(scheme: LoadedScheme, period: str, base: Snapshot | None, faults: Faults) -> None:
    """The period is one of the scheme's, and that of the ballots; a questionnaire has ballots."""
    kind = scheme.scheme.period.kind
    if kind is not PeriodKind.ROUND and period_kind(period) is not kind:
        faults.add("snapshot.book_period", period=period, like=NAMED_LIKE[kind])
    if base is not None and base.period != period:
        place = Place(file=str(base.folder))
        faults.add("snapshot.book_other_period", place, period=period, found=base.period)
    if scheme.scheme.instruments and base is None:
        faults.add("snapshot.book_needs_ballots", scheme=scheme.scheme.id)


def _read(workbook: Path, scheme: LoadedScheme, period: str, base: Snapshot | None, faults: Faults) -> Filled:
    plan = book_plan(scheme, has_register=base is not None)
    sheets = read_sheets(workbook, plan, faults)
    rows = {key: typed_rows(sheet, faults) for key, sheet in sheets.items()}
    if base is None and "assessees" in sheets and not rows["assessees"]:
        name = sheets["assessees"].plan.name("zh")
        faults.add("snapshot.book_nobody", Place(file=workbook.name, sheet=name))
    return Filled(scheme, period, sheets, rows, _known(base))


def _known(base: Snapshot | None) -> dict[str, pa.Table]:
    """Every table that came with the ballots."""
    if base is None:
        return {}
    names = [str(file["path"]) for file in base.manifest["files"]]
    tables = [name.removesuffix(".parquet") for name in names if not name.startswith("ballots/")]
    return {name: base.table(name) for name in tables}


def _refuse_broken(tables: Mapping[str, pa.Table]) -> None:
    """What only the whole shows, e.g. areas that lie in each other."""
    problems = check_tables(tables)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise ImportRefusedError(problems)


def _head(scheme: LoadedScheme, period: str, base: Snapshot | None) -> SnapshotHead:
    """Invented ballots make the whole invented; what was done to the ballots stays told."""
    source, kind = f"evidence workbook {scheme.key}", scheme.scheme.period.kind.value
    if base is None:
        return SnapshotHead(period, kind, source)
    head = base.manifest
    return SnapshotHead(
        period,
        kind,
        f"{head.get('source', '')}; {source}".removeprefix("; "),
        synthetic=bool(head["synthetic"]),
        import_rule=head.get("import_rule", {}),
        merged_cells=tuple(head.get("merged_cells", ())),
    )


def _parts(base: Snapshot | None) -> Iterator[BallotPart]:
    for part in base.parts if base else ():
        yield BallotPart(part.instrument, part.district, read_parquet(part.path))
