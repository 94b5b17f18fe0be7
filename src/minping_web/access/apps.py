"""The app's name."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Roles bound to areas and organisations."""

    name = "minping_web.access"
    label = "access"
    verbose_name = "权限"
