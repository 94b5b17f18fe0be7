"""What a sheet of the workbook is: columns, rows, and the desk that sheets are made at.

In: look-ups of a result, scheme, words. Out: `Sheet` as data; cells hold full values, how many decimals
show is the column's format. Sheets are made in `sheets` and `sheets_fair`, written by `workbook`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from minping_engine.assessment.result import Result
from minping_engine.reporting.lookups import Lookups, Row
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot

Cell = str | int | float | None
TEXT, COUNT, POINTS, ITEM_POINTS = "text", "count", "points", "item_points"
ERROR, SHARE = "error", "share"
"""Kinds of columns; `workbook` gives each a number format."""


@dataclass(frozen=True)
class Field:
    """One column."""

    title: str
    kind: str
    width: float


@dataclass(frozen=True)
class Sheet:
    """One sheet. `rows` are tuples in the order of `fields`."""

    title: str
    fields: tuple[Field, ...]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Desk:
    """What every sheet reads from."""

    result: Result
    scheme: LoadedScheme
    snapshot: Snapshot
    found: Lookups
    words: dict[str, str]
    language: str

    def fields(self, *columns: tuple[str, str, float]) -> tuple[Field, ...]:
        """Columns with their titles looked up."""
        return tuple(Field(self.words[key], kind, width) for key, kind, width in columns)

    @property
    def is_fair(self) -> bool:
        """Whether the scheme has a part on fairness."""
        return self.scheme.scheme.fairness is not None

    @property
    def counts_plain(self) -> bool:
        """Whether the plain mean of ballots is the score that counts."""
        fairness = self.scheme.scheme.fairness
        return fairness is None or fairness.counts == "direct"

    @cached_property
    def ordered_scores(self) -> list[Row]:
        """Scores in order of area and id, which is no ranking."""
        return sorted(self.found.scores, key=lambda row: (row["area_id"], row["assessee_id"]))
