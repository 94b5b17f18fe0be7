"""The app 'appraisals': its name in Django and on pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppraisalsConfig(AppConfig):
    """Evidence beside ballots: marks of raters, facts with source, costs, verified complaints."""

    name = "minping_web.appraisals"
    label = "appraisals"
    verbose_name = _("Appraisals")
