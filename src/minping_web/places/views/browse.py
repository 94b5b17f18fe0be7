"""Look at areas: the list with tree and filters, one area with everything known about it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from minping_web.common.clock import today
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.places.imports import AREAS
from minping_web.places.models import Area
from minping_web.places.rules import levels
from minping_web.places.rules.household_rule import standing_of
from minping_web.places.selectors import areas as select
from minping_web.places.selectors.lineage import lineage_of
from minping_web.places.selectors.maps import outline_map, tile_map
from minping_web.places.selectors.serving import people_of
from minping_web.places.services.areas import EDIT, may_edit

CHILDREN = 50


@page(select.VIEW)
def area_list(request: ScopedRequest) -> HttpResponse:
    """The register: tree beside the list; `?format=` exports what the filters show."""
    filters = select.Filters.read(request.GET.dict())
    found = select.areas_listed(request.scope, filters, today())
    if wants_export(request):
        return export_response(request, AREAS, select.rows_of_areas(found))
    context = {
        "page": paged(request, found),
        "filters": filters,
        "tree": select.tree_of(request.scope, today()),
        "levels": levels.Level.choices,
        "grid_levels": levels.GridLevel.choices,
        "kinds": levels.Kind.choices,
        "classes": levels.AreaClass.choices,
        "may_edit": request.scope.may(EDIT),
        "may_structure": request.scope.reach(EDIT).whole,
        "any_area": filters.any or select.areas_seen(request.scope).exists(),
    }
    return render(request, "places/list.html", context)


@page(select.VIEW)
def area_detail(request: ScopedRequest, area_id: int) -> HttpResponse:
    """One area."""
    area, day = select.area_for(request.scope, area_id), today()
    children = list(select.children_of(area, day)[: CHILDREN + 1])
    shown = children[:CHILDREN]
    context = {
        "area": area,
        "ancestors": select.ancestors_of(request.scope, area),
        "people": people_of([area], day)[area.pk],
        "figures": select.latest_covariates(area),
        "children": shown,
        "more_children": len(children) > CHILDREN,
        "standing": standing_of(area.households) if _is_ruled(area) else "",
        "lineage": lineage_of(area),
        "changes": select.changes_of(request.scope, area),
        "may_edit": may_edit(request.scope, area),
        "may_figures": request.scope.may(EDIT, area.path),
        "ended": area.valid_to is not None and area.valid_to < day,
        "outlines": outline_map([area, *shown], "class", public=False),
        "tiles": tile_map(request.scope, area, "class", day) if shown else None,
    }
    return render(request, "places/detail.html", context)


def _is_ruled(area: Area) -> bool:
    """The household rule speaks of general grids below L1."""
    return area.level == levels.Level.GRID and area.kind in {"", "general"} and area.grid_level != "L1"
