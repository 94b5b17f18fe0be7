"""The app's name."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background jobs in a leased table queue."""

    name = "minping_web.jobs"
    label = "jobs"
    verbose_name = "后台任务"
