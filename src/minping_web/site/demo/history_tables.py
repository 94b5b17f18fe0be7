"""Two streets of the engine's demonstration as a snapshot, with people as the product knows them.

In: a quarter's tables of the whole district, the streets, the register's id for each staff number. Out: the
same tables without everybody else. Targets keep their numbers; who left before the register began keeps the
staff number as id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.demo import District, quarter_tables
from minping_engine.snapshot import BallotPart, SnapshotHead, seal_snapshot

SOURCE = "minping demo: invented people and simulated ballots of two pilot streets"
BY_TARGET = ("sample", "dispositions", "margins", "visits", "comments", "postings", "targets")
BY_PERSON = ("assessees", "assessee_attributes", "postings")


@dataclass(frozen=True)
class Pilot:
    """The streets and the ids of their people."""

    district: District
    streets: tuple[str, ...]
    ids: Mapping[str, str]
    """Staff number -> id of snapshots, of those who stand in the register."""

    def seal(self, quarter: str, folder: Path, earlier: Mapping[str, pa.Table]) -> str:
        """Seal the quarter of these streets; the snapshot's hash."""
        tables, parts = quarter_tables(self.district, quarter)
        kept = self._kept(tables)
        ballots = [BallotPart(one.instrument, one.district, self._of_targets(one.ballots)) for one in parts]
        head = SnapshotHead(quarter, "quarter", SOURCE, synthetic=True)
        return seal_snapshot(folder, head, {**kept, **earlier}, ballots)

    def _kept(self, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        kept = {
            name: self._of_targets(table) if name in BY_TARGET else table for name, table in tables.items()
        }
        for name in ("areas", "area_covariates"):
            kept[name] = _where(kept[name], "area_id", self._is_here)
        posted = set(kept["postings"]["assessee_id"].to_pylist())
        for name in BY_PERSON:
            kept[name] = self._renamed(_where(kept[name], "assessee_id", posted.__contains__))
        return kept

    def _of_targets(self, table: pa.Table) -> pa.Table:
        codes = enumerate(self.district.places.area_ids)
        here = pa.array([number for number, code in codes if self._is_here(code)], pa.int32())
        return table.filter(pc.is_in(table["target"], value_set=here))

    def _is_here(self, code: str) -> bool:
        """The streets, what lies in them, and the district around them."""
        return any(code.startswith(street) or street.startswith(code) for street in self.streets)

    def _renamed(self, table: pa.Table) -> pa.Table:
        names = [self.ids.get(code, code) for code in table["assessee_id"].to_pylist()]
        place = table.column_names.index("assessee_id")
        return table.set_column(place, "assessee_id", pa.array(names, pa.string()))


def _where(table: pa.Table, column: str, wanted: object) -> pa.Table:
    assert callable(wanted)
    return table.filter(pa.array([bool(wanted(value)) for value in table[column].to_pylist()]))
