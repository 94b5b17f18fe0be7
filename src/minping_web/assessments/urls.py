"""Addresses of assessments, all below /assessments/."""

from django.urls import path

from minping_web.assessments.views import runs

app_name = "assessments"
urlpatterns = [
    path("assessments/", runs.run_list, name="list"),
    path("assessments/new/", runs.run_new, name="new"),
    path("assessments/<int:assessment_id>/", runs.run_page, name="run"),
    path("assessments/<int:assessment_id>/again/", runs.run_again, name="again"),
    path("assessments/<int:assessment_id>/results/<int:result_id>/", runs.result_page, name="result"),
    path("assessments/<int:assessment_id>/files/<str:name>", runs.run_file, name="file"),
]
