"""The app's name, and what it offers when Django has loaded."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Settings, addresses, wiring, commands."""

    name = "minping_web.site"
    label = "minping_site"
    verbose_name = "站点"

    def ready(self) -> None:
        """Checks are known from the start."""
        from minping_web.site import checks

        checks.register()
