"""The tree of areas as pages need it: lists with filters, one area with its surroundings, exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from minping_web.common.changes import readable_by
from minping_web.common.lookups import by_code_or_name
from minping_web.common.models import Change, ChangeSet
from minping_web.common.scope import PATH_END, Scope, within
from minping_web.places.models import Area, AreaCovariate
from minping_web.places.rules.levels import Level

VIEW = "places.view"
UPPER = (Level.CITY, Level.DISTRICT, Level.STREET, Level.COMMUNITY)


def areas_seen(scope: Scope, permission: str = VIEW) -> QuerySet[Area]:
    """Every area of the scope, ended ones too."""
    return within(Area.objects.all(), scope, permission)


def area_for(scope: Scope, area_id: int, permission: str = VIEW) -> Area:
    """One area, else 404."""
    return get_object_or_404(areas_seen(scope, permission).select_related("parent"), pk=area_id)


def area_by_code(scope: Scope, permission: str, code: str) -> Area | None:
    """The area that a code or a name means, inside the permission's reach."""
    areas = areas_seen(scope, permission)
    return by_code_or_name(areas, code, areas.filter(valid_to__isnull=True))


def areas_by_code(scope: Scope, permission: str, codes: Iterable[str]) -> dict[str, Area]:
    """For imports: areas by code, where the permission holds."""
    return {area.code: area for area in areas_seen(scope, permission).filter(code__in=set(codes))}


def living(queryset: QuerySet[Area], day: date) -> QuerySet[Area]:
    """Areas that are there on a day."""
    return queryset.filter(
        Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
    )


def below(area: Area) -> Q:
    """Everything inside an area, itself not."""
    return Q(path__gt=area.path, path__lt=area.path + PATH_END)


@dataclass(frozen=True)
class Filters:
    """What the list of areas can be narrowed by; all may be empty."""

    text: str = ""
    level: str = ""
    grid_level: str = ""
    kind: str = ""
    area_class: str = ""
    state: str = ""
    under: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, Any]) -> Filters:
        """From the address; nonsense filters nothing."""
        told = {key: str(value).strip().replace("\x00", "")[:100] for key, value in query.items()}
        under = told.get("under", "")
        return cls(
            text=told.get("q", ""),
            level=told.get("level", ""),
            grid_level=told.get("grid_level", ""),
            kind=told.get("kind", ""),
            area_class=told.get("class", ""),
            state=told.get("state", ""),
            under=int(under) if under.isdecimal() and len(under) < 12 else None,
        )

    @property
    def any(self) -> bool:
        """Whether anything is narrowed."""
        return any(
            (self.text, self.level, self.grid_level, self.kind, self.area_class, self.state, self.under)
        )


def areas_listed(scope: Scope, filters: Filters, day: date) -> QuerySet[Area]:
    """The list, in the order of the tree."""
    found = areas_seen(scope).select_related("parent").order_by("path")
    if filters.under:
        around = areas_seen(scope).filter(pk=filters.under).first()
        found = found.filter(below(around)) if around else found.none()
    if filters.text:
        found = found.filter(Q(name__icontains=filters.text) | Q(code__istartswith=filters.text))
    for name in ("level", "grid_level", "kind", "area_class"):
        if value := getattr(filters, name):
            found = found.filter(**{name: value})
    if filters.state == "red":
        return living(found, day).filter(is_red=True)
    if filters.state == "ended":
        return found.filter(valid_to__lt=day)
    return found if filters.state == "all" else living(found, day)


@dataclass
class Branch:
    """An area with those below it, for the nested list."""

    area: Area
    branches: list[Branch]
    inside: int = 0


def tree_of(scope: Scope, day: date) -> list[Branch]:
    """City to community with the number of areas directly inside; two queries."""
    areas = list(living(areas_seen(scope), day).filter(level__in=UPPER).order_by("path"))
    counts = dict(
        living(Area.objects.all(), day)
        .filter(parent__in=areas)
        .values_list("parent")
        .annotate(number=Count("pk"))
        .order_by()
    )
    branches: dict[int, Branch] = {}
    tops: list[Branch] = []
    for area in areas:
        branch = branches[area.pk] = Branch(area, [], counts.get(area.pk, 0))
        around = branches.get(area.parent_id or 0)
        (around.branches if around else tops).append(branch)
    return tops


def ancestors_of(scope: Scope, area: Area) -> list[Area]:
    """Around the area, the widest first, as far as the scope sees."""
    return list(areas_seen(scope).filter(pk__in=area.ancestor_ids).order_by("path"))


def called(area_ids: Iterable[int]) -> dict[int, str]:
    """Areas as residents say them: the community before the grid, since every community has a first grid."""
    areas = {area.pk: area for area in Area.objects.filter(pk__in=set(area_ids))}
    around = {pk for area in areas.values() for pk in area.ancestor_ids} - areas.keys()
    names = dict(areas) | {area.pk: area for area in Area.objects.filter(pk__in=around)}
    return {
        pk: _called([names[one] for one in area.ancestor_ids if one in names], area)
        for pk, area in areas.items()
    }


def called_by_code(codes: Iterable[str]) -> dict[str, str]:
    """Code -> the area as residents say it."""
    ids = dict(Area.objects.filter(code__in=set(codes)).values_list("code", "pk"))
    names = called(ids.values())
    return {code: names[pk] for code, pk in ids.items()}


def _called(around: list[Area], area: Area) -> str:
    """Names from the community down; one that the next name begins with is left out."""
    told: list[str] = []
    for name in (*(one.name for one in around if one.level not in UPPER[:-1]), area.name):
        if told and name.startswith(told[-1]):
            told.pop()
        told.append(name)
    return "".join(told)


def children_of(area: Area, day: date) -> QuerySet[Area]:
    """Directly inside and there on a day."""
    return living(Area.objects.filter(parent=area), day).order_by("level", "code")


def latest_covariates(area: Area) -> list[AreaCovariate]:
    """The newest figure of each name."""
    newest: dict[str, AreaCovariate] = {}
    for row in area.covariates.order_by("name", "-as_of"):
        newest.setdefault(row.name, row)
    return list(newest.values())


def changes_of(scope: Scope, area: Area, number: int = 10) -> list[ChangeSet]:
    """The last acts that touched an area's own row, as far as the scope may read about them."""
    touched = Change.objects.filter(model="places.area", object_id=str(area.pk))
    found = readable_by(scope).filter(pk__in=touched.values("change_set"))
    return list(found.order_by("-pk")[:number])


def rows_of_areas(areas: QuerySet[Area]) -> Iterator[dict[str, object]]:
    """For the export: labels that the import reads back."""
    for area in areas:
        yield {
            "code": area.code,
            "name": area.name,
            "parent_code": area.parent.code if area.parent else None,
            **{name: _shown(area, name) for name in LABELLED},
            **{name: getattr(area, name) for name in PLAIN},
        }


LABELLED = ("level", "grid_level", "kind", "exclusive_type", "management", "staffing", "area_class")
PLAIN = ("is_red", "households", "residents", "buildings", "valid_from", "valid_to")


def _shown(area: Area, name: str) -> str:
    return str(getattr(area, f"get_{name}_display")())


def rows_of_covariates(rows: QuerySet[AreaCovariate]) -> Iterator[dict[str, object]]:
    """For the export of figures."""
    for row in rows.select_related("area"):
        yield {
            "code": row.area.code,
            "name": row.get_name_display(),
            "value": row.shown,
            "as_of": row.as_of,
            "source": row.source,
        }
