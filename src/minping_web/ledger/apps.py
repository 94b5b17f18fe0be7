"""The app's name, and what it offers when Django has loaded."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """The transparency log: what was sealed, for outsiders to check."""

    name = "minping_web.ledger"
    label = "ledger"
    verbose_name = _("Transparency log")

    def ready(self) -> None:
        """Make the two-person acts known."""
        from minping_web.common import approval
        from minping_web.ledger.services import witnesses

        for act in witnesses.acts():
            approval.register(act)
