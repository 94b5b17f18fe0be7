"""Addresses of publications. Below `/published/` lies what everybody may read and check."""

from django.urls import path

from minping_web.publications.views import checking, copies, public, staff

app_name = "publications"
urlpatterns = [
    path("publications/", staff.publication_list, name="list"),
    path("publications/runs/<int:assessment_id>/", staff.publish_page, name="publish"),
    path("publications/<int:publication_id>/", staff.publication_page, name="publication"),
    path("publications/<int:publication_id>/files/<int:file_id>", staff.office_file, name="file"),
    path("publications/<int:publication_id>/copies/<int:result_id>/", copies.copy, name="copy"),
    path("published/", public.published_list, name="published_list"),
    path("published/objections/", public.objections_counted, name="objections"),
    path("published/check/", checking.check, name="check"),
    path("published/<int:publication_id>/", public.published, name="published"),
    path("published/<int:publication_id>/files/<path:name>", public.published_file, name="published_file"),
    path("published/<int:publication_id>/record.jsonl", public.published_record, name="published_record"),
    path("published/<int:publication_id>/proof.json", public.published_proof, name="published_proof"),
]
