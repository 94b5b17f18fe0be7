"""Addresses with the demonstration mounted, whatever the switch says: what a forger would wish for."""

from django.urls import include, path

from minping_web.site.urls import urlpatterns as real

urlpatterns = [*real, path("demo/", include("minping_web.site.demo.urls"))]
