"""Areas for other systems: the services and rules are those of the pages."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Path, Query

from minping_engine.errors import Place
from minping_web.common.problems import RefusedError
from minping_web.common.rest import Id, Operations, Paged, changed_keys, page_of
from minping_web.common.scope import PATH_END, Scope, within
from minping_web.places.imports import AREA_IMPORTER, FIGURE_IMPORTER
from minping_web.places.models import Area, AreaCovariate, AreaLineage, AreaOutline, FormerState
from minping_web.places.rules.covariates import COVARIATE_OF
from minping_web.places.schemas import (
    AreaEnd,
    AreaFacts,
    AreaFilters,
    AreaGiven,
    AreaList,
    AreaMove,
    AreaName,
    AreaOut,
    FigureGiven,
    FigureList,
    FigureOut,
    FormerOut,
    History,
    LineageOut,
    OutlineOut,
)
from minping_web.places.services.areas import create_area, edit_area, end_area, move_area, rename_area
from minping_web.places.services.covariates import set_covariate

VIEW, EDIT = "places.view", "places.edit"
places = Operations("places")


def _seen(scope: Scope, permission: str = VIEW) -> QuerySet[Area]:
    return within(Area.objects.select_related("parent"), scope, permission)


def _one(scope: Scope, area_id: int, permission: str = VIEW) -> Area:
    return get_object_or_404(_seen(scope, permission), pk=area_id)


def _written(scope: Scope, area_id: int) -> AreaOut:
    return AreaOut.model_validate(_one(scope, area_id, EDIT))


def _by_code(scope: Scope, code: str, where: str, permission: str = VIEW) -> Area:
    area = _seen(scope, permission).filter(code=code).first()
    if area is None:
        raise RefusedError.of("api.unknown_code", Place(key=where), what="区域", what_en="area")
    return area


@places.get("/areas", VIEW, AreaList)
def list_areas(scope: Scope, wanted: Query[AreaFilters]) -> AreaList:
    """Areas of all levels, living and ended, by id."""
    return _page(_wanted(scope, wanted), wanted)


def _page(found: QuerySet[Area], wanted: Paged) -> AreaList:
    rows, after = page_of(found, wanted)
    return AreaList(items=[AreaOut.model_validate(row) for row in rows], next=after)


def _wanted(scope: Scope, wanted: AreaFilters) -> QuerySet[Area]:
    found = _seen(scope)
    named = {
        "code": wanted.code,
        "level": wanted.level,
        "kind": wanted.kind,
        "area_class": wanted.area_class,
        "parent__code": wanted.parent,
    }
    found = found.filter(**{name: value for name, value in named.items() if value is not None})
    if wanted.search:
        found = found.filter(Q(name__icontains=wanted.search) | Q(code__icontains=wanted.search))
    if wanted.below is not None:
        around = _by_code(scope, wanted.below, "query.below")
        found = found.filter(path__gt=around.path, path__lt=around.path + PATH_END)
    if wanted.valid_on:
        begun = Q(valid_from__isnull=True) | Q(valid_from__lte=wanted.valid_on)
        found = found.filter(begun, Q(valid_to__isnull=True) | Q(valid_to__gte=wanted.valid_on))
    if wanted.changed_since:
        found = found.filter(pk__in=changed_keys(Area, wanted.changed_since))
    return found


@places.get("/areas/{int:area_id}", VIEW, AreaOut)
def get_area(scope: Scope, area_id: Path[Id]) -> AreaOut:
    """One area."""
    return AreaOut.model_validate(_one(scope, area_id))


@places.get("/areas/{int:area_id}/children", VIEW, AreaList)
def list_children(scope: Scope, area_id: Path[Id], wanted: Query[Paged]) -> AreaList:
    """Areas that lie directly in this one, ended ones too."""
    area = _one(scope, area_id)
    return _page(_seen(scope).filter(parent=area), wanted)


@places.get("/areas/{int:area_id}/covariates", VIEW, FigureList)
def list_covariates(scope: Scope, area_id: Path[Id], wanted: Query[Paged]) -> FigureList:
    """Official figures of an area, past ones too."""
    rows, after = page_of(AreaCovariate.objects.filter(area=_one(scope, area_id)), wanted)
    return FigureList(items=[FigureOut.model_validate(row) for row in rows], next=after)


@places.post("/areas/{int:area_id}/covariates", EDIT, FigureOut)
def enter_covariate(scope: Scope, area_id: Path[Id], given: FigureGiven) -> FigureOut:
    """Enter an official figure; one of the same name and day is corrected."""
    if given.name not in COVARIATE_OF:
        known = ", ".join(COVARIATE_OF)
        raise RefusedError.of("api.not_in_list", Place(key="body.name"), known=known)
    area = _one(scope, area_id, EDIT)
    row = set_covariate(
        scope, area, name=given.name, value=given.value, as_of=given.as_of, source=given.source
    )
    row.refresh_from_db()
    return FigureOut.model_validate(row)


@places.get("/areas/{int:area_id}/lineage", VIEW, History)
def get_lineage(scope: Scope, area_id: Path[Id]) -> History:
    """How an area came about and what became of it; relatives outside the key's areas are left out."""
    area = _one(scope, area_id)
    links = AreaLineage.objects.select_related("old", "new")
    came_from = within(links.filter(new=area), scope, VIEW, "old__path")
    became = within(links.filter(old=area), scope, VIEW, "new__path")
    former = FormerState.objects.filter(area=area).select_related("parent")
    return History(
        came_from=[LineageOut.model_validate(link) for link in came_from],
        became=[LineageOut.model_validate(link) for link in became],
        former=[_former(scope, state) for state in former],
    )


