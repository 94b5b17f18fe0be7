"""The app 'rewards': its name in Django and on pages."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.translation import gettext_lazy as _


class RewardsConfig(AppConfig):
    """What follows from results: pay, funds, honours, cards, renewal; signed by persons."""

    name = "minping_web.rewards"
    label = "rewards"
    verbose_name = _("Rewards")

    def ready(self) -> None:
        """A wrong list of payroll columns is told when the product starts, not on pay day; nightly work."""
        from minping_web.rewards import tasks  # noqa: F401  (registers itself)

        register(_columns_are_known)


def _columns_are_known(**_options: Any) -> list[CheckMessage]:
    from minping_web.rewards.rules.payroll import LayoutError, layout

    try:
        layout(settings.PAYROLL_COLUMNS)
    except LayoutError as error:
        return [Error(str(error), id="rewards.E001")]
    return []
