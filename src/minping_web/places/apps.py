"""The app's name."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Areas from city to grid, their classes, difficulties and outlines."""

    name = "minping_web.places"
    label = "places"
    verbose_name = "地域"
