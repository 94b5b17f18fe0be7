"""The app's name, and what it offers when Django has loaded."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    """Areas from city to grid, their classes, difficulties and outlines."""

    name = "minping_web.places"
    label = "places"
    verbose_name = _("Places")

    def ready(self) -> None:
        """What taking back an act on places demands, and that it puts the paths in order."""
        from minping_web.common.changes import undo_rules
        from minping_web.places.services.undoing import PLACES

        undo_rules("places", PLACES)
