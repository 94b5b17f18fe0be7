"""The app's name, and what it offers when Django has loaded."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Shared mechanisms."""

    name = "minping_web.common"
    label = "common"
    verbose_name = "公共部件"
