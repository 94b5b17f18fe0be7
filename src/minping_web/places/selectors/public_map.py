"""The published map (S80): what the district chose to show, arranged for residents who look for their home.

It begins with the communities, street by street; a community shows its grids with their people. A
responsibility area that is its whole grid is not listed beside it: the grid stands for both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from minping_web.places.models import Area, MapPublication
from minping_web.places.rules import tiles
from minping_web.places.rules.levels import Level
from minping_web.places.selectors.areas import below, living
from minping_web.places.selectors.serving import Serving, people_of, wholes

BROWSED = (Level.COMMUNITY, Level.STREET)
"""Levels that the first page lists, the better one first."""


@dataclass(frozen=True)
class PublicEntry:
    """One area as the public sees it."""

    area: Area
    around: str
    people: list[Serving]


def published_levels() -> dict[str, MapPublication]:
    """Levels that the district chose to publish."""
    return {row.level: row for row in MapPublication.objects.filter(shown=True)}


def published(day: date) -> QuerySet[Area]:
    """Published areas in the order of the tree."""
    levels = set(published_levels())
    found = living(Area.objects.filter(level__in=levels), day)
    if Level.GRID in levels:
        found = found.exclude(pk__in=wholes(day).values("pk"))
    return found.select_related("parent").order_by("path")


def published_area(pk: int | None, day: date) -> Area | None:
    """One published area, else None."""
    return None if pk is None else published(day).filter(pk=pk).first()


def inside(around: Area | None, day: date) -> QuerySet[Area]:
    """Published areas in an area, itself not; all without one."""
    return published(day).filter(below(around)) if around else published(day)


def found_by(text: str, day: date) -> QuerySet[Area]:
    """Areas by their name, the name around them, or the name of the responsibility area that they are."""
    hit = Q(name__icontains=text) | Q(parent__name__icontains=text)
    if Level.RESPONSIBILITY_AREA in published_levels():
        named = wholes(day).filter(name__icontains=text)
        hit |= Q(pk__in=named.values("parent"))
    return published(day).filter(hit)


def groups_in(around: Area | None, day: date) -> list[tuple[Area | None, list[Area]]]:
    """What one chooses from first: communities by street, with what lies in a street directly."""
    levels = published_levels()
    first = next((level for level in BROWSED if level in levels), None)
    if first is None or (around is not None and around.level != Level.STREET):
        return []
    wanted = Q(level=first)
    if first == Level.COMMUNITY:
        wanted |= Q(level=Level.GRID, parent__level=Level.STREET)
    groups: dict[int, list[Area]] = defaultdict(list)
    for area in inside(around, day).filter(wanted).order_by("parent__path", "level", "path"):
        groups[area.parent_id or 0].append(area)
    return [(areas[0].parent, areas) for areas in groups.values()]


def public_entries(areas: Sequence[Area], day: date) -> list[PublicEntry]:
    """With names and phones as far as their level allows, and nothing else about anybody."""
    levels = published_levels()
    named = [area for area in areas if area.level in levels and levels[area.level].names]
    people = people_of(named, day)
    entries = []
    for area in areas:
        phones = area.level in levels and levels[area.level].phones
        shown = [
            Serving(one.name, one.role, one.office_phone if phones else "", one.where)
            for one in people.get(area.pk, ())
        ]
        entries.append(PublicEntry(area, area.parent.name if area.parent else "", shown))
    return entries


def public_sheets(groups: Sequence[tuple[Area | None, Sequence[Area]]]) -> list[tiles.Sheet]:
    """Tiles of the first page; nothing is coloured or counted."""
    return [
        tiles.sheet_of(None, around.name if around else "", [tiles.Tile(a.pk, a.name, "", "") for a in areas])
        for around, areas in groups
    ]
