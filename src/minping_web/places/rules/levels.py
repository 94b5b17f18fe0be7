"""What may lie in what, and which facts belong to which kind of area (S53, S54, S76, S79).

In: the facts of one area and of the one around it, as plain values. Out: faults as (column, code,
parameters); forms and imports show them beside the field or cell. One rule book for both ways in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Level(TextChoices):
    """Widest first; the responsibility area is one worker's 责任片 (S10)."""

    CITY = "city", _("City")
    DISTRICT = "district", _("District")
    STREET = "street", _("Street")
    COMMUNITY = "community", _("Community")
    GRID = "grid", _("Grid")
    RESPONSIBILITY_AREA = "responsibility_area", _("Responsibility area")


class GridLevel(TextChoices):
    """S76: L1 is as wide as the community, L2 a residential compound, L3 some buildings or shopfronts."""

    L1 = "L1", _("L1")
    L2 = "L2", _("L2")
    L3 = "L3", _("L3")


class Kind(TextChoices):
    """What a grid is drawn around: households, one unit with its own warden (S54), or a police beat."""

    GENERAL = "general", _("General grid")
    EXCLUSIVE = "exclusive", _("Exclusive grid")
    POLICE = "police", _("Police grid")


class ExclusiveType(TextChoices):
    """S54: what an exclusive grid is drawn around."""

    ADMIN_CENTRE = "admin_centre", _("Administrative centre")
    PARK = "park", _("Business park")
    OFFICE_BUILDING = "office_building", _("Office building")
    MALL_OR_MARKET = "mall_or_market", _("Mall or market")
    SCHOOL_OR_HOSPITAL = "school_or_hospital", _("School or hospital")


class Management(TextChoices):
    """S54: how closely an exclusive grid is looked after."""

    DAILY = "daily", _("Daily management")
    KEY_ASSISTANCE = "key_assistance", _("Key assistance")
    PERIODIC = "periodic", _("Periodic contact")


class Staffing(TextChoices):
    """S54: whether the grid's people serve there alone or beside other duties."""

    FULL_TIME = "full_time", _("Full-time")
    PART_TIME = "part_time", _("Part-time")


class AreaClass(TextChoices):
    """S79: communities by their housing, compounds by their condition."""

    JIA = "jia", _("Class jia (commodity housing)")
    YI = "yi", _("Class yi (social housing)")
    BING = "bing", _("Class bing (mixed)")
    A = "a", _("Class A (model)")
    B = "b", _("Class B (meets the standard)")
    C = "c", _("Class C (basic)")


CLASS_IN_SCHEMES: Mapping[str, str] = {
    AreaClass.JIA: "甲", AreaClass.YI: "乙", AreaClass.BING: "丙",
    AreaClass.A: "A", AreaClass.B: "B", AreaClass.C: "C",
}  # fmt: skip
"""How schemes and snapshots write a class (S79); conditions such as `area_class = '甲'` compare these."""
ORDER = {level: place for place, level in enumerate(Level)}
STRUCTURE = frozenset({Level.CITY, Level.DISTRICT, Level.STREET})
"""Levels above the community: only who holds the right everywhere may touch them."""
WIDER_GRIDS: Mapping[str, frozenset[str]] = {
    GridLevel.L1: frozenset(),
    GridLevel.L2: frozenset({GridLevel.L1}),
    GridLevel.L3: frozenset({GridLevel.L1, GridLevel.L2}),
}
PARENTS: Mapping[str, frozenset[str]] = {
    Level.CITY: frozenset(),
    Level.DISTRICT: frozenset({Level.CITY}),
    Level.STREET: frozenset({Level.DISTRICT}),
    Level.COMMUNITY: frozenset({Level.STREET}),
    Level.GRID: frozenset({Level.COMMUNITY, Level.GRID}),
    Level.RESPONSIBILITY_AREA: frozenset({Level.COMMUNITY, Level.GRID}),
}
CLASSES_OF_COMMUNITY = frozenset({AreaClass.JIA, AreaClass.YI, AreaClass.BING})
CLASSES_OF_COMPOUND = frozenset({AreaClass.A, AreaClass.B, AreaClass.C})
GRID_FACTS = ("grid_level", "kind", "exclusive_type", "management", "staffing")


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit: the field, a problem code, its parameters."""

    column: str
    code: str
    params: dict[str, object]


def faults_of(facts: Mapping[str, Any], around: Mapping[str, Any] | None) -> list[Fault]:
    """Everything wrong with one area's facts; `around` are the facts of the area that it lies in."""
    return [
        *_place_faults(facts, around),
        *_grid_faults(facts),
        *_class_faults(facts),
        *_period_faults(facts),
    ]


