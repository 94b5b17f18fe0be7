"""The app 'coaching': its name in Django and on pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoachingConfig(AppConfig):
    """Coaching plans, training that fits, and whether it helped."""

    name = "minping_web.coaching"
    label = "coaching"
    verbose_name = _("Coaching")

    def ready(self) -> None:
        """The nightly work, and the rights to undo acts on courses."""
        from minping_web.coaching import tasks  # noqa: F401  (registers itself)
