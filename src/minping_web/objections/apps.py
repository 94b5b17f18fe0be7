"""The app 'objections': its name in Django and on pages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObjectionsConfig(AppConfig):
    """Cards are seen before they hold; who objects gets a decision with reasons."""

    name = "minping_web.objections"
    label = "objections"
    verbose_name = _("Preview and objection")
