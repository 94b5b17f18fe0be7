"""Who serves an area: its own postings, and for a grid those of its responsibility areas.

Owners are posted on responsibility areas; residents and officials ask about the grid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from minping_web.places.models import Area
from minping_web.places.rules.levels import Level
from minping_web.places.rules.responsible import ResponsiblePerson, responsible_for
from minping_web.places.selectors.areas import living


@dataclass(frozen=True)
class Serving:
    """Somebody who serves an area; `where` names the part of it when that is not the whole."""

    name: str
    role: str
    office_phone: str = ""
    where: str = ""


def pieces_of(grids: Sequence[Area], day: date) -> QuerySet[Area]:
    """Responsibility areas of grids, at most three grids deep."""
    ids = [grid.pk for grid in grids]
    around = Q(parent__in=ids) | Q(parent__parent__in=ids) | Q(parent__parent__parent__in=ids)
    pieces = living(Area.objects.filter(around, level=Level.RESPONSIBILITY_AREA), day)
    return pieces.select_related("parent").order_by("path")


def wholes(day: date) -> QuerySet[Area]:
    """Responsibility areas that are their whole grid: alone in it, with the same households."""
    others = living(Area.objects.filter(parent=OuterRef("parent")), day).exclude(pk=OuterRef("pk"))
    same = Q(households=F("parent__households")) | Q(households=None) | Q(parent__households=None)
    pieces = living(Area.objects.filter(level=Level.RESPONSIBILITY_AREA, parent__level=Level.GRID), day)
    return pieces.filter(same).filter(~Exists(others))


def people_of(areas: Sequence[Area], day: date) -> dict[int, list[Serving]]:
    """Everybody who serves each area on a day, those posted at the area itself first."""
    inside = _inside([area for area in areas if area.level == Level.GRID], day)
    pieces = {piece.pk for group in inside.values() for piece in group}
    whole = set(wholes(day).filter(pk__in=pieces).values_list("pk", flat=True)) if pieces else set()
    people = responsible_for([*(area.pk for area in areas), *pieces], day)
    found: dict[int, list[Serving]] = {}
    for area in areas:
        rows = _told(people, area.pk, "")
        for piece in inside[area.pk]:
            named = piece.pk not in whole or piece.parent_id != area.pk
            rows += _told(people, piece.pk, piece.name if named else "")
        found[area.pk] = list(dict.fromkeys(rows))
    return found


def _inside(grids: Sequence[Area], day: date) -> dict[int, list[Area]]:
    wanted = {grid.pk for grid in grids}
    found: dict[int, list[Area]] = defaultdict(list)
    for piece in pieces_of(grids, day) if grids else ():
        for around in wanted.intersection(piece.ancestor_ids):
            found[around].append(piece)
    return found


def _told(people: Mapping[int, Sequence[ResponsiblePerson]], area_id: int, where: str) -> list[Serving]:
    return [Serving(one.name, one.role, one.office_phone, where) for one in people.get(area_id, ())]
