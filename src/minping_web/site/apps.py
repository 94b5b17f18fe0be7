"""The app's name, and what it offers when Django has loaded."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    """Settings, addresses, wiring, commands."""

    name = "minping_web.site"
    label = "minping_site"
    verbose_name = _("Site")

    def ready(self) -> None:
        """Checks are known from the start."""
        from minping_web.site import checks

        checks.register()
