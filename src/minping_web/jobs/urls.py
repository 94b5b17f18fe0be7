"""Addresses of jobs; those below `/live/` are served by the asynchronous half."""

from django.urls import path

from minping_web.jobs import views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.job_list, name="list"),
    path("jobs/<int:job_id>/", views.job_detail, name="detail"),
    path("jobs/<int:job_id>/cancel/", views.cancel, name="cancel"),
    path("jobs/<int:job_id>/retry/", views.retry, name="retry"),
    path("jobs/start/<str:task>/", views.start, name="start"),
    path("live/jobs/<int:job_id>", views.live, name="live"),
]