def _place_faults(facts: Mapping[str, Any], around: Mapping[str, Any] | None) -> list[Fault]:
    level = facts["level"]
    if around is None:
        # A deployment of one district may begin with the district itself.
        top = level in {Level.CITY, Level.DISTRICT}
        return [] if top else [Fault("parent", "places.parent_missing", {"level": Level(level).label})]
    if not _fits(facts, around):
        inner, outer = str(Level(level).label), str(Level(around["level"]).label)
        if level == around["level"] == Level.GRID:
            inner, outer = (
                f"{inner} {facts.get('grid_level') or '?'}",
                f"{outer} {around.get('grid_level') or '?'}",
            )
        return [Fault("parent", "places.level_order", {"inner": inner, "outer": outer})]
    if _ended_before(around, facts):
        return [Fault("parent", "places.parent_ended", {"day": str(around["valid_to"])})]
    return []


def _fits(facts: Mapping[str, Any], around: Mapping[str, Any]) -> bool:
    level, outer = facts["level"], around["level"]
    special = facts.get("kind") in {Kind.EXCLUSIVE, Kind.POLICE}
    if level == Level.GRID and outer == Level.STREET:
        return special
    if level == Level.GRID and outer == Level.GRID:
        own, wider = facts.get("grid_level") or "", around.get("grid_level") or ""
        return special or wider in WIDER_GRIDS.get(own, frozenset())
    return outer in PARENTS[level]


def _ended_before(around: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    outer, own = around.get("valid_to"), facts.get("valid_to")
    return outer is not None and (own is None or own > outer)


def _grid_faults(facts: Mapping[str, Any]) -> list[Fault]:
    is_grid, kind = facts["level"] == Level.GRID, facts.get("kind") or ""
    found = [
        Fault(name, "places.grid_only", {"level": Level(facts["level"]).label})
        for name in GRID_FACTS
        if facts.get(name) and not is_grid
    ]
    if is_grid and kind != Kind.EXCLUSIVE:
        found += [
            Fault(name, "places.exclusive_only", {})
            for name in ("exclusive_type", "management")
            if facts.get(name)
        ]
    if is_grid and kind == Kind.EXCLUSIVE and not facts.get("exclusive_type"):
        found.append(Fault("exclusive_type", "places.exclusive_type_missing", {}))
    return found


def _class_faults(facts: Mapping[str, Any]) -> list[Fault]:
    chosen = facts.get("area_class") or ""
    allowed = classes_for(facts["level"], facts.get("grid_level") or "")
    if chosen and chosen not in allowed:
        return [Fault("area_class", "places.class_misplaced", {"class": AreaClass(chosen).label})]
    return []


def classes_for(level: str, grid_level: str) -> frozenset[str]:
    """S79: 甲乙丙 for communities and L1 grids, A B C for L2 grids, no class elsewhere."""
    if level == Level.COMMUNITY or (level == Level.GRID and grid_level == GridLevel.L1):
        return CLASSES_OF_COMMUNITY
    return CLASSES_OF_COMPOUND if level == Level.GRID and grid_level == GridLevel.L2 else frozenset()


def _period_faults(facts: Mapping[str, Any]) -> list[Fault]:
    first: date | None = facts.get("valid_from")
    last: date | None = facts.get("valid_to")
    if first and last and last < first:
        return [Fault("valid_to", "places.period_backwards", {"first": str(first), "last": str(last)})]
    return []
