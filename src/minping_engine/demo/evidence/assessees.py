"""Who is assessed in a scheme's demonstration: workers, places or names, with the areas they lie in.

In: the plan's `assessees`, the district's places. Out: `Assessee`s in a fixed order and the tables that
every snapshot has. A place's id is the area's, so that other schemes find it; workers are W0001 and so on,
by responsibility area.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from minping_engine.demo.evidence.plan import Who
from minping_engine.demo.names import invented_names
from minping_engine.demo.parameters import DemoParameters
from minping_engine.demo.places import DISTRICT_CODE, Area, Places, make_places
from minping_engine.terms import AreaLevel

LEVELS = {"grids": AreaLevel.GRID, "communities": AreaLevel.COMMUNITY, "streets": AreaLevel.STREET}
PLAIN_HOUSEHOLDS = 400
"""Of places without households of their own, such as exclusive grids."""


@dataclass(frozen=True)
class Assessee:
    """One of them; `households` are those of its area."""

    id: str
    name: str
    area_id: str
    households: int


@dataclass(frozen=True, eq=False)
class Ground:
    """The district's areas by id, and households by area, upper areas included."""

    places: Places
    areas: dict[str, Area]
    households: dict[str, int]
    seed: int


@lru_cache(maxsize=2)
def make_ground(seed: int) -> Ground:
    """The demonstration district of a seed."""
    places = make_places(DemoParameters(), seed)
    areas = {area.area_id: area for area in places.areas}
    households: dict[str, int] = {}
    for name, count in zip(places.area_ids, places.households.tolist(), strict=True):
        for area in upwards(areas, name):
            households[area.area_id] = households.get(area.area_id, 0) + count
    return Ground(places, areas, households, seed)


def upwards(areas: dict[str, Area], area_id: str) -> Iterator[Area]:
    """An area and all that it lies in."""
    area = areas.get(area_id)
    while area is not None:
        yield area
        area = areas.get(area.parent_id or "")


def assessees_of(who: Who, ground: Ground) -> tuple[Assessee, ...]:
    """All of them in order, the first `count` if the plan says so."""
    if who.names:
        made = list(_named(who, ground))
    elif who.from_ == "workers":
        made = list(_workers(ground))
    else:
        level = LEVELS[who.from_ or ""]
        ids = [area.area_id for area in ground.places.areas if area.level is level]
        made = [_assessee(name, name, _place_name(ground, name), ground) for name in ids]
    return tuple(made[: who.count])


def _assessee(name: str, area_id: str, title: str, ground: Ground) -> Assessee:
    return Assessee(name, title, area_id, ground.households.get(area_id) or PLAIN_HOUSEHOLDS)


def _workers(ground: Ground) -> Iterator[Assessee]:
    ids = ground.places.area_ids
    names = invented_names(len(ids), ground.seed)
    for number, (area_id, name) in enumerate(zip(ids, names, strict=True), 1):
        yield _assessee(f"W{number:04d}", area_id, name, ground)


def _named(who: Who, ground: Ground) -> Iterator[Assessee]:
    if who.per is None:
        yield from (_assessee(named.id, DISTRICT_CODE, named.zh, ground) for named in who.names)
        return
    for area in ground.places.areas:
        if area.level.value == who.per:
            for named in who.names:
                yield _assessee(f"{area.area_id}-{named.id}", area.area_id, area.name + named.zh, ground)


def _place_name(ground: Ground, area_id: str) -> str:
    """Grids are numbered in each community, so they are named with it."""
    area = ground.areas[area_id]
    above = ground.areas.get(area.parent_id or "") if area.level is AreaLevel.GRID else None
    return (above.name if above else "") + area.name


def area_rows(assessees: Sequence[Assessee], ground: Ground) -> list[dict[str, str | None]]:
    """The areas of all assessees and those above them, as rows of `areas`."""
    wanted = {
        area.area_id: area for assessee in assessees for area in upwards(ground.areas, assessee.area_id)
    }
    return [
        {
            "area_id": area.area_id,
            "parent_id": area.parent_id,
            "level": area.level.value,
            "name": area.name,
            "area_kind": area.area_kind,
            "area_class": area.area_class,
            "urban_rural": "urban",
        }
        for area in wanted.values()
    ]
