"""A workbook of evidence as it comes: the empty one of a scheme, a filled one read with all faults at once.

Only the engine reads it (`minping snapshot make`), against the round's first snapshot, so that a workbook
means the same here and on the command line.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
from django.conf import settings

from minping_engine.assessment import BookRow, book_rows, make_snapshot, write_template
from minping_engine.errors import ImportRefusedError, Problem
from minping_engine.snapshot import Snapshot, open_snapshot
from minping_web.appraisals.rules.sources import source_problem
from minping_web.appraisals.rules.words import page_language
from minping_web.appraisals.selectors.evidence import first_snapshot
from minping_web.common.problems import RefusedError
from minping_web.common.uploads import opened_in_memory
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of

BROUGHT = ("facts", "appraisals", "cases", "visits")


@dataclass(frozen=True)
class Upload:
    """A file as it came. `replaces`: why it shall take the place of marks that raters handed in; or empty."""

    name: str
    content: bytes
    replaces: str = ""


@dataclass(frozen=True)
class BookContent:
    """What a workbook brings: tables by name, and its rows with their places."""

    tables: dict[str, pa.Table]
    rows: tuple[BookRow, ...]


def template_of(found: SurveyRound) -> bytes:
    """The empty workbook of the round's scheme, in the language of the page."""
    assert found.scheme is not None
    with tempfile.TemporaryDirectory(prefix="minping-") as folder:
        path = Path(folder) / "evidence.xlsx"
        write_template(loaded(found.scheme, demo=settings.DEMO), path, language=page_language())
        return path.read_bytes()


def read_book(found: SurveyRound, upload: Upload) -> BookContent:
    """What the workbook brings; raises `RefusedError` with every fault."""
    base = first_snapshot(found.pk)
    if base is None or not folder_of(base).is_dir():
        raise RefusedError.of("appraisal.not_closed_yet", round=found.name)
    assert found.scheme is not None
    scheme = loaded(found.scheme, demo=settings.DEMO)
    home = Path(settings.DATA_FOLDER)
    with (
        tempfile.TemporaryDirectory(prefix=".evidence-", dir=home) as made,
        opened_in_memory([upload.content], upload.name) as path,
    ):
        try:
            make_snapshot(path, scheme, found.period, Path(made) / "snapshot", ballots=folder_of(base))
        except ImportRefusedError as refused:
            raise RefusedError(_named(upload.name, refused.problems)) from None
        opened = open_snapshot(Path(made) / "snapshot", verify=False)
        _refuse_strangers(base, opened)
        rows = tuple(
            replace(row, place=replace(row.place, file=upload.name))
            for row in book_rows(path, scheme, has_register=True)
        )
        _refuse_addresses(rows)
        tables = {name: opened.table(name) for name in BROUGHT if opened.has(name)}
        return BookContent({name: table for name, table in tables.items() if len(table)}, rows)


def _named(name: str, problems: Iterable[Problem]) -> list[Problem]:
    """With the name that the file came under; it was read in memory, where it has another."""
    return [replace(one, place=replace(one.place, file=name)) if one.place.file else one for one in problems]


def _refuse_addresses(rows: tuple[BookRow, ...]) -> None:
    """A word that is an address of something else than the web opens nothing and says nothing."""
    found = [
        source_problem(value, row.at(column))
        for row in rows
        for column, value in row.values.items()
        if isinstance(value, str)
    ]
    if problems := [one for one in found if one is not None]:
        raise RefusedError(problems)


def _refuse_strangers(base: SealedSnapshot, opened: Snapshot) -> None:
    """A workbook brings evidence about those of the round, nobody else."""
    known = set(open_snapshot(folder_of(base), verify=False).table("assessees")["assessee_id"].to_pylist())
    new = sorted(set(opened.table("assessees")["assessee_id"].to_pylist()) - known)
    if new:
        raise RefusedError.of("appraisal.new_assessees", found=", ".join(new[:5]), n=len(new))


def owners(opened: Snapshot) -> dict[int, str]:
    """Target -> the one assessee who answers for it; shared targets are left out."""
    found: dict[int, set[str]] = defaultdict(set)
    for row in opened.table("postings").to_pylist():
        found[row["target"]].add(row["assessee_id"])
    return {target: next(iter(who)) for target, who in found.items() if len(who) == 1}
