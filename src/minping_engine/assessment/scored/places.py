"""Where assessees belong: ancestors and attributes of areas, comparison groups of exact scores.

In: the snapshot's areas and assessees. Out: look-ups by area id. Groups follow the same rule as the
chain's (`chain.groups`), but need no ballots.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from minping_engine.scheme import ComparisonGroup
from minping_engine.snapshot import Snapshot

ATTRIBUTES = ("area_class", "area_kind", "urban_rural")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Places:
    """Areas by id."""

    areas: Mapping[str, Row]

    @cached_property
    def several_districts(self) -> bool:
        """Whether groups need their district's name: none crosses a district (ADR 9)."""
        return sum(1 for row in self.areas.values() if row["level"] == "district") > 1

    def at(self, area_id: str, level: str) -> Row | None:
        """The area of that level in which (or as which) an area lies."""
        seen: set[str] = set()
        row = self.areas.get(area_id)
        while row is not None and row["level"] != level:
            if row["area_id"] in seen:
                return None
            seen.add(row["area_id"])
            row = self.areas.get(row["parent_id"] or "")
        return row

    def context(self, area_id: str) -> dict[str, str | None]:
        """Attributes of the assessee's area; where it has none, of the nearest area above that has one."""
        made: dict[str, str | None] = dict.fromkeys(ATTRIBUTES)
        for _ in range(len(self.areas)):
            row = self.areas.get(area_id)
            if row is None:
                break
            for name in ATTRIBUTES:
                made[name] = made[name] if made[name] is not None else row[name]
            area_id = row["parent_id"] or ""
        return made

    def district(self, area_id: str) -> str:
        """The district's id; empty where the snapshot has only one."""
        above = self.at(area_id, "district")
        return above["area_id"] if above and self.several_districts else ""

    def group(self, area_id: str, rule: ComparisonGroup | None) -> tuple[str, str]:
        """Comparison group and the attribute alone (key of the bands per class); "-" where unknown."""
        district = self.district(area_id)
        if rule is None:
            return district, ""
        row = self.at(area_id, rule.level)
        value = None if row is None else row["area_id"] if rule.attribute == "self" else row[rule.attribute]
        label = "-" if value is None else str(value)
        return f"{district} {label}".strip(), label


def read_places(snapshot: Snapshot) -> Places:
    """All areas of a snapshot."""
    return Places({row["area_id"]: row for row in snapshot.table("areas").to_pylist()})
