"""The app's name."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Offices, departments, firms and their contracts."""

    name = "minping_web.organisations"
    label = "organisations"
    verbose_name = "机构"
