"""The rows of a filled workbook with their places, for whoever has to say which row is meant.

In: workbook and scheme. Out: every row of every sheet, its values and where each stands. A sealed snapshot
has no rows of a workbook any more; who checks further (a rater who counts already, a source that is no
address of the web) must still name file, sheet, row and column. Faults are `make`'s: nothing is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minping_engine.assessment.evidence_book.layout import MARKS
from minping_engine.assessment.evidence_book.plan import book_plan
from minping_engine.assessment.evidence_book.rows import typed_rows
from minping_engine.assessment.evidence_book.sheets import read_sheets
from minping_engine.errors import Place
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot.importing.faults import Faults


@dataclass(frozen=True)
class BookRow:
    """One row; `group`: the rater group of a sheet of marks, else empty."""

    sheet: str
    group: str
    place: Place
    values: Mapping[str, Any]

    def at(self, column: str) -> Place:
        """Where a cell of the row stands."""
        return Place(self.place.file, self.place.sheet, self.place.row, column)


def book_rows(workbook: Path, scheme: LoadedScheme, *, has_register: bool = False) -> tuple[BookRow, ...]:
    """All rows, in the order of sheets and rows. `has_register`: as `make_snapshot` with ballots."""
    faults = Faults()
    sheets = read_sheets(workbook, book_plan(scheme, has_register=has_register), faults)
    return tuple(
        BookRow(key, key.removeprefix(MARKS) if key.startswith(MARKS) else "", row.place, row.values)
        for key, sheet in sheets.items()
        for row in typed_rows(sheet, faults)
    )
