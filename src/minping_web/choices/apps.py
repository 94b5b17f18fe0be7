"""The app 'choices': its name in Django and on pages, and its acts for two persons."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChoicesConfig(AppConfig):
    """People and grids choose each other."""

    name = "minping_web.choices"
    label = "choices"
    verbose_name = _("Two-way choice")

    def ready(self) -> None:
        """Register what other apps find by name."""
        from minping_web.choices.services import carrying, valuing
        from minping_web.common import approval

        for act in (carrying.act(), valuing.act()):
            approval.register(act)
