"""The app 'rewards': its name in Django and on pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RewardsConfig(AppConfig):
    """What follows from results: pay, funds, honours, cards, renewal; signed by persons."""

    name = "minping_web.rewards"
    label = "rewards"
    verbose_name = _("Rewards")
