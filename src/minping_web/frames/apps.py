"""The app's name; makes its two-person acts and sealed columns known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FramesConfig(AppConfig):
    """Whom may be asked: households and units per area."""

    name = "minping_web.frames"
    label = "frames"
    verbose_name = _("Frames")

    def ready(self) -> None:
        """Register what other apps find by name."""
        from minping_web.common import approval
        from minping_web.frames.services import exclusions, exporting, sealed_contacts, sealing

        for act in (exclusions.act(), exporting.act(), sealing.act()):
            approval.register(act)
        sealed_contacts.register_tables()
