"""Units, masked: ordinary reads load no contact and no word about special families."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from minping_web.common.scope import PATH_END, Scope, within
from minping_web.frames.models import Frame, Unit
from minping_web.places.models import Area

MOST_SPECIAL = 1000


@dataclass(frozen=True)
class UnitFilters:
    """What a list is narrowed to; empty means everything."""

    area_path: str = ""
    kind: str = ""
    instrument: str = ""
    rater: str = ""
    reach: str = ""
    """"yes" or "no": whether a contact is held."""
    left_out: str = ""
    """"yes", "no", or a reason of exclusion."""
    search: str = ""
    """Beginning of a house code."""

    @property
    def narrow(self) -> bool:
        """Whether anything but the area is asked."""
        return any((self.kind, self.instrument, self.rater, self.reach, self.left_out, self.search))


def units_everywhere(scope: Scope, permission: str) -> QuerySet[Unit]:
    """Units of all frames in the scope."""
    return within(Unit.objects.select_related("area", "frame"), scope, permission, "area__path")


def units_seen(scope: Scope, frame_id: int, *, permission: str = "frames.view") -> QuerySet[Unit]:
    """Units of one frame in the scope, in the order of places; without salt and special family."""
    rows = _inside(Unit.objects.filter(frame_id=frame_id), scope, permission)
    rows = rows.exclude(frame__state=Frame.State.LOADING)
    return rows.prefetch_related("area").defer("salt", "special").order_by("area_id", "house_code")


def _inside(rows: QuerySet[Unit], scope: Scope, permission: str) -> QuerySet[Unit]:
    """As `within`, by the areas' ids: joined to the areas a database sometimes walks all of them per unit."""
    if scope.reach(permission).whole:
        return rows
    areas = within(Area.objects.all(), scope, permission)
    return rows.filter(area_id__in=list(areas.order_by().values_list("pk", flat=True)))


def unit_of(scope: Scope, frame_id: int, unit_id: UUID, *, permission: str = "frames.view") -> Unit:
    """One unit of the scope, else 404."""
    return get_object_or_404(units_seen(scope, frame_id, permission=permission), pk=unit_id)


def filtered(rows: QuerySet[Unit], filters: UnitFilters) -> QuerySet[Unit]:
    """Narrow a list."""
    exact = {"kind": filters.kind, "instrument": filters.instrument, "rater": filters.rater}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if filters.area_path:
        inside = Area.objects.filter(path__gte=filters.area_path, path__lt=filters.area_path + PATH_END)
        rows = rows.filter(area_id__in=list(inside.values_list("pk", flat=True)))
    if filters.reach:
        rows = rows.filter(has_contact=filters.reach == "yes")
    if filters.left_out == "yes":
        rows = rows.exclude(excluded="")
    elif filters.left_out:
        rows = rows.filter(excluded="" if filters.left_out == "no" else filters.left_out)
    if filters.search:
        rows = rows.filter(house_code__gte=filters.search, house_code__lt=filters.search + "\U0010ffff")
    return rows


def units_with_contacts(
    scope: Scope, frame_id: int, filters: UnitFilters, *, permission: str
) -> QuerySet[Unit]:
    """Units of the population that can be reached, with their sealed contacts."""
    rows = filtered(units_seen(scope, frame_id, permission=permission), filters)
    asked = rows.filter(has_contact=True, do_not_contact=False, excluded="")
    return asked.select_related("area", "contact")


def special_units(scope: Scope, frame_id: int, area_path: str = "") -> list[Unit]:
    """Special families of the population, with `frames.contacts` only."""
    rows = within(Unit.objects.filter(frame_id=frame_id), scope, "frames.contacts", "area__path")
    rows = rows.exclude(special="").filter(excluded="", do_not_contact=False).select_related("area")
    return list(
        filtered(rows, UnitFilters(area_path=area_path)).order_by("area_id", "house_code")[:MOST_SPECIAL]
    )


def area_seen(scope: Scope, area_id: int, permission: str) -> Area:
    """An area of the scope, else 404."""
    return get_object_or_404(within(Area.objects.all(), scope, permission), pk=area_id)


def areas_to_choose(scope: Scope, permission: str) -> list[Area]:
    """Streets and communities of the scope, for filters."""
    levels = (Area.Level.STREET, Area.Level.COMMUNITY)
    return list(within(Area.objects.all(), scope, permission).filter(level__in=levels).order_by("path"))
