"""Addresses of schemes, mounted at `/schemes/`."""

from django.urls import path

from minping_web.schemes import views

app_name = "schemes"
urlpatterns = [
    path("", views.scheme_list, name="list"),
    path("versions/", views.version_list, name="versions"),
    path("versions/<int:version_id>/", views.version_page, name="version"),
    path("versions/<int:version_id>/package/", views.version_package, name="package"),
    path("versions/<int:version_id>/compare/", views.compare, name="compare"),
    path("versions/<int:version_id>/end-pilot/", views.pilot_end, name="end_pilot"),
    path("<slug:scheme_id>/", views.scheme_page, name="scheme"),
    path("<slug:scheme_id>/package/", views.library_package, name="library_package"),
    path("<slug:scheme_id>/freeze/", views.freeze, name="freeze"),
]
