"""The app 'results': its name in Django and on pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResultsConfig(AppConfig):
    """Cards and comparison for those who are assessed and for their offices."""

    name = "minping_web.results"
    label = "results"
    verbose_name = _("Results")
