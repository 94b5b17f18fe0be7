"""Addresses of the demonstration; `site.urls` mounts them only there."""

from django.urls import path

from minping_web.site.demo import views

urlpatterns = [
    path("", views.choose, name="demo"),
    path("enter/", views.enter, name="demo_enter"),
    path("vote/", views.vote, name="demo_vote"),
    path("vote/keys/<slug:body>/", views.custodian_file, name="demo_key"),
]
