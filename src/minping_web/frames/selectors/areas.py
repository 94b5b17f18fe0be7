"""Areas as frames need them: where units may stand, and the communities around them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from minping_web.common.scope import Scope, within
from minping_web.frames.rules import AREA_LEVELS
from minping_web.places.models import HEX, Area


@dataclass(frozen=True)
class UnitArea:
    """An area that holds units, and the community that it lies in."""

    id: int
    community_id: int
    code: str


def areas_for_units(scope: Scope, permission: str) -> dict[str, UnitArea]:
    """Areas of the scope that may hold units, by code; ended ones are left out."""
    rows = within(Area.objects.all(), scope, permission).filter(level__in=AREA_LEVELS, valid_to__isnull=True)
    communities = set(Area.objects.filter(level=Area.Level.COMMUNITY).values_list("pk", flat=True))
    found = {}
    for area_id, code, path in rows.values_list("pk", "code", "path"):
        around = [number for number in ids_in(path) if number in communities]
        if around:
            found[code] = UnitArea(area_id, around[-1], code)
    return found


def known_codes() -> frozenset[str]:
    """Codes of all areas, to tell "unknown" from "not yours" and "wrong level"."""
    return frozenset(Area.objects.values_list("code", flat=True))


def ids_in(path: str) -> list[int]:
    """Ids of an area's ancestors and of itself, widest first."""
    return [int(path[start : start + HEX], 16) for start in range(0, len(path), HEX)]


def areas_by_id(ids: set[int]) -> dict[int, Area]:
    """Areas by id, one query."""
    return Area.objects.in_bulk(ids)


def moved_areas(area_ids: Iterable[int]) -> QuerySet[Area]:
    """Grids and responsibility areas among these: only their community can have changed."""
    return Area.objects.filter(pk__in=list(area_ids), level__in=AREA_LEVELS)


def community_of(area: Area) -> int | None:
    """The community around an area, by its path."""
    around = Area.objects.filter(pk__in=ids_in(area.path), level=Area.Level.COMMUNITY)
    return around.values_list("pk", flat=True).first()
