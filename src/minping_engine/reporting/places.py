"""Places of a snapshot by id: names, levels, what lies in what.

In: the snapshot's `areas` table. Out: `Places`, looked up by cards, workbook and bulletin.
A chain ends at an unknown or repeated parent, so that a faulty table cannot loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from minping_engine.snapshot import Snapshot
from minping_engine.terms import AreaLevel

SHOWN_LEVELS = (AreaLevel.DISTRICT, AreaLevel.STREET, AreaLevel.COMMUNITY)
"""Levels whose means are shown: below them a mean is a single person."""


@dataclass(frozen=True)
class Place:
    """One area."""

    area_id: str
    parent_id: str | None
    level: str
    name: str


@dataclass(frozen=True)
class Places:
    """All areas by id."""

    by_id: dict[str, Place]

    def name(self, area_id: str) -> str:
        """Name of an area; its id if the snapshot does not know it."""
        place = self.by_id.get(area_id)
        return place.name if place else area_id

    def chain(self, area_id: str) -> tuple[Place, ...]:
        """The area and all it lies in, nearest first."""
        found: dict[str, Place] = {}
        here = self.by_id.get(area_id)
        while here is not None and here.area_id not in found:
            found[here.area_id] = here
            here = self.by_id.get(here.parent_id) if here.parent_id else None
        return tuple(found.values())

    def at(self, area_id: str, level: str) -> Place | None:
        """The area of that level which is, or holds, `area_id`."""
        return next((place for place in self.chain(area_id) if place.level == level), None)

    @cached_property
    def in_order(self) -> dict[str, int]:
        """area_id -> position in official code order."""
        return {area_id: number for number, area_id in enumerate(sorted(self.by_id))}


def read_places(snapshot: Snapshot) -> Places:
    """Places of a snapshot."""
    table = snapshot.table("areas").select(["area_id", "parent_id", "level", "name"])
    columns = [column.to_pylist() for column in table.columns]
    return Places({row[0]: Place(*row) for row in zip(*columns, strict=True)})
