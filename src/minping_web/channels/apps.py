"""The app's name; makes its two-person acts and sealed columns known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    """Ways out and in: messages, letters, posters."""

    name = "minping_web.channels"
    label = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        """Register what other apps find by name."""
        from minping_web.channels.services import approving, numbers, providing, wording
        from minping_web.common import approval

        for act in (approving.act(), providing.act(), wording.act()):
            approval.register(act)
        numbers.register_tables()
