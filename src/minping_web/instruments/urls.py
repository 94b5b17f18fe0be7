"""Addresses of questionnaires, mounted at `/instruments/`."""

from django.urls import path

from minping_web.instruments.views import drafts, editor, lists, spreadsheets

app_name = "instruments"
urlpatterns = [
    path("", lists.instrument_list, name="list"),
    path("new/", drafts.new, name="new"),
    path("new/from-scheme/", drafts.new_from_scheme, name="from_scheme"),
    path("import/", spreadsheets.xlsform_import, name="import"),
    path("import/template/", spreadsheets.xlsform_template, name="template"),
    path("<int:version_id>/", lists.version_page, name="version"),
    path("<int:version_id>/compare/", lists.compare, name="compare"),
    path("<int:version_id>/xlsform/", spreadsheets.xlsform, name="xlsform"),
    path("<int:version_id>/edit/", editor.edit, name="edit"),
    path("<int:version_id>/preview/", editor.preview, name="preview"),
    path("<int:version_id>/history/", editor.history, name="history"),
    path("<int:version_id>/undo/", editor.undo, name="undo"),
    path("<int:version_id>/go-back/", editor.back, name="go_back"),
    path("<int:version_id>/copy/", drafts.copy, name="copy"),
    path("<int:version_id>/delete/", drafts.delete, name="delete"),
    path("<int:version_id>/freeze/", drafts.freeze, name="freeze"),
]
