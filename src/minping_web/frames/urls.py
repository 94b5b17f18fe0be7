"""Addresses of frames, mounted at `/frames/`."""

from django.urls import path, register_converter

from minping_web.common.masks import UnitConverter
from minping_web.frames.views import contacts, frames, imports, rights, units

register_converter(UnitConverter, "unit")

app_name = "frames"
urlpatterns = [
    path("", frames.frame_list, name="list"),
    path("import/", imports.import_new, name="import"),
    path("import/template/", imports.import_template, name="template"),
    path("import/<int:import_id>/", imports.import_page, name="import_page"),
    path("import/<int:import_id>/load/", imports.import_confirm, name="import_confirm"),
    path("import/<int:import_id>/drop/", imports.import_drop, name="import_drop"),
    path("log/", contacts.access_log, name="log"),
    path("keys/", contacts.keys, name="keys"),
    path("clocks/", rights.clock_page, name="clocks"),
    path("clocks/hold/", rights.clock_hold, name="hold"),
    path("clocks/hold/<int:hold_id>/lift/", rights.clock_lift, name="hold_lift"),
    path("requests/", rights.request_list, name="requests"),
    path("requests/new/", rights.request_new, name="request_new"),
    path("requests/<uuid:request_id>/", rights.request_page, name="request"),
    path("requests/<uuid:request_id>/show/", rights.request_show, name="request_show"),
    path("requests/<uuid:request_id>/correct/", rights.request_correct, name="request_correct"),
    path("requests/<uuid:request_id>/delete/", rights.request_delete, name="request_delete"),
    path("requests/<uuid:request_id>/refuse/", rights.request_refuse, name="request_refuse"),
    path("<int:frame_id>/", frames.frame_page, name="frame"),
    path("<int:frame_id>/edit/", frames.frame_edit, name="frame_edit"),
    path("<int:frame_id>/seal/", frames.frame_seal, name="seal"),
    path("<int:frame_id>/reopen/", frames.frame_reopen, name="reopen"),
    path("<int:frame_id>/retire/", frames.frame_retire, name="retire"),
    path("<int:frame_id>/list-for-outsiders/", frames.frame_disclosed, name="disclosed"),
    path("<int:frame_id>/units/", units.unit_list, name="units"),
    path("<int:frame_id>/units/exclude/", units.unit_exclude, name="exclude"),
    path("<int:frame_id>/units/<unit:unit_id>/", units.unit_page, name="unit"),
    path("<int:frame_id>/units/<unit:unit_id>/contact/", units.unit_contact, name="contact"),
    path("<int:frame_id>/units/<unit:unit_id>/include/", units.unit_include, name="include"),
    path("<int:frame_id>/special/", units.special_list, name="special"),
    path("<int:frame_id>/exports/", contacts.export_list, name="exports"),
    path("<int:frame_id>/exports/<int:export_id>/", contacts.export_download, name="export_download"),
]
