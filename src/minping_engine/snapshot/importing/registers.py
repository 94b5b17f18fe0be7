"""What registers give to an import, whether made from the ballots' columns or read from files.

Out: `Registers`: the snapshot's small tables, the number of each target text, and each
target's district. Common to `registers_made.py` (no register at hand) and
`registers_files.py` (a bureau's own lists).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from minping_engine.snapshot.importing.texts import Codes
from minping_engine.snapshot.schema import BY_NAME, TOTAL, arrow_schema
from minping_engine.terms import AreaLevel, AssesseeKind, PeriodKind

NO_DISTRICT = "000000"
WHOLE = 1000
UNKNOWN_START = date(1970, 1, 1)
"""First day of a posting where the period's name tells no day."""

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


def first_day(period: str) -> date:
    """First day of a period as it is named: 2019Q1, 2019-03, 2019H2, 2019; else a day long ago."""
    found = re.match(r"^(\d{4})(?:Q([1-4])|H([12])|-?(0[1-9]|1[0-2]))?$", period)
    if not found:
        return UNKNOWN_START
    quarter, half, month = (int(part) if part else 0 for part in found.groups()[1:])
    return date(int(found[1]), month or (quarter * 3 - 2 if quarter else half * 6 - 5 if half else 1), 1)


MONTHS = {PeriodKind.QUARTER: 3, PeriodKind.MONTH: 1, PeriodKind.HALF_YEAR: 6, PeriodKind.YEAR: 12}
NAMED_LIKE = {
    PeriodKind.QUARTER: "2020Q4",
    PeriodKind.MONTH: "2020-10",
    PeriodKind.HALF_YEAR: "2020H2",
    PeriodKind.YEAR: "2020",
}
"""How periods of a kind are named; a round may be called anything."""


def days_of(period: str) -> tuple[date, date] | None:
    """First day of a period and of the next one; None where its name tells no days."""
    months = MONTHS.get(period_kind(period))
    if months is None:
        return None
    start = first_day(period)
    year, month = divmod(start.month - 1 + months, 12)
    return start, date(start.year + year, month + 1, 1)


def period_kind(period: str) -> PeriodKind:
    """The kind of period that a name shows."""
    for pattern, kind in (
        (r"^\d{4}Q[1-4]$", PeriodKind.QUARTER),
        (r"^\d{4}-?(0[1-9]|1[0-2])$", PeriodKind.MONTH),
        (r"^\d{4}H[12]$", PeriodKind.HALF_YEAR),
        (r"^\d{4}$", PeriodKind.YEAR),
    ):
        if re.match(pattern, period):
            return kind
    return PeriodKind.ROUND
