"""The app 'choices': its name in Django and on pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChoicesConfig(AppConfig):
    """People and grids choose each other."""

    name = "minping_web.choices"
    label = "choices"
    verbose_name = _("Two-way choice")
