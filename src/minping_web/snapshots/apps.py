"""The app's name, and the tables that it brings into a snapshot."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SnapshotsConfig(AppConfig):
    """Closed rounds as sealed files."""

    name = "minping_web.snapshots"
    label = "snapshots"
    verbose_name = _("Snapshots")

    def ready(self) -> None:
        """Bring the tables that this app knows, and its two-person acts."""
        from minping_web.common import approval
        from minping_web.snapshots.rules.sources import register_sources
        from minping_web.snapshots.selectors.tables import SOURCES
        from minping_web.snapshots.services import taking_over

        register_sources(SOURCES)
        for act in taking_over.acts():
            approval.register(act)
