"""The app's name; loads the `tasks` module of every app, so that any process knows all tasks."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Background jobs in a leased table queue."""

    name = "minping_web.jobs"
    label = "jobs"
    verbose_name = _("Background jobs")

    def ready(self) -> None:
        """Find the tasks."""
        autodiscover_modules("tasks")
