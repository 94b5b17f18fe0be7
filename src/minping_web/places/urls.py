"""Addresses of places: route names and the pages behind them."""

from django.urls import path

from minping_web.common.import_flow import import_urls
from minping_web.places.imports import AREA_IMPORTER, FIGURE_IMPORTER
from minping_web.places.views import browse, editing, figures, maps, recutting

app_name = "places"
urlpatterns = [
    path("", browse.area_list, name="list"),
    path("new/", editing.area_create, name="create"),
    path("<int:area_id>/", browse.area_detail, name="detail"),
    path("<int:area_id>/edit/", editing.area_edit, name="edit"),
    path("<int:area_id>/end/", editing.area_end, name="end"),
    path("<int:area_id>/rename/", editing.area_rename, name="rename"),
    path("<int:area_id>/move/", editing.area_move, name="move"),
    path("<int:area_id>/merge/", recutting.area_merge, name="merge"),
    path("<int:area_id>/split/", recutting.area_split, name="split"),
    path("<int:area_id>/figures/new/", figures.figure_create, name="figure_create"),
    path("<int:area_id>/outline/remove/", maps.outline_remove, name="outline_remove"),
    path("figures/", figures.figure_list, name="figures"),
    path("figures/<int:figure_id>/remove/", figures.figure_remove, name="figure_remove"),
    path("map/", maps.area_map, name="map"),
    path("outlines/import/", maps.outlines_import, name="outlines_import"),
    path("publication/", maps.map_publication, name="publication"),
    path("household-rule/", recutting.household_rule, name="household_rule"),
    *import_urls(AREA_IMPORTER),
    *import_urls(FIGURE_IMPORTER),
]
