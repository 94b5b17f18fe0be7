"""The app's name."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Settings, addresses, wiring, commands."""

    name = "minping_web.site"
    label = "minping_site"
    verbose_name = "站点"