def _former(scope: Scope, state: FormerState) -> FormerOut:
    told = FormerOut.model_validate(state)
    if state.parent and not scope.may(VIEW, state.parent.path):
        told.parent = None
    return told


@places.get("/areas/{int:area_id}/outline", VIEW, OutlineOut)
def get_outline(scope: Scope, area_id: Path[Id]) -> OutlineOut:
    """The outline of an area, if its map has an approval number; else 404."""
    approved = AreaOutline.objects.exclude(approval_number="")
    found = get_object_or_404(approved, area=_one(scope, area_id))
    return OutlineOut(
        geometry={"type": "MultiPolygon", "coordinates": found.geometry},
        datum=found.datum,
        source=found.source,
        approval_number=found.approval_number,
    )


@places.post("/areas", EDIT, AreaOut, status=201)
def make_area(scope: Scope, given: AreaGiven) -> AreaOut:
    """A new area below another one."""
    parent = _by_code(scope, given.parent, "body.parent", EDIT) if given.parent is not None else None
    return AreaOut.model_validate(create_area(scope, parent=parent, values=given.told()))


@places.patch("/areas/{int:area_id}", EDIT, AreaOut)
def correct_area(scope: Scope, area_id: Path[Id], given: AreaFacts) -> AreaOut:
    """Correct facts of an area. Its name by decree, its place and its end are acts of their own."""
    area = _one(scope, area_id, EDIT)
    edit_area(scope, area.pk, given.told())
    return _written(scope, area.pk)


@places.post("/areas/{int:area_id}/end", EDIT, AreaOut)
def close_area(scope: Scope, area_id: Path[Id], given: AreaEnd) -> AreaOut:
    """Let an area end."""
    area = _one(scope, area_id, EDIT)
    end_area(scope, area.pk, last_day=given.last_day, below=given.below)
    return _written(scope, area.pk)


@places.post("/areas/{int:area_id}/rename", EDIT, AreaOut)
def give_name(scope: Scope, area_id: Path[Id], given: AreaName) -> AreaOut:
    """A new official name from a day on; the old one stays in the history."""
    area = _one(scope, area_id, EDIT)
    rename_area(scope, area.pk, name=given.name, day=given.day, reason=given.reason)
    return _written(scope, area.pk)


@places.post("/areas/{int:area_id}/move", EDIT, AreaOut)
def relocate_area(scope: Scope, area_id: Path[Id], given: AreaMove) -> AreaOut:
    """Put an area with everything inside it under another one from a day on."""
    area = _one(scope, area_id, EDIT)
    parent = _by_code(scope, given.parent, "body.parent", EDIT)
    move_area(scope, area.pk, parent=parent, day=given.day, reason=given.reason)
    return _written(scope, area.pk)


places.rows("/areas/import", AREA_IMPORTER)
places.rows("/covariates/import", FIGURE_IMPORTER)
