"""The app's name; makes its two-person acts known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoundsConfig(AppConfig):
    """Survey rounds: design, draw, invitations, accidents."""

    name = "minping_web.rounds"
    label = "rounds"
    verbose_name = _("Survey rounds")

    def ready(self) -> None:
        """Register what other apps find by name."""
        from minping_web.common import approval
        from minping_web.rounds.selectors import live  # noqa: F401  (registers the topic)
        from minping_web.rounds.services import acts, fixing, valuing

        for act in (fixing.act(), valuing.act(), acts.act()):
            approval.register(act)
