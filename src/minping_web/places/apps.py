"""The app's name, and what it offers when Django has loaded."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Areas from city to grid, their classes, difficulties and outlines."""

    name = "minping_web.places"
    label = "places"
    verbose_name = "区域"

    def ready(self) -> None:
        """Undoing a change of places puts the paths in order."""
        from minping_web.common.changes import after_undo
        from minping_web.places.services.paths import mend_paths

        after_undo("places", mend_paths)
