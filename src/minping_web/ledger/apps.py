"""The app's name."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The transparency log: what was sealed, for outsiders to check."""

    name = "minping_web.ledger"
    label = "ledger"
    verbose_name = "透明日志"
