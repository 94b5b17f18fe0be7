"""The app 'objections': its name in Django and on pages, its two-person act, its sealed table."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObjectionsConfig(AppConfig):
    """Cards are seen before they hold; who objects gets a decision with reasons."""

    name = "minping_web.objections"
    label = "objections"
    verbose_name = _("Preview and objection")

    def ready(self) -> None:
        """Register what other apps find by name."""
        from minping_web.common import approval
        from minping_web.objections.services import evidence, excluding

        approval.register(excluding.act())
        evidence.register_tables()
