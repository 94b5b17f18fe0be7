"""The app's name."""

from django.apps import AppConfig


class FramesConfig(AppConfig):
    """Whom may be asked: households and units per area."""

    name = "minping_web.frames"
    label = "frames"
    verbose_name = "抽样框"
