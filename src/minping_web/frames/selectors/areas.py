"""Areas as frames need them: where units may stand, and the communities around them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from minping_web.common.scope import Scope, within
from minping_web.frames.models import Unit
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


def area_label(area_id: int | None) -> str:
    """Name and code of an area for somebody who decides about it; empty for none."""
    area = Area.objects.filter(pk=area_id).first() if area_id is not None else None
    return f"{area.name} ({area.code})" if area else ""


def communities_below(area_ids: Iterable[int]) -> dict[int, int]:
    """The community of each grid and responsibility area among or below these areas."""
    wanted = set(area_ids)
    return {pk: community for pk, (community, around) in _places().items() if wanted & around}


def _places() -> dict[int, tuple[int, set[int]]]:
    """(community, all areas around and itself) of each area that may hold units, read from the paths."""
    communities = set(Area.objects.filter(level=Area.Level.COMMUNITY).values_list("pk", flat=True))
    found = {}
    for pk, path in Area.objects.filter(level__in=AREA_LEVELS).order_by().values_list("pk", "path"):
        around = ids_in(path)
        inside = [number for number in around if number in communities]
        if inside:
            found[pk] = (inside[-1], set(around))
    return found


def astray() -> dict[int, int]:
    """The right community of each area whose units stand under another one; empty in health.

    The caller entered a scope that sees all communities.
    """
    held = Unit.objects.order_by().values_list("area_id", "community_id").distinct()
    right = {pk: community for pk, (community, _around) in _places().items()}
    return {area: right[area] for area, community in held if right.get(area, community) != community}
