"""The app's name; schemes are read from the library's folder, only frozen versions stand in the database."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchemesConfig(AppConfig):
    """Assessment rules as data: what the library offers, which versions this district froze."""

    name = "minping_web.schemes"
    label = "schemes"
    verbose_name = _("Schemes")
