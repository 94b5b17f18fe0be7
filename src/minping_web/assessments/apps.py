"""The app 'assessments': its name in Django and on pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    """Runs of the engine on sealed snapshots."""

    name = "minping_web.assessments"
    label = "assessments"
    verbose_name = _("Assessments")
