"""The app 'publications': its name in Django and on pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublicationsConfig(AppConfig):
    """What is published of a result, for whom, and how anybody checks it."""

    name = "minping_web.publications"
    label = "publications"
    verbose_name = _("Publication")

    def ready(self) -> None:
        """Bring earlier results into later snapshots; make the two-person act known."""
        from minping_web.common import approval
        from minping_web.publications.selectors.history import sources
        from minping_web.publications.services import ordering
        from minping_web.snapshots.rules.sources import register_sources

        register_sources(sources())
        approval.register(ordering.act())
