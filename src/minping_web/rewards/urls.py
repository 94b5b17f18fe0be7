"""Addresses of rewards, all below /rewards/."""

from django.urls import URLPattern

app_name = "rewards"
urlpatterns: list[URLPattern] = []
