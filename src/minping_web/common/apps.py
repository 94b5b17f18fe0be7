"""The app's name, and what it offers when Django has loaded."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    """Shared mechanisms."""

    name = "minping_web.common"
    label = "common"
    verbose_name = _("Shared parts")
