"""The app's name; questionnaires stand above schemes and below rounds, which freeze and ask them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InstrumentsConfig(AppConfig):
    """Questionnaires: items, answers, versions."""

    name = "minping_web.instruments"
    label = "instruments"
    verbose_name = _("Questionnaires")
