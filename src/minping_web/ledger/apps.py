"""The app's name, and what it offers when Django has loaded."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """The transparency log: what was sealed, for outsiders to check."""

    name = "minping_web.ledger"
    label = "ledger"
    verbose_name = _("Transparency log")
