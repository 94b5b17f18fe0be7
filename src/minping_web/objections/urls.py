"""Addresses of objections, all below /objections/."""

from django.urls import URLPattern

app_name = "objections"
urlpatterns: list[URLPattern] = []
