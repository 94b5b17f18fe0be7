"""The app's name."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Community workers, positions, postings, certificates."""

    name = "minping_web.people"
    label = "people"
    verbose_name = "人员"
