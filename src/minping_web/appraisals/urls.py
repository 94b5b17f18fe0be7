"""Addresses of appraisals, all below /appraisals/."""

from django.urls import URLPattern

app_name = "appraisals"
urlpatterns: list[URLPattern] = []
