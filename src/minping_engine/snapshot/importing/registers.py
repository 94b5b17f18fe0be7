"""What registers give to an import, whether made from the ballots' columns or read from files.

Out: `Registers`: the snapshot's small tables, the number of each target text, and each
target's district. Common to `registers_made.py` (no register at hand) and
`registers_files.py` (a bureau's own lists).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from minping_engine.snapshot.importing.texts import Codes
from minping_engine.snapshot.schema import BY_NAME, TOTAL, arrow_schema
from minping_engine.terms import AreaLevel, AssesseeKind

NO_DISTRICT = "000000"
WHOLE = 1000

OWN_LEVEL = {
    AssesseeKind.GRID: AreaLevel.GRID,
    AssesseeKind.COMMUNITY: AreaLevel.COMMUNITY,
    AssesseeKind.STREET_OFFICE: AreaLevel.STREET,
    AssesseeKind.AREA: AreaLevel.COMMUNITY,
}
"""Kinds that are places themselves; all others answer for a responsibility area."""


@dataclass(frozen=True)
class Registers:
    """Tables by name; `number` is the target of each target text (-1 unknown); districts by target."""

    tables: dict[str, pa.Table]
    number: Codes
    districts: tuple[str, ...]

    def district_of(self, targets: Codes) -> npt.NDArray[np.object_]:
        """District codes of targets."""
        return np.array(self.districts, dtype=object)[targets]


@dataclass(frozen=True)
class Area:
    """One row of `areas`."""

    area_id: str
    parent_id: str | None
    level: AreaLevel
    name: str


def table_of(name: str, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Rows as a table of the contract."""
    return pa.Table.from_pylist([dict(row) for row in rows], arrow_schema(BY_NAME[name]))


def areas_table(areas: Mapping[str, Area]) -> pa.Table:
    """The table `areas`; kinds and classes stay unknown."""
    return table_of(
        "areas",
        [
            {
                "area_id": area.area_id,
                "parent_id": area.parent_id,
                "level": area.level.value,
                "name": area.name,
            }
            for area in areas.values()
        ],
    )


def margins_table(eligible: Mapping[int, int]) -> pa.Table:
    """Eligible units by target where nothing is known about the draw."""
    return table_of(
        "margins",
        [
            {"target": target, "variable": TOTAL, "level": 0, "eligible": count}
            for target, count in eligible.items()
        ],
    )
